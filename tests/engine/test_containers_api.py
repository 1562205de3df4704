"""Containers on the real Engine."""

from __future__ import annotations

import threading
import uuid

import pytest

from dockerui.engine import Engine, errors
from dockerui.engine.api.exec import EXEC_CREATE
from tests.support.engine import IMAGE, MakeContainer
from tests.support.waiting import wait_until


def state(engine: Engine, id: str) -> str:
    return str(engine.container_inspect(id)["State"]["Status"])


def test_a_life_from_create_to_remove(engine: Engine, make_container: MakeContainer) -> None:
    name = f"life-{uuid.uuid4().hex[:8]}"
    id = make_container("sleep", "1000", name=name, start=False)
    assert state(engine, id) == "created"
    assert engine.container_start(id) is True
    assert engine.container_start(id) is False
    assert state(engine, name) == state(engine, f"/{name}") == state(engine, id[:12]) == "running"
    engine.container_pause(id)
    assert state(engine, id) == "paused"
    engine.container_unpause(id)
    engine.container_restart(id, t=0)
    assert state(engine, id) == "running"
    assert engine.container_stop(id, t=5) is True
    assert engine.container_stop(id, t=5) is False
    engine.container_remove(id, v=True)
    with pytest.raises(errors.NotFound):
        engine.container_inspect(id)


def test_states_that_do_not_allow_it_are_conflicts(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container("sleep", "1000")
    with pytest.raises(errors.Conflict):
        engine.container_remove(id)
    engine.container_pause(id)
    with pytest.raises(errors.Conflict):
        engine.container_pause(id)
    engine.container_remove(id, force=True)


def test_what_is_not_running_cannot_be_killed_or_looked_into(
    engine: Engine, make_container: MakeContainer
) -> None:
    id = make_container("true", start=False)
    for call in (engine.container_kill, engine.container_pause, engine.container_top):
        with pytest.raises(errors.Conflict):
            call(id)
    with pytest.raises(errors.Conflict):
        engine.container_resize(id, h=24, w=80)
    with pytest.raises(errors.ServerError):
        engine.container_unpause(id)


def test_kill_sends_the_signal_asked_for(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container(
        "sh", "-c", "trap 'exit 7' USR1; while :; do sleep 0.05; done", HostConfig={"Init": False}
    )
    with pytest.raises(errors.BadParameter):
        engine.container_kill(id, signal="SIGFOO")
    engine.container_kill(id, signal="USR1")
    assert engine.container_wait(id, timeout=20)["StatusCode"] == 7


def test_wait_returns_the_exit_code_and_times_out(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container("sh", "-c", "exit 3")
    assert engine.container_wait(id, timeout=20)["StatusCode"] == 3
    running = make_container("sleep", "1000")
    with pytest.raises(errors.EngineTimeout):
        engine.container_wait(running, timeout=0.2)


def test_wait_for_removal_answers_when_it_is_gone(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container("sleep", "1000")
    answers: list[int] = []
    waiting = threading.Thread(
        target=lambda: answers.append(
            engine.container_wait(id, condition="removed", timeout=20)["StatusCode"]
        )
    )
    waiting.start()
    engine.container_kill(id)
    engine.container_remove(id, force=True)
    waiting.join(20)
    assert answers in ([137], [])  # empty when the removal came before the wait did


def test_create_refuses_an_unknown_image_and_a_taken_name(
    engine: Engine, make_container: MakeContainer
) -> None:
    with pytest.raises(errors.NotFound):
        engine.container_create({"Image": "nosuch/image:1"})
    name = f"taken-{uuid.uuid4().hex[:8]}"
    make_container(name=name, start=False)
    with pytest.raises(errors.Conflict):
        engine.container_create({"Image": IMAGE}, name=name)


def test_a_command_that_cannot_run_is_told_at_start(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container("/no/such/program", start=False, HostConfig={"Init": False})
    with pytest.raises(errors.BadParameter, match="no such file"):
        engine.container_start(id)


def test_rename(engine: Engine, make_container: MakeContainer) -> None:
    id, other = make_container(start=False), make_container(start=False)
    name = f"renamed-{uuid.uuid4().hex[:8]}"
    engine.container_rename(id, name=name)
    assert engine.container_inspect(id)["Name"] == f"/{name}"
    with pytest.raises(errors.Conflict):
        engine.container_rename(other, name=name)


def test_update_changes_limits_while_it_runs(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container()
    body = {
        "Memory": 64 << 20,
        "MemorySwap": 64 << 20,
        "CpuShares": 512,
        "PidsLimit": 50,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
    }
    engine.container_update(id, body)
    host = engine.container_inspect(id)["HostConfig"]
    assert {key: host[key] for key in body} == body
    with pytest.raises(errors.BadParameter):
        engine.container_update(id, {"Memory": 1})


def test_list_filters(engine: Engine, make_container: MakeContainer, labels: dict[str, str]) -> None:
    running = make_container(name=f"one-{uuid.uuid4().hex[:8]}")
    exited = make_container("sh", "-c", "exit 4")
    engine.container_wait(exited, timeout=20)
    mine = {"label": [f"{key}={value}" for key, value in labels.items()]}

    def ids(**more: object) -> list[str]:
        return [c["Id"] for c in engine.container_list(all=True, filters={**mine, **more})]

    # Newer Engines answer a wait a moment before their list knows of the exit.
    wait_until(lambda: ids(exited=4) == [exited])
    assert ids() == [exited, running]
    assert ids(status="running") == ids(ancestor=IMAGE, status=["running", "paused"]) == [running]
    assert ids(before=exited) == [running]
    assert ids(since=running) == [exited]
    assert ids(name=engine.container_inspect(running)["Name"].lstrip("/")) == [running]
    assert ids(id=running[:20]) == [running]
    assert ids(network="none") == [exited, running]
    assert ids(health="none", **{"is-task": False}) == [exited, running]
    assert [c["Id"] for c in engine.container_list(filters=mine)] == [running]
    assert len(engine.container_list(limit=1)) == 1
    sized = engine.container_list(all=True, size=True, filters=mine)
    assert all("SizeRootFs" in c for c in sized)
    with pytest.raises(errors.BadParameter):
        ids(status="RUNNING")


def test_top_and_changes(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container("sh", "-c", "echo x >/tmp/new; rm -f /etc/passwd; sleep 1000")
    assert "PID" in engine.container_top(id)["Titles"]
    assert "PID" in engine.container_top(id, ps_args="-eo pid,comm")["Titles"]
    engine.exec_start_detached(engine.exec_create(id, {"Cmd": ["true"]}))
    kinds = {change["Path"]: change["Kind"] for change in engine.container_changes(id)}
    assert kinds.get("/tmp/new", 1) == 1
    fresh = make_container(start=False)
    assert engine.container_changes(fresh) == []


def test_what_is_at_a_path(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container(start=False)
    folder = engine.container_archive_info(id, path="/bin/")
    assert (folder.name, folder.is_dir, folder.is_link) == ("bin", True, False)
    program = engine.container_archive_info(id, path="bin/busybox")
    assert not program.is_dir
    assert program.size > 1000
    with pytest.raises(errors.NotFound):
        engine.container_archive_info(id, path="/no such")
    with pytest.raises(errors.InvalidArgument):
        engine.container_archive_info(id, path=None)  # type: ignore[arg-type]


def test_one_sample_of_stats(engine: Engine, make_container: MakeContainer) -> None:
    sample = engine.container_stats_once(make_container())
    assert sample["cpu_stats"]["cpu_usage"]["total_usage"] > 0
    assert engine.container_stats_once(make_container(start=False), one_shot=True)["read"].startswith("0001")


def test_commit_and_prune_answer(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container("true", start=False)
    name = f"commit-{uuid.uuid4().hex[:8]}"
    changes = ["ENV A=b", 'CMD ["echo", "x"]']
    made = engine.container_commit(
        id, repo=name, tag="1", comment="two\nlines", author="me <a@b>", changes=changes
    )
    try:
        image = engine.image_inspect(f"{name}:1")
        assert (image["Id"], image["Comment"], image["Author"]) == (made["Id"], "two\nlines", "me <a@b>")
        assert image["Config"]["Cmd"] == ["echo", "x"]
    finally:
        engine.image_remove(f"{name}:1")
    pruned = engine.container_prune(filters={"label": f"nobody={uuid.uuid4().hex}"})
    assert not pruned["ContainersDeleted"]


def test_exec(engine: Engine, make_container: MakeContainer) -> None:
    id = make_container()
    exec_id = engine.exec_create(
        id, {"Cmd": ["sh", "-c", "exit 5"], "Env": ["A=b"], "WorkingDir": "/tmp", "User": "0"}
    )
    assert engine.exec_inspect(exec_id)["ExitCode"] is None
    engine.exec_start_detached(exec_id)
    with pytest.raises((errors.Conflict, errors.ServerError)):
        engine.exec_start_detached(exec_id)
    with pytest.raises(errors.NotFound):
        engine.exec_inspect("0" * 64)
    with pytest.raises(errors.Conflict):
        engine.exec_create(make_container(start=False), {"Cmd": ["true"]})


def test_the_size_of_an_execs_terminal_needs_a_newer_engine(
    engine: Engine, make_container: MakeContainer
) -> None:
    id, body = make_container(), {"Cmd": ["true"], "Tty": True, "ConsoleSize": [24, 80]}
    if EXEC_CREATE.knows("ConsoleSize", engine.version):
        assert engine.exec_create(id, body)
        return
    with pytest.raises(errors.NotSupported):
        engine.exec_create(id, body)
