"""Images, volumes, networks and the Engine itself, on the real Engine."""

from __future__ import annotations

import uuid

import pytest

from dockerui.engine import Engine, errors
from tests.support.engine import IMAGE, MakeContainer


def unique(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def test_an_image_gets_a_second_name_and_loses_it(engine: Engine) -> None:
    name = f"registry.example:5000/team/{unique('app')}"
    engine.image_tag(IMAGE, repo=name, tag="1.0")
    assert engine.image_inspect(f"{name}:1.0")["Id"] == engine.image_inspect(IMAGE)["Id"]
    assert [i["RepoTags"] for i in engine.image_list(filters={"reference": f"{name}:*"})] != []
    assert len(engine.image_list(filter=name)) == 1
    assert engine.image_remove(f"{name}:1.0") == [{"Untagged": f"{name}:1.0"}]
    with pytest.raises(errors.NotFound):
        engine.image_inspect(f"{name}:1.0")


def test_history_and_digest_references(engine: Engine) -> None:
    assert engine.image_history(IMAGE)[0]["Id"] == engine.image_inspect(IMAGE)["Id"]
    with pytest.raises(errors.NotFound):
        engine.image_history("nosuch")
    with pytest.raises((errors.BadParameter, errors.NotFound, errors.ServerError)):
        engine.image_inspect("UPPER/Case")


def test_an_image_in_use_is_a_conflict(engine: Engine, make_container: MakeContainer) -> None:
    name = f"{unique('used')}:1"
    made = engine.container_commit(make_container(start=False), repo=name.split(":")[0], tag="1")
    user = make_container(start=False, Image=name)
    with pytest.raises(errors.Conflict):
        engine.image_remove(made["Id"])
    engine.container_remove(user)
    assert {"Untagged": name} in engine.image_remove(name)


def test_image_prune_answers(engine: Engine) -> None:
    pruned = engine.image_prune(filters={"label": f"nobody={uuid.uuid4().hex}", "dangling": True})
    assert not pruned["ImagesDeleted"]


def test_a_volume(engine: Engine, labels: dict[str, str], make_container: MakeContainer) -> None:
    name = unique("volume")
    made = engine.volume_create({"Name": name, "Driver": "local", "Labels": labels})
    assert (made["Name"], made["Labels"]) == (name, labels)
    assert engine.volume_create({"Name": name, "Labels": labels})["CreatedAt"] == made["CreatedAt"]
    assert engine.volume_inspect(name)["Driver"] == "local"
    found = engine.volume_list(filters={"name": name, "dangling": True, "driver": "local"})
    assert [v["Name"] for v in found["Volumes"]] == [name]
    assert engine.volume_list(filters={"name": unique("none")})["Volumes"] == []
    user = make_container(start=False, HostConfig={"Binds": [f"{name}:/data"]})
    with pytest.raises(errors.Conflict):
        engine.volume_remove(name)
    engine.container_remove(user)
    engine.volume_remove(name)
    with pytest.raises(errors.NotFound):
        engine.volume_remove(name)
    engine.volume_remove(name, force=True)


def test_volume_prune_answers(engine: Engine) -> None:
    assert engine.volume_prune(filters={"label": f"nobody={uuid.uuid4().hex}"})["SpaceReclaimed"] == 0


def test_a_network(engine: Engine, labels: dict[str, str], make_container: MakeContainer) -> None:
    name = unique("my net")
    id = engine.network_create(
        {"Name": name, "CheckDuplicate": True, "Internal": True, "Labels": labels, "Options": {}}
    )["Id"]
    assert engine.network_inspect(name)["Id"] == engine.network_inspect(id)["Id"] == id
    assert [
        n["Id"] for n in engine.network_list(filters={"id": id, "type": "custom", "driver": "bridge"})
    ] == [id]
    with pytest.raises(errors.Conflict):
        engine.network_create({"Name": name, "CheckDuplicate": True})
    container = make_container(HostConfig={"NetworkMode": "bridge"})
    engine.network_connect(id, container=container, endpoint_config={"Aliases": ["web"]})
    assert container in engine.network_inspect(id, verbose=True)["Containers"]
    with pytest.raises(errors.Forbidden):
        engine.network_connect(id, container=container)
    with pytest.raises(errors.Forbidden):
        engine.network_remove(id)
    engine.network_disconnect(id, container=container, force=True)
    engine.network_remove(id)
    with pytest.raises(errors.NotFound):
        engine.network_inspect(id)


def test_predefined_networks_stay(engine: Engine) -> None:
    with pytest.raises(errors.Forbidden):
        engine.network_remove("none")
    assert not engine.network_prune(filters={"label": f"nobody={uuid.uuid4().hex}"})["NetworksDeleted"]


def test_the_engine_itself(engine: Engine) -> None:
    engine.ping()
    assert engine.server.version == engine.system_version()["Version"]
    assert engine.system_ping()["Api-Version"] == str(engine.server.api)
    assert engine.system_info()["ServerVersion"] == engine.server.version
    assert "Volumes" in engine.system_df()
    assert engine.server.os == "linux"
    assert not engine.server.is_podman


def test_a_registry_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(errors.ServerError):
        engine.system_auth({"username": "u", "password": "p", "serveraddress": "localhost:1"})
