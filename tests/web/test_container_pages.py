"""A container's pages and actions, on the real Engine."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from dockerui.audit.models import AuditEntry
from dockerui.engine import Engine

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


def state(engine: Engine, container: str) -> dict[str, Any]:
    found: dict[str, Any] = engine.container_inspect(container)["State"]
    return found


def test_the_overview_says_in_words_what_the_container_is(
    admin_client: Client, make_container: MakeContainer
) -> None:
    container = make_container(
        "sleep",
        "1000",
        Env=["PASSWORD=hunter2"],
        ExposedPorts={"80/tcp": {}},
        HostConfig={"Memory": 64 << 20, "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
    )
    answer = admin_client.get(f"/containers/{container}/")
    assert answer.status_code == 200, answer.headers
    page = answer.content.decode()
    assert "64 MiB" in page
    assert "restarts when it fails, at most 3 times" in page
    assert "sleep 1000" in page
    assert "PASSWORD" in page
    assert "hunter2" not in page


def test_environment_values_are_shown_on_demand_and_that_is_recorded(
    admin_client: Client, make_container: MakeContainer
) -> None:
    container = make_container(Env=["PASSWORD=hunter2"])
    page = admin_client.post(f"/containers/{container}/reveal").content.decode()
    assert "hunter2" in page
    entries = AuditEntry.objects.filter(action="container.reveal", target=container)
    assert {"started", "done"} <= set(entries.values_list("outcome", flat=True))


def test_a_viewer_sees_no_value_and_may_not_reveal(
    viewer_client: Client, make_container: MakeContainer
) -> None:
    container = make_container(Env=["PASSWORD=hunter2"])
    assert viewer_client.post(f"/containers/{container}/reveal").status_code == 403
    for tab in ("", "inspect/"):
        assert "hunter2" not in viewer_client.get(f"/containers/{container}/{tab}").content.decode()


@pytest.mark.parametrize("tab", ["", "processes/", "changes/", "inspect/", "stats/", "header"])
def test_every_tab_opens(admin_client: Client, make_container: MakeContainer, tab: str) -> None:
    container = make_container()
    assert admin_client.get(f"/containers/{container}/{tab}").status_code == 200


def test_processes_come_with_the_columns_asked_for(
    admin_client: Client, make_container: MakeContainer
) -> None:
    container = make_container("sleep", "4321")
    page = admin_client.get(
        f"/containers/{container}/processes/", {"ps_args": "-o pid,args"}
    ).content.decode()
    assert "sleep 4321" in page
    assert "COMMAND" in page


def test_processes_of_a_stopped_container_say_so(admin_client: Client, make_container: MakeContainer) -> None:
    container = make_container(start=False)
    answer = admin_client.get(f"/containers/{container}/processes/")
    assert answer.status_code == 200
    assert "does not run" in answer.content.decode()


@pytest.mark.parametrize(
    ("ps_args", "why"), [("-ef; id", "ps arguments may hold"), ("--nonsense", "Ps: error")]
)
def test_what_ps_refuses_is_said_beside_its_arguments(
    admin_client: Client, make_container: MakeContainer, ps_args: str, why: str
) -> None:
    answer = admin_client.get(f"/containers/{make_container()}/processes/", {"ps_args": ps_args})
    page = answer.content.decode()
    assert answer.status_code in (400, 502)
    assert why in page.split('role="alert"')[1]
    assert f'value="{ps_args}"' in page


def test_changes_are_found_by_their_path(
    admin_client: Client, engine: Engine, make_container: MakeContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = make_container("sh", "-c", "touch /aaa /bbb \"$(printf '/c\\nc')\"")
    engine.container_wait(container)
    monkeypatch.setattr("dockerui.web.views.containers.CHANGES_SHOWN", 1)
    address = f"/containers/{container}/changes/"
    assert "more are not shown" in admin_client.get(address).content.decode()
    page = admin_client.get(address, {"q": "BB"}).content.decode()
    assert ">/bbb</a>" in page
    assert "/aaa" not in page
    assert ">/c\\nc</a>" in admin_client.get(address, {"q": "/c"}).content.decode()
    assert "No path matches" in admin_client.get(address, {"q": "zzz"}).content.decode()


def test_changes_name_the_files(admin_client: Client, engine: Engine, make_container: MakeContainer) -> None:
    container = make_container("sh", "-c", "echo x >/new && rm /bin/vi")
    engine.container_wait(container)
    page = admin_client.get(f"/containers/{container}/changes/").content.decode()
    assert "/new" in page
    assert "/bin/vi" in page
    assert "deleted" in page


def test_the_life_of_a_container(admin_client: Client, engine: Engine, make_container: MakeContainer) -> None:
    container = make_container(start=False)
    for action, status in (
        ("start", "running"),
        ("pause", "paused"),
        ("unpause", "running"),
        ("restart", "running"),
        ("stop", "exited"),
    ):
        answer = admin_client.post(
            f"/containers/{container}/{action}", {"t": "1"} if action in ("restart", "stop") else {}
        )
        assert answer.status_code == 302, answer.content
        assert state(engine, container)["Status"] == status
    admin_client.post(f"/containers/{container}/start", {"detach_keys": "ctrl-a"})
    admin_client.post(f"/containers/{container}/kill", {"signal": "kill"})
    engine.container_wait(container)
    assert state(engine, container)["ExitCode"] == 137
    name = f"renamed-{uuid.uuid4().hex[:8]}"
    admin_client.post(f"/containers/{container}/rename", {"name": name})
    assert engine.container_inspect(name)["Id"] == container
    assert admin_client.post(f"/containers/{name}/remove", {"v": "1"}).url == "/containers/"
    assert admin_client.get(f"/containers/{container}/").status_code == 404


def test_limits_change_while_it_runs(
    admin_client: Client, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container(HostConfig={"Memory": 64 << 20, "MemorySwap": -1})
    form = admin_client.get(
        f"/containers/{container}/update", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in form
    assert "<html" in admin_client.get(f"/containers/{container}/update").content.decode(), "opened by itself"
    assert 'value="64m"' in form
    answer = admin_client.post(
        f"/containers/{container}/update",
        {
            "Memory": "96m",
            "was-Memory": "64m",
            "MemorySwap": "192m",
            "was-MemorySwap": "unlimited",
            "CpuShares": "512",
            "was-CpuShares": "",
            "restart": "always",
            "was-restart": "no",
        },
    )
    assert answer.status_code == 302, answer.content
    host = engine.container_inspect(container)["HostConfig"]
    assert (host["Memory"], host["CpuShares"], host["RestartPolicy"]["Name"]) == (96 << 20, 512, "always")


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("stop", {"t": "-1"}),
        ("stop", {"t": "1000000000"}),
        ("stop", {"t": "soon"}),
        ("kill", {"signal": "SIGFOO"}),
        ("kill", {"signal": "0"}),
        ("kill", {"signal": "99"}),
        ("start", {"detach_keys": "ctrl-é"}),
        ("rename", {"name": "../x"}),
        ("update", {"Memory": "-5", "was-Memory": ""}),
        ("update", {"Memory": "1", "was-Memory": ""}),
        ("update", {}),
        ("update", {"PidsLimit": "-2", "was-PidsLimit": ""}),
    ],
)
def test_bad_input_is_refused_before_any_call(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, action: str, form: dict[str, str]
) -> None:
    def no_call(*args: Any, **options: Any) -> Any:
        raise AssertionError("the Engine was called")

    monkeypatch.setattr(Engine, "call", no_call)
    answer = admin_client.post(f"/containers/{'a' * 64}/{action}", form)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "ref", ["..%2finfo", "a%252fb", "abc%3Fforce=1", "x%00y", "a%0d%0ab", "n" * 300, "%e2%80%aeabc"]
)
def test_a_reference_that_cannot_be_one_makes_no_call(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, ref: str
) -> None:
    def no_call(*args: Any, **options: Any) -> Any:
        raise AssertionError("the Engine was called")

    monkeypatch.setattr(Engine, "call", no_call)
    assert admin_client.get(f"/containers/{ref}/").status_code in (400, 404)


def test_a_viewer_may_look_but_not_touch(
    viewer_client: Client, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container()
    assert viewer_client.get(f"/containers/{container}/").status_code == 200
    for action in (
        "start",
        "stop",
        "restart",
        "kill",
        "pause",
        "unpause",
        "rename",
        "update",
        "remove",
        "recreate",
    ):
        assert viewer_client.post(f"/containers/{container}/{action}").status_code == 403, action
    assert state(engine, container)["Running"]


def test_a_named_twin_of_a_short_id_is_not_mistaken(
    admin_client: Client, engine: Engine, make_container: MakeContainer
) -> None:
    victim = make_container()
    twin = make_container(name=victim[:12])
    admin_client.post(f"/containers/{victim}/stop", {"t": "1"})
    assert not state(engine, victim)["Running"]
    assert state(engine, twin)["Running"]
