"""Topic `logs` when the Engine stalls, is cut off, goes away, or sends nonsense."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable

import pytest

from tests.scripted_engine import Call, ScriptedEngine
from tests.ws.conftest import OpenTab
from tests.ws.log_tab import LogTab

ID = "c" * 64
RUNNING = {"Status": "running", "Running": True, "StartedAt": "2026-01-01T00:00:00Z"}


def inspected(**state: object) -> dict[str, object]:
    return {"Id": ID, "Name": "/web", "Config": {"Tty": False}, "State": {**RUNNING, **state}}


def frame(text: str, second: int = 0) -> bytes:
    payload = f"2026-01-01T00:00:{second:02}.000000000Z {text}\n".encode()
    return struct.pack(">BxxxI", 1, len(payload)) + payload


@pytest.fixture
def engine(on_scripted: ScriptedEngine, afterwards: list[Callable[[], Awaitable[None]]]) -> ScriptedEngine:
    """An Engine with one running container, whose events say nothing."""
    afterwards.append(on_scripted.stop)
    on_scripted.answers("GET", f"/containers/{ID}/json", inspected())

    @on_scripted.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.head()
        await call.wait_gone()

    return on_scripted


async def log(open_tab: OpenTab, **args: object) -> LogTab:
    tab = LogTab(await open_tab())
    await tab.open(ID, **args)
    return tab


async def test_an_engine_that_dies_is_told_and_can_be_waited_for(
    engine: ScriptedEngine, open_tab: OpenTab
) -> None:
    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one"))
        await call.wait_gone()

    tab = await log(open_tab, follow=True)
    assert await tab.lines(1) == ["one"]
    await engine.stop()
    assert (await tab.event("error"))["status"] in (502, 503)


async def test_a_followed_log_that_ends_by_itself_is_opened_again(
    engine: ScriptedEngine, open_tab: OpenTab
) -> None:
    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one")[:-5])
        call.writer.close()

    tab = await log(open_tab, follow=True)
    assert (await tab.event("end"))["reason"] == "again"


async def test_a_cut_log_is_not_taken_for_a_complete_one(engine: ScriptedEngine, open_tab: OpenTab) -> None:
    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one"))
        await call.wait_gone()

    tab = await log(open_tab)
    await tab.lines(1)
    await engine.stop()
    assert (await tab.event("error"))["status"] in (502, 503)


async def test_a_container_that_is_gone_meanwhile_is_told(engine: ScriptedEngine, open_tab: OpenTab) -> None:
    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one"))
        engine.answers("GET", f"/containers/{ID}/json", {"message": "no such container"}, 404)
        call.writer.close()

    assert (await (await log(open_tab, follow=True)).event("end"))["reason"] == "removed"


async def test_a_stalled_engine_is_waited_for(engine: ScriptedEngine, open_tab: OpenTab) -> None:
    go = asyncio.Event()

    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one")[:20])
        await go.wait()
        await call.send(frame("one")[20:] + frame("two", 1))
        await call.wait_gone()

    tab = await log(open_tab, follow=True)
    await tab.event("caught_up")
    assert tab.texts() == []
    go.set()
    assert await tab.lines(2) == ["one", "two"]


async def test_what_is_no_log_is_told(engine: ScriptedEngine, open_tab: OpenTab) -> None:
    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one") + b"garbage that is no frame")
        await call.wait_gone()

    tab = await log(open_tab, follow=True)
    assert (await tab.event("error"))["status"] == 502


async def test_what_is_no_log_is_passed_on_as_it_is_when_it_is_not_followed(
    engine: ScriptedEngine, open_tab: OpenTab
) -> None:
    """The browser finds out: looking inside would cost every line."""

    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=b"garbage")
        call.writer.close()

    tab = await log(open_tab)
    await tab.event("end")
    assert tab.raw == b"garbage"


async def test_closing_the_channel_closes_the_connection_to_the_engine(
    engine: ScriptedEngine, open_tab: OpenTab
) -> None:
    gone = asyncio.Event()

    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head(then=frame("one"))
        await call.wait_gone()
        gone.set()

    tab = await log(open_tab, follow=True)
    await tab.lines(1)
    await tab.tab.send("close", ch=1)
    async with asyncio.timeout(5):
        await gone.wait()


async def test_a_log_with_100_mb_in_one_line_passes_in_bounded_memory(
    engine: ScriptedEngine, open_tab: OpenTab
) -> None:
    piece = b"2026-01-01T00:00:00.000000000Z " + b"x" * 16384
    part = struct.pack(">BxxxI", 1, len(piece)) + piece
    parts = 400  # a hundredth: the rest is more of the same

    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        await call.head()
        for _ in range(parts):
            await call.send(part)

    tab = await log(open_tab)
    await tab.event("end")
    assert len(tab.raw) == parts * len(part)


async def test_a_time_is_found_by_looking_at_few_messages(engine: ScriptedEngine, open_tab: OpenTab) -> None:
    """A log of 59 messages, one a second; each look reads one of them."""
    monkey = pytest.MonkeyPatch()
    monkey.setattr("dockerui.services.log_seek.CLOSE_ENOUGH", 4)
    monkey.setattr("dockerui.services.log_seek.FIRST_TAIL", 5)

    @engine.on("GET", f"/containers/{ID}/logs")
    async def _(call: Call) -> None:
        tail = min(59, int(call.query.get("tail", 59)))
        await call.head(then=b"".join(frame(f"n{n}", n) for n in range(59 - tail, 59)))

    at = "1767225620"  # 2026-01-01T00:00:20Z
    tab = await log(open_tab, at=at, before=3)
    located = await tab.event("located")
    await tab.event("end")
    monkey.undo()
    first = int(tab.texts()[0][1:])
    assert 20 - 3 - 4 <= first <= 20 - 3
    assert located["tail"] == 59 - first
    assert len(engine.seen(f"/containers/{ID}/logs")) <= 10
