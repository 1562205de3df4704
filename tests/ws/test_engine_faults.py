"""Live pages while the Engine misbehaves in the middle of a stream: the page is told, recovers, and nothing
is left behind (which the fixture `open_tab` looks for). Logs have a file of their own: test_logs_faults.py.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dockerui.services import terminals
from tests.scripted_engine import Call, ScriptedEngine
from tests.ws.conftest import ADMIN, OpenTab, Tab
from tests.ws.terminal_tab import TerminalTab

ID = "d" * 64
MOST = 40 << 20  # bytes of an endless line that may be read before it is refused
Fault = Callable[[Call, bytes], Awaitable[None]]


async def cut(call: Call, part: bytes) -> None:
    """The connection drops in the middle of a document."""
    await call.send(part)
    call.cut()


async def ended(call: Call, part: bytes) -> None:
    """The Engine restarts in order: the stream ends between two documents."""


async def garbage(call: Call, part: bytes) -> None:
    """What comes is no JSON."""
    await call.send(b"<html>502 Bad Gateway</html>\n")
    await call.wait_gone()


async def endless(call: Call, part: bytes) -> None:
    """A line of 100 MB."""
    sent = 0
    try:
        for _ in range(1600):
            await call.send(b'"' + b"x" * 65535 if not sent else b"x" * 65536)
            sent += 65536
    except ConnectionError:
        assert sent < MOST
    else:
        pytest.fail("100 MB were read")


FAULTS = [cut, ended, garbage, endless]


def event(n: int) -> bytes:
    actor = {"ID": f"c{n}", "Attributes": {}}
    document = {"Type": "container", "Action": "start", "Actor": actor, "timeNano": time.time_ns()}
    return json.dumps(document).encode() + b"\n"


class Faulty:
    """A stream that begins well, fails in one way, and is all right when it is opened again."""

    def __init__(self, good: Callable[[int], bytes], fault: Fault) -> None:
        self.good, self.fault = good, fault
        self.opened: list[Call] = []

    async def __call__(self, call: Call) -> None:
        await call.head()
        if "until" in call.query:  # what was before: nothing
            return
        self.opened.append(call)
        if len(self.opened) == 1:
            await call.send(self.good(1))
            await self.fault(call, self.good(2)[:20])
            return
        await call.send(self.good(3))
        await call.wait_gone()


@pytest.fixture
def engine(on_scripted: ScriptedEngine, afterwards: list[Callable[[], Awaitable[None]]]) -> ScriptedEngine:
    """An Engine with one running container."""
    afterwards.append(on_scripted.stop)
    listed = {"Id": ID, "Names": ["/web"], "State": "running", "Image": "busybox:test"}
    on_scripted.answers("GET", "/containers/json", [listed])
    state = {"Status": "running", "Running": True}
    on_scripted.answers("GET", f"/containers/{ID}/json", {"Id": ID, "Name": "/web", "State": state})
    on_scripted.answers("GET", "/info", {"NCPU": 2, "MemTotal": 1 << 30})
    return on_scripted


async def seen(tab: Tab, wanted: Callable[[dict[str, Any]], bool], kinds: set[str]) -> None:
    """Read until a message is wanted; the kinds of all messages are collected."""
    while not wanted(message := await tab.next(15)):
        kinds.add(str(message["ev"]))


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_events_page_is_told_and_goes_on(
    engine: ScriptedEngine, open_tab: OpenTab, fault: Fault
) -> None:
    stream = Faulty(event, fault)
    engine.on("GET", "/events")(stream)
    tab, kinds = await open_tab(), set[str]()
    await tab.send("open", ch=1, topic="events", args={})
    await seen(tab, lambda m: m["ev"] == "events" and m["items"][-1]["id"] == "c3", kinds)
    assert "stale" in kinds or fault is ended  # an end in order is no fault: it is followed again at once
    assert len(stream.opened) == 2


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_list_is_told_and_is_right_again(
    engine: ScriptedEngine, open_tab: OpenTab, fault: Fault
) -> None:
    stream = Faulty(event, fault)
    engine.on("GET", "/events")(stream)
    tab = await open_tab()
    await tab.send("open", ch=1, topic="containers", args={"filters": {}})
    await tab.until("seen", 15)
    await engine.until(lambda: len(stream.opened) == 2, 15)
    # After a fault it does not trust what it knew.
    await engine.until(lambda: len(engine.seen("/containers/json")) >= 2, 15)


def sample(n: int) -> bytes:
    """One document of a stats stream, `n` seconds after the first."""
    usage = {"cpu_usage": {"total_usage": n * 10**9}, "system_cpu_usage": n * 2 * 10**9 + 1, "online_cpus": 2}
    document = {
        "read": f"2026-01-01T00:00:{n:02}.000000000Z",
        "cpu_stats": usage,
        "precpu_stats": {},
        "memory_stats": {"usage": 1000 + n, "limit": 4000},
        "pids_stats": {"current": 1},
    }
    return json.dumps(document).encode() + b"\n"


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_charts_go_on(engine: ScriptedEngine, open_tab: OpenTab, fault: Fault) -> None:
    engine.on("GET", f"/containers/{ID}/stats")(Faulty(sample, fault))

    @engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    tab = await open_tab()
    await tab.send("open", ch=1, topic="stats", args={"id": ID, "history": "10m"})
    await seen(tab, lambda m: m["ev"] == "sample" and m["memory"] == 1003, set())


async def exec_broken(call: Call) -> None:
    """A frame that ends before its length."""
    await call.send(struct.pack(">BxxxI", 1, 100) + b"half")
    call.cut()


async def exec_garbage(call: Call) -> None:
    """What no frame begins with, and then nothing."""
    await call.send(b"<html>garbage</html>")
    call.cut()


async def exec_cut(call: Call) -> None:
    """The Engine is killed."""
    call.cut()


@pytest.mark.parametrize("fault", [exec_broken, exec_garbage, exec_cut])
async def test_a_terminal_whose_engine_breaks_off_says_so_and_ends(
    engine: ScriptedEngine,
    open_tab: OpenTab,
    audited: list[dict[str, Any]],
    fault: Callable[[Call], Awaitable[None]],
) -> None:
    engine.answers("POST", f"/containers/{ID}/exec", {"Id": "e1"}, 201)
    engine.answers("GET", "/exec/e1/json", {"ID": "e1", "Running": True, "ExitCode": None, "Pid": 0})

    @engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    @engine.on("POST", "/exec/e1/start")
    async def start(call: Call) -> None:
        await call.head(101, {"Upgrade": "tcp", "Connection": "Upgrade"}, version="1.1")
        await call.send(struct.pack(">BxxxI", 1, 3) + b"hi\n")
        await fault(call)

    tab = TerminalTab(await open_tab(ADMIN))
    await tab.open(id=ID, cmd=["sh"], tty=False)
    assert (await tab.over())["message"]
    assert not terminals._open  # nor does it wait for a browser that comes back: there is nothing to see
