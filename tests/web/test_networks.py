"""Networks: list, picture, create, connect, disconnect, remove, on the real Engine."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from dockerui.access import Actor
from dockerui.engine import Engine, errors
from dockerui.services import networks, topology
from dockerui.services.network_join import join

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


@pytest.fixture
def name() -> str:
    return f"net-{uuid.uuid4().hex[:8]}"


def mark(labels: dict[str, str]) -> str:
    return "\n".join(f"{key}={value}" for key, value in labels.items())


def test_every_parameter_of_create_reaches_the_engine(
    admin_client: Client, engine: Engine, labels: dict[str, str], name: str
) -> None:
    answer = admin_client.post(
        "/networks/new",
        {
            "name": name,
            "driver": "bridge",
            "internal": "on",
            "labels": mark(labels),
            "options": "com.docker.network.driver.mtu=1400",
            "subnets": "10.177.41.0/24 10.177.41.1 10.177.41.128/25 router=10.177.41.2",
            "ipam_driver": "default",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    made = engine.network_inspect(name)
    assert made["Internal"]
    assert made["Options"] == {"com.docker.network.driver.mtu": "1400"}
    pool = made["IPAM"]["Config"][0]
    assert (pool["Subnet"], pool["Gateway"], pool["IPRange"]) == (
        "10.177.41.0/24",
        "10.177.41.1",
        "10.177.41.128/25",
    )
    assert pool["AuxiliaryAddresses"] == {"router": "10.177.41.2"}


def test_a_container_joins_with_alias_and_address_and_leaves(
    admin_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    network = engine.network_create(
        {"Name": name, "Labels": labels, "IPAM": {"Config": [{"Subnet": "10.177.42.0/24"}]}}
    )["Id"]
    container = make_container(HostConfig={"NetworkMode": "bridge"})
    answer = admin_client.post(
        f"/networks/{network}/connect",
        {"container": container, "aliases": "db, cache", "ipv4": "10.177.42.9"},
    )
    assert answer.status_code == 302, answer.content.decode()
    entry = engine.container_inspect(container)["NetworkSettings"]["Networks"][name]
    assert entry["IPAddress"] == "10.177.42.9"
    assert {"db", "cache"} <= set(entry["Aliases"])
    assert "10.177.42.9" in admin_client.get(f"/networks/{network}/").content.decode()
    admin_client.post(f"/networks/{network}/disconnect", {"container": container, "force": "on"})
    assert name not in engine.container_inspect(container)["NetworkSettings"]["Networks"]
    assert admin_client.post(f"/networks/{network}/remove").status_code == 302
    with pytest.raises(errors.NotFound):
        engine.network_inspect(network)


@pytest.mark.parametrize("running", [True, False])
def test_a_container_that_cannot_join_stays_as_it_was(
    admin_client: Client,
    engine: Engine,
    labels: dict[str, str],
    make_container: MakeContainer,
    name: str,
    running: bool,
) -> None:
    network = engine.network_create(
        {"Name": name, "Labels": labels, "IPAM": {"Config": [{"Subnet": "10.177.43.0/24"}]}}
    )["Id"]
    container = make_container(start=running, HostConfig={"NetworkMode": "bridge"})
    before = engine.container_inspect(container)["NetworkSettings"]["Networks"].keys()
    fields = {"container": container, "ipv4": "10.99.0.1"}
    answer = admin_client.post(f"/networks/{network}/connect", fields, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert "10.177.43.0/24" in answer.content.decode()
    assert engine.container_inspect(container)["NetworkSettings"]["Networks"].keys() == before


def test_what_the_engine_leaves_of_a_failed_join_is_taken_away(
    engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    pool = {"Subnet": "10.177.44.0/24", "Gateway": "10.177.44.1"}
    network = engine.network_create({"Name": name, "Labels": labels, "IPAM": {"Config": [pool]}})["Id"]
    container = make_container(HostConfig={"NetworkMode": "bridge"})
    taken = {"IPAMConfig": {"IPv4Address": "10.177.44.1"}}
    with pytest.raises(errors.ApiError):
        join(engine, network, container, taken)
    assert name not in engine.container_inspect(container)["NetworkSettings"]["Networks"]
    join(engine, network, container, {})
    with pytest.raises(errors.ApiError):
        join(engine, network, container, {})
    assert name in engine.container_inspect(container)["NetworkSettings"]["Networks"], "it was on it before"


def test_a_network_in_use_stays_and_says_why(
    admin_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    network = engine.network_create({"Name": name, "Labels": labels})["Id"]
    make_container(HostConfig={"NetworkMode": name})
    answer = admin_client.post(f"/networks/{network}/remove")
    assert answer.status_code == 403
    assert "active endpoints" in answer.content.decode()
    assert engine.network_inspect(network)["Name"] == name


@pytest.mark.parametrize(
    "query", [{"driver": "bridge"}, {"type": "builtin"}, {"name": "bridge"}, {"id": "0"}, {"view": "picture"}]
)
def test_the_list_opens_with_every_filter(viewer_client: Client, query: dict[str, str]) -> None:
    assert viewer_client.get("/networks/", query).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "../x"},
        {"name": ""},
        {"name": "a", "subnets": "300.0.0.0/24"},
        {"name": "a", "subnets": "10.0.0.1/24"},
        {"name": "a", "labels": "=x"},
    ],
)
def test_bad_input_makes_nothing(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str]
) -> None:
    monkeypatch.setattr(Engine, "call", lambda *args, **options: pytest.fail("the Engine was called"))
    assert admin_client.post("/networks/new", fields).status_code == 422


def test_filters_and_the_kind_of_view_are_kept(viewer_client: Client) -> None:
    page = viewer_client.get("/networks/", {"driver": "bridge"}).content.decode()
    assert "?driver=bridge&amp;view=picture" in page
    page = viewer_client.get("/networks/", {"driver": "bridge", "view": "picture"}).content.decode()
    assert 'href="?driver=bridge"' in page
    assert '<input type="hidden" name="view" value="picture">' in page


def test_the_picture_is_there_in_words_too(
    viewer_client: Client,
    engine: Engine,
    labels: dict[str, str],
    make_container: MakeContainer,
    name: str,
) -> None:
    engine.network_create({"Name": name, "Labels": labels, "Internal": True})
    inside = make_container(name=f"{name}-in", start=False, HostConfig={"NetworkMode": name})
    page = viewer_client.get("/networks/", {"view": "picture", "name": name}).content.decode()
    words = page.partition('<ul class="topo-list"')[2].partition("</ul>")[0]
    assert f"/containers/{inside}/" in words
    assert "internal" in words


def test_it_asks_before_it_disconnects_and_offers_who_could_join(
    admin_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    network = engine.network_create({"Name": name, "Labels": labels})["Id"]
    inside = make_container(name=f"{name}-in", HostConfig={"NetworkMode": name})
    outside = make_container(name=f"{name}-out")
    page = admin_client.get(f"/networks/{network}/").content.decode()
    assert f'<option value="{name}-out">' in page
    assert f'<option value="{name}-in">' not in page
    asked = admin_client.get(f"/networks/{network}/disconnect", {"container": inside}).content.decode()
    assert f"Disconnect {name}-in from {name}?" in asked
    assert 'name="force"' in asked
    answer = admin_client.get(f"/networks/{network}/disconnect", {"container": outside})
    assert answer.status_code == 400


def test_podmans_own_word_on_a_used_network_is_not_waited_for(
    admin_client: Client,
    engine: Engine,
    labels: dict[str, str],
    make_container: MakeContainer,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = engine.network_create({"Name": name, "Labels": labels})["Id"]
    make_container(name=f"{name}-in", HostConfig={"NetworkMode": name})
    podman = replace(engine.server, is_podman=True)
    monkeypatch.setattr(Engine, "server", podman)
    answer = admin_client.post(f"/networks/{network}/remove")
    assert answer.status_code == 400
    assert f"{name}-in" in answer.content.decode()


def test_an_unknown_filter_is_refused(viewer_client: Client) -> None:
    assert viewer_client.get("/networks/", {"colour": "blue"}).status_code == 400


def test_the_picture_joins_containers_and_networks(
    engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    network = engine.network_create({"Name": name, "Labels": labels})["Id"]
    container = make_container(HostConfig={"NetworkMode": name})
    picture = topology.draw(networks.network_list(Actor.system()))
    assert {network, container} <= {box.id for box in picture.boxes}
    assert any(name in line.title for line in picture.lines)
    assert all(0 <= box.y <= picture.height - 28 for box in picture.boxes)


def test_a_viewer_may_not_change_networks(viewer_client: Client, name: str) -> None:
    assert viewer_client.post("/networks/new", {"name": name}).status_code == 403
    for action in ("connect", "disconnect", "remove"):
        assert viewer_client.post(f"/networks/{name}/{action}").status_code == 403
