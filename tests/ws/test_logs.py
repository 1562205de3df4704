"""Topics `logs` and `logsources` on the real Engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerui.access import Actor
from dockerui.engine import Engine
from dockerui.engine.protocol.logline import split_line
from tests.support.engine import MakeContainer
from tests.ws.conftest import ADMIN, OpenTab
from tests.ws.log_tab import LogTab

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def counted(make_container: MakeContainer, engine: Engine) -> str:
    """A container that has printed 1 to 50, every fifth to stderr, and exited with 3."""
    script = (
        "i=1; while [ $i -le 50 ]; do"
        " if [ $((i % 5)) = 0 ]; then echo $i >&2; else echo $i; fi; i=$((i+1)); done; exit 3"
    )
    return ended(engine, make_container("sh", "-c", script))


def ended(engine: Engine, container: str) -> str:
    engine.container_wait(container)
    return container


async def log(open_tab: OpenTab, id: str, **args: Any) -> LogTab:
    tab = LogTab(await open_tab())
    await tab.open(id, **args)
    return tab


async def test_it_tells_about_the_container_before_the_first_line(open_tab: OpenTab, counted: str) -> None:
    tab = await log(open_tab, counted[:12], tail=3)
    opened = await tab.event("container")
    assert (opened["id"], opened["tty"], opened["state"], opened["driver"]) == (
        counted,
        False,
        "exited",
        "json-file",
    )
    assert tab.raw == b""
    assert len(await tab.lines(3)) == 3
    assert (await tab.event("end"))["reason"] == "complete"


async def test_frames_pass_with_their_times(open_tab: OpenTab, counted: str) -> None:
    tab = await log(open_tab, counted)
    lines = await tab.lines(50)
    assert [line for line in lines if line.startswith("2>")] == [f"2>{n}" for n in range(5, 51, 5)]
    assert split_line(tab.raw[8:])[0] is not None


@pytest.mark.parametrize(
    ("args", "count"),
    [
        ({"stderr": False}, 40),
        ({"stdout": False}, 10),
        ({"tail": 7}, 7),
        ({"tail": 1e12}, 50),
        ({"tail": 0}, 0),
    ],
)
async def test_it_sends_what_was_asked_for(
    open_tab: OpenTab, counted: str, args: dict[str, Any], count: int
) -> None:
    tab = await log(open_tab, counted, **args)
    await tab.event("end")
    assert len(tab.texts()) == count


async def test_details_are_the_attributes_that_the_log_driver_was_given(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine, labels: dict[str, str]
) -> None:
    options = {"labels": "role", "env": "ZONE"}
    container = make_container(
        "sh",
        "-c",
        "echo hello",
        Labels={**labels, "role": "web"},
        Env=["ZONE=north"],
        HostConfig={"LogConfig": {"Type": "json-file", "Config": options}},
    )
    tab = await log(open_tab, ended(engine, container), details=True)
    assert await tab.lines(1) == ["ZONE=north,role=web hello"]
    tab = await log(open_tab, container)
    assert await tab.lines(1) == ["hello"]


async def test_since_and_until_are_exact_to_the_nanosecond(open_tab: OpenTab, counted: str) -> None:
    # One of the two streams: they are written side by side, and Engines look at the first time in a row only.
    tab = await log(open_tab, counted, stderr=False)
    await tab.event("end")
    times = [time_of(line) for line in tab.raw.split(b"\n") if len(line) > 8]
    since, until = times[10], times[20]
    tab = await log(open_tab, counted, stderr=False, since=text_of(since), until=text_of(until))
    await tab.event("end")
    found = [time_of(line) for line in tab.raw.split(b"\n") if len(line) > 8]
    assert found == [time for time in times if since <= time <= until]


def time_of(line: bytes) -> int:
    found = split_line(line[8:])[0]
    assert found is not None
    return found


def text_of(time_ns: int) -> str:
    return f"{time_ns // 10**9}.{time_ns % 10**9:09}"


async def test_it_follows_and_says_when_the_past_is_over(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    id = make_container("sh", "-c", "trap 'echo live' USR1; echo past; while :; do sleep 0.05; done")
    tab = await log(open_tab, id, follow=True)
    await tab.lines(1)
    await tab.event("caught_up")
    assert tab.texts() == ["past"]
    engine.container_kill(id, signal="USR1")
    assert await tab.lines(2) == ["past", "live"]


async def test_it_tells_of_the_end_the_next_start_and_the_removal(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    id = make_container("sh", "-c", "echo up; sleep 1000")
    tab = await log(open_tab, id, follow=True)
    await tab.lines(1)
    engine.container_kill(id)
    stopped = await tab.event("stopped")
    assert (stopped["state"], stopped["exit_code"]) == ("exited", 137)
    engine.container_start(id)
    assert (await tab.event("end"))["reason"] == "started"
    await tab.open(id, follow=True)
    await tab.event("container")
    engine.container_kill(id)
    await tab.event("stopped")
    engine.container_remove(id)
    assert (await tab.event("end"))["reason"] == "removed"


async def test_a_restart_is_not_an_end(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    id = make_container("sh", "-c", "echo up; sleep 1000")
    tab = await log(open_tab, id, follow=True)
    await tab.lines(1)
    await asyncio.to_thread(engine.container_restart, id, t=0)
    assert (await tab.event("end"))["reason"] == "started"


async def test_it_knows_a_container_that_was_never_started(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    tab = await log(open_tab, make_container("true", start=False), follow=True)
    assert (await tab.event("stopped"))["state"] == "created"


async def test_a_driver_that_cannot_be_read_is_a_501(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    id = make_container("sleep", "1000", HostConfig={"LogConfig": {"Type": "none"}})
    error = await (await log(open_tab, id, follow=True)).event("error")
    assert error["status"] == 501
    assert "none" in error["message"] or "read" in error["message"]


async def test_a_terminal_has_no_frames(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    id = ended(engine, make_container("sh", "-c", "echo one; echo two >&2", tty=True))
    tab = await log(open_tab, id)
    assert (await tab.event("container"))["tty"] is True
    await tab.event("end")
    assert [split_line(line)[1] for line in tab.raw.split(b"\n")] == [b"one\r", b"two\r", b""]


async def test_it_begins_before_a_time(open_tab: OpenTab, counted: str) -> None:
    tab = await log(open_tab, counted)
    await tab.event("end")
    frames = [line for line in tab.raw.split(b"\n") if len(line) > 8]
    at = text_of(time_of(frames[30]))
    tab = await log(open_tab, counted, at=at, before=5)
    assert (await tab.event("located"))["tail"] >= 25
    await tab.event("end")
    assert {"49", "2>50"} <= set(tab.texts())  # the two streams are written side by side
    assert 25 <= len(tab.texts()) <= 50


@pytest.mark.parametrize(
    "args",
    [
        {"tail": -5},
        {"tail": "-5"},
        {"tail": 1.5},
        {"tail": True},
        {"tail": "many"},
        {"since": "yesterday"},
        {"since": "10m"},
        {"since": -1},
        {"since": 1e300},
        {"since": {"$gt": 0}},
        {"until": "2026-13-45T00:00:00Z"},
        {"since": "20", "until": "10"},
        {"stdout": False, "stderr": False},
        {"stdout": "yes"},
        {"follow": 1},
        {"at": "x"},
        {"before": -1},
        {"id": "../info"},
        {"id": "%2e%2e%2f"},
        {"id": "abc?force=1"},
        {"id": "a\0b"},
        {"id": 7},
        {"id": ""},
    ],
)
@pytest.mark.usefixtures("no_engine")
async def test_nonsense_is_a_400_without_an_engine_call(open_tab: OpenTab, args: dict[str, Any]) -> None:
    tab = LogTab(await open_tab())
    await tab.tab.send("open", ch=1, topic="logs", args={"id": "abc", **args})
    assert (await tab.event("error"))["status"] == 400


async def test_an_unknown_container_is_a_404(open_tab: OpenTab) -> None:
    error = await (await log(open_tab, "nothing-of-this-name")).event("error")
    assert error["status"] == 404


async def test_who_may_not_read_logs_gets_a_403(
    open_tab: OpenTab, actors: dict[str, Actor], counted: str
) -> None:
    nobody = Actor("user", 3, "nina", frozenset({"container.list"}), "key-nobody")
    actors["key-nobody"] = nobody
    tab = LogTab(await open_tab(nobody))
    await tab.open(counted)
    assert (await tab.event("error"))["status"] == 403


async def test_a_browser_that_does_not_read_is_sent_no_more_and_goes_on_when_it_does(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    flood = "yes 0123456789012345678901234567890123456789 | head -n 150000"
    id = make_container("sh", "-c", f"{flood}; echo over; sleep 1000")
    tab = await log(open_tab, id, follow=True, window=256 << 10)
    tab.acknowledge = False
    await tab.lines(1)  # a large piece may have to wait for what was sent before it
    while not await tab.tab.silent(0.3):
        await tab.step()
    assert len(tab.raw) <= 256 << 10
    tab.acknowledge = True
    await tab.tab.send("ack", ch=1, n=len(tab.raw))
    async with asyncio.timeout(60):
        while not tab.raw.endswith(b" over\n"):
            await tab.step()


async def test_a_projects_containers_and_those_that_join(
    open_tab: OpenTab, make_container: MakeContainer, labels: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockerui.services.live.LINGER", 0.0)
    project = "p" + labels["dockerui.test"][:8]
    marks = {"com.docker.compose.project": project, "com.docker.compose.service": "web"}
    first = make_container("sleep", "1000", Labels=marks)
    tab = LogTab(await open_tab(ADMIN))
    await tab.tab.send("open", ch=1, topic="logsources", args={"project": project})
    assert [item["id"] for item in (await tab.event("sources"))["items"]] == [first]
    second = make_container("sleep", "1000", Labels=marks)
    async with asyncio.timeout(10):
        while {item["id"] for item in (await tab.event("sources"))["items"]} != {first, second}:
            pass
    await tab.tab.send("close", ch=1)
    assert await tab.tab.silent()


@pytest.mark.parametrize("project", [None, "", "a b", "../x", 5, "x" * 300])
async def test_nonsense_is_no_project(open_tab: OpenTab, project: Any) -> None:
    tab = LogTab(await open_tab())
    await tab.tab.send("open", ch=1, topic="logsources", args={"project": project})
    assert (await tab.event("error"))["status"] == 400
