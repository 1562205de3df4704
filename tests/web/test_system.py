"""The Engine's own pages: facts, disk, clean-up, capabilities."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dockerui.access import Actor
from dockerui.engine import Engine
from dockerui.jobs.models import Job
from dockerui.services import disk, engines, system

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


@pytest.fixture
def unused(engine: Engine, labels: dict[str, str]) -> dict[str, str]:
    """A volume and a network that nobody uses."""
    name = f"unused-{uuid.uuid4().hex[:8]}"
    engine.volume_create({"Name": name, "Labels": labels})
    network = engine.network_create({"Name": name, "Labels": labels})
    return {"name": name, "network": network["Id"]}


def candidates(kind: str) -> dict[str, Any]:
    found = next(entry for entry in disk.usage(Actor.system()) if entry.kind == kind)
    return {candidate.id: candidate for candidate in found.candidates}


def test_the_overview_names_version_and_host(viewer_client: Client, engine: Engine) -> None:
    page = viewer_client.get("/system/").content.decode()
    assert engine.system_version()["Version"] in page
    assert engine.system_info()["Name"] in page


def test_the_overview_counts_the_images_that_the_list_shows(
    viewer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [{"Id": f"sha256:{digit * 64}", "RepoTags": None} for digit in "123"]
    monkeypatch.setattr(Engine, "image_list", lambda *args, **options: shown)
    assert system.overview(Actor.system()).images == 3, (
        "not the layers in between, as the Engine's own number"
    )


def test_the_capabilities_say_what_the_engine_lacks(viewer_client: Client, engine: Engine) -> None:
    can = system.capabilities(Actor.system())
    assert can.version == str(engine.version)
    lacks = {lack.what for _, params in can.params for lack in params}
    assert ("signal" in lacks) == (str(engine.version) < "1.42")
    assert viewer_client.get("/system/capabilities/").status_code == 200


def test_what_podman_does_otherwise_is_told(viewer_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ("Podman does otherwise" in viewer_client.get("/system/capabilities/").content.decode()) is (
        system.capabilities(Actor.system()).podman
    )
    podman = replace(engines.default().engine.server, is_podman=True)
    monkeypatch.setattr(Engine, "server", podman)
    page = viewer_client.get("/system/capabilities/").content.decode()
    assert "Podman does otherwise than Docker" in page
    assert "can do everything" not in page


@pytest.mark.parametrize(("ahead", "words"), [(90, "90 s ahead of"), (-90, "90 s behind"), (0, "in step")])
def test_clocks_that_differ_are_told(
    viewer_client: Client, monkeypatch: pytest.MonkeyPatch, ahead: int, words: str
) -> None:
    theirs = (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat().replace("+00:00", "123Z")
    info = Engine.system_info
    monkeypatch.setattr(Engine, "system_info", lambda engine: {**info(engine), "SystemTime": theirs})
    assert words in viewer_client.get("/system/").content.decode()


@pytest.mark.django_db
def test_it_lists_what_nobody_uses(unused: dict[str, str], make_container: MakeContainer) -> None:
    stopped, running = make_container(start=False), make_container()
    assert unused["name"] in candidates("volume")
    assert unused["network"] in candidates("network")
    assert stopped in candidates("container")
    assert running not in candidates("container")


@pytest.mark.django_db
def test_a_network_of_a_stopped_container_is_in_use(
    unused: dict[str, str], make_container: MakeContainer
) -> None:
    make_container(start=False, HostConfig={"NetworkMode": unused["name"]})
    assert unused["network"] not in candidates("network")


def test_the_page_names_every_candidate(admin_client: Client, unused: dict[str, str]) -> None:
    page = admin_client.get("/system/disk/").content.decode()
    assert f"volume:{unused['name']}" in page


@pytest.mark.parametrize("keys", [[], ["engine:x"], ["volume:"], ["volume"]])
def test_keys_that_were_not_listed_are_refused(admin_client: Client, keys: list[str]) -> None:
    assert admin_client.post("/system/disk/clean-up", {"key": keys}).status_code == 400
    assert not Job.objects.exists()


def test_a_viewer_may_not_clean_up(viewer_client: Client, unused: dict[str, str]) -> None:
    answer = viewer_client.post("/system/disk/clean-up", {"key": [f"volume:{unused['name']}"]})
    assert answer.status_code == 403
    assert not Job.objects.exists()


def test_a_clean_up_of_one_is_not_called_many(admin_client: Client, unused: dict[str, str]) -> None:
    admin_client.post("/system/disk/clean-up", {"key": f"network:{unused['network']}"})
    assert Job.objects.get().title == "Clean up 1 object"
