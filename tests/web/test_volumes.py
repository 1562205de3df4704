"""Volumes: list, create, use, remove, on the real Engine."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from dockerui.engine import Engine, errors

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


@pytest.fixture
def name() -> str:
    return f"vol-{uuid.uuid4().hex[:8]}"


def test_a_volume_is_made_with_options_and_labels(
    admin_client: Client, engine: Engine, labels: dict[str, str], name: str
) -> None:
    marks = "\n".join(f"{key}={value}" for key, value in labels.items())
    options = "type=tmpfs\ndevice=tmpfs\no=size=1m"
    answer = admin_client.post("/volumes/new", {"name": name, "options": options, "labels": marks})
    assert answer.status_code == 302, answer.content.decode()
    made = engine.volume_inspect(name)
    assert made["Options"] == {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    assert labels.items() <= made["Labels"].items()


def test_the_page_names_who_uses_it_and_a_used_volume_stays(
    admin_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    engine.volume_create({"Name": name, "Labels": labels})
    user = f"user-{uuid.uuid4().hex[:8]}"
    make_container(name=user, HostConfig={"Binds": [f"{name}:/data"]})
    assert user in admin_client.get(f"/volumes/{name}/").content.decode()
    script = admin_client.post(f"/volumes/{name}/remove", headers={"Accept": "application/json"})
    assert script.status_code == 409
    answer = admin_client.post(f"/volumes/{name}/remove", follow=True)
    assert answer.redirect_chain == [(f"/volumes/{name}/", 302)]
    assert f"in use by {user}; it stays" in answer.content.decode()
    assert user in answer.content.decode()
    assert engine.volume_inspect(name)["Name"] == name


def test_a_name_that_is_taken_is_refused(
    admin_client: Client, engine: Engine, labels: dict[str, str], name: str
) -> None:
    engine.volume_create({"Name": name, "Labels": labels})
    answer = admin_client.post("/volumes/new", {"name": name, "labels": "mine=1"})
    assert answer.status_code == 422
    assert "There is a volume of the name" in answer.content.decode()
    assert engine.volume_inspect(name)["Labels"] == labels


def test_sizes_are_measured_when_asked(
    viewer_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    engine.volume_create({"Name": name, "Labels": labels})
    container = make_container(
        "sh", "-c", "head -c 5000 /dev/zero > /data/x", HostConfig={"Binds": [f"{name}:/data"]}
    )
    engine.container_wait(container)
    assert "sort=-size" in viewer_client.get("/volumes/").content.decode()  # the link that measures
    page = viewer_client.get("/volumes/", {"sizes": "1", "name": name}).content.decode()
    if not engine.server.is_podman:
        assert "4.88 KiB" in page
    assert f"name={name}&amp;sort=-size" in page.replace("sizes=1&amp;", "")


def test_what_follows_changes_measures_nothing(
    viewer_client: Client,
    engine: Engine,
    labels: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    engine.volume_create({"Name": name, "Labels": labels})
    page = viewer_client.get(f"/volumes/{name}/").content.decode()
    assert 'data-url="?live=1"' in page
    monkeypatch.setattr(
        Engine, "system_df", lambda *args, **options: pytest.fail("all volumes were measured")
    )
    assert viewer_client.get(f"/volumes/{name}/?live=1").status_code == 200
    assert 'data-widget="live-region"' in viewer_client.get("/volumes/").content.decode()
    monkeypatch.undo()
    measured = viewer_client.get("/volumes/", {"sizes": "1"}).content.decode()
    assert 'data-widget="live-region"' not in measured
    assert "Measure again" in measured


def test_the_list_is_sorted(
    viewer_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, name: str
) -> None:
    for end in ("-a", "-b"):
        engine.volume_create({"Name": name + end, "Labels": labels})
    make_container(HostConfig={"Binds": [f"{name}-b:/data"]}, start=False)

    def order(by: str) -> list[str]:
        page = viewer_client.get("/volumes/", {"sort": by, "name": name}).content.decode()
        return re.findall(rf'<td class="grow"><a href="/volumes/{name}-([ab])/"', page)

    assert [order(by) for by in ("name", "-name", "-used", "nonsense")] == [
        ["a", "b"], ["b", "a"], ["b", "a"], ["a", "b"],
    ]  # fmt: skip


def test_an_unused_volume_is_removed(
    admin_client: Client, engine: Engine, labels: dict[str, str], name: str
) -> None:
    engine.volume_create({"Name": name, "Labels": labels})
    assert admin_client.post(f"/volumes/{name}/remove").status_code == 302
    with pytest.raises(errors.NotFound):
        engine.volume_inspect(name)


@pytest.mark.parametrize(
    "query", [{"dangling": "true"}, {"dangling": "false"}, {"driver": "local"}, {"name": "x"}, {}]
)
def test_the_list_opens_with_every_filter(viewer_client: Client, query: dict[str, str]) -> None:
    assert viewer_client.get("/volumes/", query).status_code == 200


@pytest.mark.parametrize("query", [{"dangling": "maybe"}, {"colour": "blue"}])
def test_a_filter_that_means_nothing_is_refused(
    viewer_client: Client, monkeypatch: pytest.MonkeyPatch, query: dict[str, str]
) -> None:
    monkeypatch.setattr(Engine, "call", lambda *args, **options: pytest.fail("the Engine was called"))
    assert viewer_client.get("/volumes/", query).status_code == 400


@pytest.mark.parametrize("fields", [{"name": "../x"}, {"name": "a b"}, {"name": "x", "options": "=y"}])
def test_bad_input_makes_nothing(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str]
) -> None:
    monkeypatch.setattr(Engine, "call", lambda *args, **options: pytest.fail("the Engine was called"))
    assert admin_client.post("/volumes/new", fields).status_code == 422


def test_a_viewer_may_not_change_volumes(viewer_client: Client, name: str) -> None:
    assert viewer_client.post("/volumes/new", {"name": name}).status_code == 403
    assert viewer_client.post(f"/volumes/{name}/remove").status_code == 403


def test_the_list_leads_to_the_sizes_and_the_clean_up(admin_client: Client) -> None:
    assert 'href="/system/disk/#du-volume"' in admin_client.get("/volumes/").content.decode()
    assert 'id="du-volume"' in admin_client.get("/system/disk/").content.decode()
