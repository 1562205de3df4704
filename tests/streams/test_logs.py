"""Log sources: paced by the viewer, resumed after every cut, ended only when the Engine says so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import NotFound, NotImplementedByEngine, ProtocolError
from dockerui.engine.protocol.logline import format_time, split_line
from dockerui.engine.protocol.stdcopy import StdcopyDecoder, encode
from dockerui.streams import (
    Cursor,
    EventFeed,
    Gap,
    Hub,
    LogChunk,
    LogCut,
    LogEnd,
    LogItem,
    LogOptions,
    LogSource,
    SharedLogs,
)
from tests.scripted_engine import Call, ScriptedEngine
from tests.support.engine import MakeContainer

BASE = 1_700_000_000 * 10**9
FOLLOW = LogOptions(follow=True)


class ScriptedLog:
    """A container's log on a scripted Engine: honours since and tail, and cuts where the test says."""

    def __init__(self, server: ScriptedEngine, *, tty: bool = False) -> None:
        self.records: list[tuple[int, bytes]] = []
        self.state: dict[str, Any] = {"Running": False, "Status": "exited", "ExitCode": 3}
        self.cuts: list[int | None] = []  # for each request: after how many bytes it is dropped
        self.requests: list[dict[str, str]] = []
        self.tty = tty
        server.on("GET", "/containers/c/logs")(self._logs)
        server.on("GET", "/containers/c/json")(self._inspect)

    def wire(self, time: int, text: bytes) -> bytes:
        stamped = format_time(time).encode() + b" " + text + b"\n"
        return stamped if self.tty else encode(1, stamped)

    async def _inspect(self, call: Call) -> None:
        await call.reply({"Id": "c", "Config": {"Tty": self.tty}, "State": self.state})

    async def _logs(self, call: Call) -> None:
        self.requests.append(call.query)
        tail, since = call.query.get("tail", "all"), call.query.get("since", "0")
        seconds, _, nanos = since.partition(".")
        since_ns = int(seconds) * 10**9 + int((nanos or "0").ljust(9, "0"))
        chosen = self.records if tail == "all" else self.records[-int(tail) :] if int(tail) else []
        data = b"".join(self.wire(time, text) for time, text in chosen if time >= since_ns)
        cut = self.cuts.pop(0) if self.cuts else None
        await call.head(headers={"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}, then=data[:cut])


async def collect(source: LogSource) -> list[LogItem]:
    async with asyncio.timeout(30), contextlib.aclosing(source.read()) as items:
        return [item async for item in items]


def data_of(items: list[LogItem]) -> bytes:
    return b"".join(item.data for item in items if isinstance(item, LogChunk))


def texts(data: bytes, *, tty: bool = False) -> list[bytes]:
    payloads = data.splitlines(True) if tty else [frame.payload for frame in StdcopyDecoder().feed(data)]
    return [split_line(payload)[1].rstrip(b"\r\n") for payload in payloads]


async def next_chunk(items: AsyncGenerator[LogItem, None]) -> bytes:
    async with asyncio.timeout(10):
        async for item in items:
            if isinstance(item, LogChunk):
                return item.data
    raise AssertionError("ended")


@pytest.mark.parametrize("tty", [False, True])
async def test_a_hundred_cuts_lose_and_double_nothing(scripted_engine: ScriptedEngine, tty: bool) -> None:
    log = ScriptedLog(scripted_engine, tty=tty)
    # Times repeat (long lines), and every request is cut a little later than the one before.
    log.records = [(BASE + n // 3, b"line %d" % n) for n in range(1500)]
    log.cuts = [n * 41 for n in range(2, 102)]
    scripted_engine.engine.timeout = 30
    source = LogSource(scripted_engine.aengine, "c", FOLLOW)
    states = iter([{"Running": True}] * 100)
    log.state = {"Running": True}

    async def inspect(call: Call) -> None:
        state = next(states, {"Running": False, "Status": "exited", "ExitCode": 3})
        await call.reply({"Config": {"Tty": tty}, "State": state})

    scripted_engine.on("GET", "/containers/c/json")(inspect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dockerui.streams.backoff.Backoff.delay", lambda self: 0.0)
        items = await collect(source)
    assert texts(data_of(items), tty=tty) == [b"line %d" % n for n in range(1500)]
    assert items[-1] == LogEnd("exited", 3)
    assert len(log.requests) > 60
    assert not [item for item in items if isinstance(item, Gap)]


async def test_an_end_in_the_middle_of_a_frame_is_a_cut_and_goes_on(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE + n, b"line %d" % n) for n in range(10)]
    log.cuts = [100]
    items = await collect(LogSource(scripted_engine.aengine, "c", FOLLOW))
    assert [type(item) for item in items] == [LogChunk, LogCut, LogChunk, LogEnd]
    assert texts(data_of(items)) == [b"line %d" % n for n in range(10)]


async def test_an_engine_that_goes_away_and_comes_back_goes_on(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE, b"before")]
    source = LogSource(scripted_engine.aengine, "c", FOLLOW)
    log.state = {"Running": True}
    async with contextlib.aclosing(source.read()) as items:
        assert texts(await next_chunk(items)) == [b"before"]
        await scripted_engine.stop()
        assert isinstance(await anext(items), LogCut)
        log.records.append((BASE + 1, b"after"))
        log.state = {"Running": False, "Status": "exited", "ExitCode": 137}
        await scripted_engine.start()
        assert texts(await next_chunk(items)) == [b"after"]
        assert await anext(items) == LogEnd("exited", 137)


async def test_a_resumed_stream_asks_for_a_short_tail_first_and_for_more_only_when_needed(
    scripted_engine: ScriptedEngine,
) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE + n, b"%d" % n) for n in range(3000)]
    near = await collect(LogSource(scripted_engine.aengine, "c", FOLLOW, cursor=Cursor(BASE + 2900, 1)))
    assert [request["tail"] for request in log.requests] == ["1000"]
    assert texts(data_of(near)) == [b"%d" % n for n in range(2901, 3000)]
    log.requests.clear()
    far = await collect(LogSource(scripted_engine.aengine, "c", FOLLOW, cursor=Cursor(BASE + 9, 1)))
    assert [request.get("tail") for request in log.requests] == ["1000", "50000"]
    assert texts(data_of(far)) == [b"%d" % n for n in range(10, 3000)]
    assert not [item for item in [*near, *far] if isinstance(item, Gap)]


async def test_a_log_that_was_rotated_meanwhile_shows_a_gap(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE + 50, b"later")]
    items = await collect(LogSource(scripted_engine.aengine, "c", FOLLOW, cursor=Cursor(BASE, 1)))
    assert items[0] == Gap(0, BASE, BASE + 50)
    assert texts(data_of(items)) == [b"later"]


async def test_following_from_now_loses_nothing_when_cut_before_the_first_line(
    scripted_engine: ScriptedEngine,
) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE - 10**10, b"old")]
    log.state = {"Running": True}
    asked = 0

    async def inspect(call: Call) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:  # after the first stream ended: a line was written meanwhile, and the container exited
            log.records.append((BASE + 1, b"new"))
        await call.reply({"Config": {}, "State": {"Running": asked < 3, "Status": "exited", "ExitCode": 0}})

    scripted_engine.on("GET", "/containers/c/json")(inspect)
    items = await collect(LogSource(scripted_engine.aengine, "c", LogOptions(tail=0)))
    assert texts(data_of(items)) == [b"new"]


async def test_what_ends_is_told_in_the_words_of_the_engine(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    assert await collect(LogSource(scripted_engine.aengine, "c", LogOptions(follow=False))) == [
        LogEnd("complete")
    ]
    log.state = {"Running": False, "Status": "created", "ExitCode": 0}
    assert await collect(LogSource(scripted_engine.aengine, "c", FOLLOW)) == [LogEnd("created", 0)]


async def test_a_container_removed_while_it_is_followed(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE, b"last words")]

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        scripted_engine.answers("GET", "/containers/c/json", {"message": "gone"}, 404)
        await call.head(then=log.wire(*log.records[0]))

    items = await collect(LogSource(scripted_engine.aengine, "c", FOLLOW))
    assert items[-1] == LogEnd("removed")


async def test_errors_that_will_not_pass_are_raised(scripted_engine: ScriptedEngine) -> None:
    with pytest.raises(NotFound):
        await collect(LogSource(scripted_engine.aengine, "c", FOLLOW))
    ScriptedLog(scripted_engine)
    scripted_engine.answers("GET", "/containers/c/logs", {"message": "driver none"}, 501)
    with pytest.raises(NotImplementedByEngine):
        await collect(LogSource(scripted_engine.aengine, "c", FOLLOW))

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head(then=b"this is not a multiplexed stream")

    with pytest.raises(ProtocolError, match="frame header"):
        await collect(LogSource(scripted_engine.aengine, "c", FOLLOW))


async def test_a_viewer_that_does_not_take_makes_the_engine_wait(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    sent = 0
    stalled = asyncio.Event()

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        nonlocal sent
        await call.head()
        for n in range(400):
            call.writer.write(log.wire(BASE + n, b"x" * 60000))
            sent += 1
            try:
                await asyncio.wait_for(call.writer.drain(), 0.05)
            except TimeoutError:
                stalled.set()
                await call.writer.drain()

    source = LogSource(scripted_engine.aengine, "c", LogOptions(follow=False))
    async with contextlib.aclosing(source.read()) as items:
        first = await next_chunk(items)
        await asyncio.wait_for(stalled.wait(), 10)
        assert sent < 60
        rest = data_of([item async for item in items])
    assert len(texts(first + rest)) == 400


async def test_shared_viewers_cost_one_stream_and_a_slow_one_gets_a_gap(
    scripted_engine: ScriptedEngine,
) -> None:
    log = ScriptedLog(scripted_engine)
    log.state = {"Running": True}
    go = asyncio.Event()

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head(then=log.wire(BASE, b"first"))
        await go.wait()
        for n in range(1, 200):
            await call.send(log.wire(BASE + n, b"x" * 10000))
        await call.wait_gone()

    hub = Hub()
    shared = SharedLogs(scripted_engine.aengine, hub, queue=100_000)
    slow, fast = shared.follow("c"), shared.follow("c")
    await anext(slow)
    seen = 0
    async with asyncio.timeout(20):
        while seen < 200:
            item = await anext(fast)
            go.set()
            assert isinstance(item, LogChunk)
            seen += item.count
        gap, *rest = await slow.batch()
    assert isinstance(gap, Gap)
    kept = sum(item.count for item in rest if isinstance(item, LogChunk))
    assert gap.count + kept == 199
    assert (gap.first, gap.last) == (BASE + 1, BASE + gap.count)
    late = shared.follow("c")
    assert isinstance(await anext(late), LogChunk)
    assert len(scripted_engine.seen("/containers/c/logs")) == 1
    await hub.aclose()


@pytest.mark.parametrize("tty", [False, True])
async def test_long_lines_of_a_real_container_resume_at_any_record(
    aengine: AsyncEngine, make_container: MakeContainer, tty: bool
) -> None:
    script = "for n in 1 2 3; do head -c 50000 /dev/zero | tr '\\0' $n; echo; echo short $n; done"
    container = make_container("sh", "-c", script, tty=tty)
    await aengine.container_wait(container)
    history = LogOptions(follow=False)
    whole = data_of(await collect(LogSource(aengine, container, history)))
    payloads = whole.splitlines(True) if tty else [f.payload for f in StdcopyDecoder().feed(whole)]
    assert len(payloads) >= (6 if tty else 15)  # Podman cuts long lines smaller
    position = 0
    wires = payloads if tty else [encode(1, payload) for payload in payloads]
    seen: dict[int, int] = {}
    for wire, payload in zip(wires, payloads, strict=True):
        time = split_line(payload)[0]
        assert time is not None
        seen[time] = seen.get(time, 0) + 1
        position += len(wire)
        source = LogSource(aengine, container, history, cursor=Cursor(time, seen[time]))
        assert data_of(await collect(source)) == whole[position:]


async def test_a_real_container_is_followed_through_its_restart(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "echo up; exec sleep 1000")
    source = LogSource(aengine, container, FOLLOW)
    async with contextlib.aclosing(source.read()) as items:
        assert texts(await next_chunk(items)) == [b"up"]
        await asyncio.to_thread(engine.container_restart, container, t=0)
        assert texts(await next_chunk(items)) == [b"up"]
        await asyncio.to_thread(engine.container_remove, container, force=True)
        async with asyncio.timeout(10):
            last = [item async for item in items][-1]
        assert isinstance(last, LogEnd)


async def test_a_followed_log_goes_on_when_its_container_is_started_again(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "echo run; exit 4")
    hub = Hub()
    source = LogSource(aengine, container, FOLLOW, events=EventFeed(aengine, hub))
    async with contextlib.aclosing(source.read()) as items, asyncio.timeout(20):
        assert texts(await next_chunk(items)) == [b"run"]
        assert await anext(items) == LogEnd("exited", 4)
        waiting = asyncio.ensure_future(anext(items))
        await asyncio.sleep(0)
        await asyncio.to_thread(engine.container_start, container)
        again = await waiting
        assert isinstance(again, LogChunk)
        assert texts(again.data) == [b"run"]
        assert await anext(items) == LogEnd("exited", 4)
        await asyncio.to_thread(engine.container_remove, container)
        assert [item async for item in items] == [LogEnd("removed")]
    await hub.aclose()


async def test_a_start_between_the_end_and_the_look_is_not_missed(scripted_engine: ScriptedEngine) -> None:
    log = ScriptedLog(scripted_engine)
    log.records = [(BASE, b"one")]

    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        # It ran and ended again before the feed was there: no event will tell.
        log.records.append((BASE + 1, b"two"))
        log.state = {"Running": True}
        await call.head()
        await call.wait_gone()

    hub = Hub()
    source = LogSource(scripted_engine.aengine, "c", FOLLOW, events=EventFeed(scripted_engine.aengine, hub))
    async with contextlib.aclosing(source.read()) as items:
        assert texts(await next_chunk(items)) == [b"one"]
        assert isinstance(await anext(items), LogEnd)
        assert texts(await next_chunk(items)) == [b"two"]
    await hub.aclose()
