"""Compose projects by their labels, on the real Engine."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from dockerui.engine import Engine, errors
from dockerui.services import containers_bulk

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


@pytest.fixture
def project() -> str:
    return f"proj{uuid.uuid4().hex[:8]}"


def member(make_container: MakeContainer, project: str, service: str, **options: object) -> str:
    marks = {"com.docker.compose.project": project, "com.docker.compose.service": service}
    return make_container(name=f"{project}-{service}-1", Labels=marks, **options)


def test_a_project_shows_its_containers_networks_and_volumes(
    viewer_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer, project: str
) -> None:
    marks = {**labels, "com.docker.compose.project": project}
    engine.network_create({"Name": f"{project}_default", "Labels": marks})
    engine.volume_create({"Name": f"{project}_data", "Labels": marks})
    member(make_container, project, "web")
    member(make_container, project, "db", start=False)
    assert project in viewer_client.get("/projects/").content.decode()
    page = viewer_client.get(f"/projects/{project}/").content.decode()
    for name in (f"{project}-web-1", f"{project}-db-1", f"{project}_default", f"{project}_data"):
        assert name in page


@pytest.mark.django_db(transaction=True)
def test_one_click_acts_on_all(
    admin_client: Client,
    engine: Engine,
    make_container: MakeContainer,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The tests' database lives in memory, where a second writer does not wait but fails.
    monkeypatch.setattr(containers_bulk, "AT_ONCE", 1)
    members = [member(make_container, project, service, start=False) for service in ("web", "db")]
    stranger = make_container(start=False)
    admin_client.post(f"/projects/{project}/start")
    assert all(engine.container_inspect(container)["State"]["Running"] for container in members)
    assert not engine.container_inspect(stranger)["State"]["Running"]
    admin_client.post(f"/projects/{project}/remove", {"force": "1"})
    assert viewer_sees_nothing(admin_client, project)


@pytest.mark.django_db(transaction=True)
def test_networks_and_volumes_go_only_when_ticked(
    admin_client: Client,
    engine: Engine,
    labels: dict[str, str],
    make_container: MakeContainer,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(containers_bulk, "AT_ONCE", 1)
    marks = {**labels, "com.docker.compose.project": project}
    network = engine.network_create({"Name": f"{project}_default", "Labels": marks})["Id"]
    engine.volume_create({"Name": f"{project}_data", "Labels": marks})
    member(make_container, project, "web", HostConfig={"Binds": [f"{project}_data:/data"]})
    admin_client.post(f"/projects/{project}/remove", {"force": "1"})
    assert engine.network_inspect(network)["Name"] == f"{project}_default"
    member(make_container, project, "web", HostConfig={"Binds": [f"{project}_data:/data"]})
    admin_client.post(f"/projects/{project}/remove", {"force": "1", "networks": "1", "volumes": "1"})
    with pytest.raises(errors.NotFound):
        engine.network_inspect(network)
    with pytest.raises(errors.NotFound):
        engine.volume_inspect(f"{project}_data")


@pytest.mark.django_db(transaction=True)
def test_volumes_stay_while_a_container_does(
    admin_client: Client,
    engine: Engine,
    labels: dict[str, str],
    make_container: MakeContainer,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(containers_bulk, "AT_ONCE", 1)
    engine.volume_create(
        {"Name": f"{project}_data", "Labels": {**labels, "com.docker.compose.project": project}}
    )
    member(make_container, project, "web")
    page = admin_client.post(f"/projects/{project}/remove", {"volumes": "1"}, follow=True).content.decode()
    assert f"{project}-web-1" in page  # it runs, and was not to be killed
    assert engine.volume_inspect(f"{project}_data")["Name"] == f"{project}_data"


def test_the_page_names_what_would_go_and_its_label_is_no_filter(
    admin_client: Client, make_container: MakeContainer, project: str
) -> None:
    member(make_container, project, "web")
    page = admin_client.get(f"/projects/{project}/").content.decode()
    assert f"<li>{project}-web-1</li>" in page
    assert "Filters in use" not in page
    assert "Filters in use" in admin_client.get(f"/projects/{project}/?status=exited").content.decode()


def viewer_sees_nothing(client: Client, project: str) -> bool:
    return client.post(f"/projects/{project}/start").status_code == 404


def test_a_viewer_may_not_act(viewer_client: Client, make_container: MakeContainer, project: str) -> None:
    member(make_container, project, "web")
    assert viewer_client.post(f"/projects/{project}/stop").status_code == 403


@pytest.mark.parametrize("name", ["..%2fx", "A B", "%00", "x" * 300])
def test_a_name_that_cannot_be_one_is_refused(viewer_client: Client, name: str) -> None:
    assert viewer_client.get(f"/projects/{name}/").status_code in (400, 404)
