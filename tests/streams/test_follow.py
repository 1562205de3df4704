"""A followed log is read once, and nothing of it is lost or doubled by sharing it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator

import pytest

from dockerui.engine.errors import EngineUnavailable
from dockerui.streams import Gap, Hub
from dockerui.streams.follow import FollowedLogs, LogReader
from dockerui.streams.messages import LogPiece
from tests.streams.followed import Log, Viewer, line, until


@pytest.fixture
async def hub() -> AsyncGenerator[Hub, None]:
    made = Hub()
    yield made
    await made.aclose()


@pytest.fixture
def logs(hub: Hub) -> FollowedLogs:
    return FollowedLogs(hub, linger=0.0)


async def test_any_number_of_viewers_cost_one_stream(logs: FollowedLogs) -> None:
    log = Log()
    log.write(*range(100))
    viewers = [Viewer(logs, log, tail) for tail in (1, 5, 100)]
    for viewer in viewers:
        await viewer.until_present()
    await until(lambda: len(log.open) == 1)
    log.write(100)
    for viewer, tail in zip(viewers, (1, 5, 100), strict=True):
        await viewer.until_line(100)
        assert viewer.data == b"".join(line(n) for n in range(100 - tail, 101))
    assert (log.opened, len(log.open), len(logs)) == (3, 1, 1)
    for viewer in viewers:
        await viewer.leave()
    await until(lambda: not log.open)
    assert len(logs) == 0


async def test_who_comes_while_much_is_written_misses_nothing(logs: FollowedLogs) -> None:
    log = Log()
    log.write(*range(2_000))
    numbers = itertools.count(2_000)
    viewers: list[tuple[int, Viewer]] = []
    for round in range(60):
        log.write(*itertools.islice(numbers, 97))
        if round % 3 == 0:
            tail = 1 + 131 * round
            viewers.append((max(0, len(log.lines) - tail), Viewer(logs, log, tail)))
        await asyncio.sleep(0)
    last = next(numbers)
    log.write(last)
    for first, viewer in viewers:
        await viewer.until_line(last)
        assert viewer.data == b"".join(log.lines[first:])
        assert not [item for item in viewer.items if isinstance(item, Gap)]
    log.write(last + 1)
    for _, viewer in viewers:
        await viewer.until_line(last + 1)
    await until(lambda: len(log.open) == 1)
    for _, viewer in viewers:
        await viewer.leave()


async def test_an_empty_log_is_shared_from_its_first_line_on(logs: FollowedLogs) -> None:
    log = Log()
    first, second = Viewer(logs, log), Viewer(logs, log)
    await first.until_present()
    await second.until_present()
    for n in range(3):
        log.write(n)
        await first.until_line(n)
        await second.until_line(n)
    assert first.data == second.data == b"".join(map(line, range(3)))
    await until(lambda: len(log.open) == 1)
    await first.leave()
    await second.leave()


async def test_a_time_of_the_present_ends_the_past_of_a_log_that_never_rests(logs: FollowedLogs) -> None:
    log = Log()
    log.write(*range(10))
    viewer = Viewer(logs, log, present_ns=5 * 10**9)
    await viewer.until_present()
    assert len(logs) == 1
    await viewer.leave()


async def test_nobody_waits_for_a_slow_viewer_and_it_is_told_what_it_missed(
    logs: FollowedLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"QUEUE": 16_384, "SMALLEST_QUEUE": 16_384, "LARGEST": 1}.items():
        monkeypatch.setattr(f"dockerui.streams.follow.{name}", value)
    log = Log()
    log.write(0)
    slow, fast = Viewer(logs, log), Viewer(logs, log)
    await slow.until_present()
    await fast.until_present()
    await until(lambda: len(log.open) == 1)
    slow.gate.clear()
    for n in range(1, 2_001, 40):
        log.write(*range(n, n + 40))
        await fast.until_line(n + 39)
    slow.gate.set()
    await slow.until_line(2_000)
    assert fast.data == b"".join(map(line, range(2_001)))
    gaps = [item for item in slow.items if isinstance(item, Gap)]
    assert len(gaps) == 1
    missing = [n for n in range(2_001) if line(n) not in slow.data]
    assert gaps[0].count == len(missing) > 1_000
    assert missing == list(range(missing[0], missing[-1] + 1))
    assert gaps[0].first == missing[0] * 10**9 + missing[0]
    assert gaps[0].last % 10**9 == missing[-1]
    for viewer in (slow, fast):
        await viewer.leave()


async def test_the_past_waits_for_a_slow_viewer(logs: FollowedLogs) -> None:
    log = Log()
    log.write(*range(50_000), text="x" * 100)
    slow, fast = Viewer(logs, log, 50_000), Viewer(logs, log, 50_000)
    slow.gate.clear()
    await fast.until_present()
    log.write(50_000)
    await fast.until_line(50_000)
    slow.gate.set()
    await slow.until_line(50_000)
    assert slow.data == fast.data == b"".join(log.lines)
    for viewer in (slow, fast):
        await viewer.leave()


async def test_all_learn_of_the_end(logs: FollowedLogs) -> None:
    log = Log()
    log.write(1)
    viewers = [Viewer(logs, log) for _ in range(3)]
    for viewer in viewers:
        await viewer.until_present()
    await until(lambda: len(log.open) == 1)
    log.write(2)
    log.end()
    async with asyncio.timeout(5):
        await asyncio.gather(*(viewer.task for viewer in viewers))
    assert {viewer.data for viewer in viewers} == {line(1) + line(2)}
    assert (len(log.open), len(logs)) == (0, 0)


async def test_all_learn_of_a_failure(logs: FollowedLogs) -> None:
    log = Log()
    log.write(1)
    viewers = [Viewer(logs, log) for _ in range(3)]
    for viewer in viewers:
        await viewer.until_present()
    log.end(EngineUnavailable("gone"))
    async with asyncio.timeout(5):
        await asyncio.gather(*(viewer.task for viewer in viewers))
    assert all(isinstance(viewer.error, EngineUnavailable) for viewer in viewers)
    assert (len(log.open), len(logs)) == (0, 0)


async def test_the_first_may_leave(logs: FollowedLogs) -> None:
    log = Log()
    log.write(1)
    first, second = Viewer(logs, log), Viewer(logs, log)
    await second.until_present()
    await until(lambda: len(log.open) == 1)
    await first.leave()
    log.write(2)
    await second.until_line(2)
    await second.leave()


async def test_a_viewer_that_leaves_in_the_past_closes_its_stream(logs: FollowedLogs) -> None:
    log = Log()
    log.write(*range(50_000))
    viewer = Viewer(logs, log, 50_000)
    viewer.gate.clear()
    await viewer.until(lambda: viewer.items)
    await viewer.leave()
    assert not log.open


async def test_a_log_that_is_closed_before_it_was_read_lets_go_of_its_stream(
    hub: Hub, logs: FollowedLogs
) -> None:
    log = Log()
    logs.subscribe("key", logs.share("key", log.reader(1), LogPiece(b"")))
    await hub.aclose()
    assert (len(log.open), len(logs)) == (0, 0)


async def test_a_reader_lets_go_of_its_stream_even_if_closing_it_is_cancelled() -> None:
    log = Log()
    reader = log.reader(1)
    assert await reader.next(0.0) is None
    closing = asyncio.create_task(reader.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    assert not log.open


async def test_a_log_that_fails_is_not_taken_over_while_it_is_being_closed(
    hub: Hub, logs: FollowedLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = LogReader.aclose

    async def aclose(self: LogReader) -> None:
        await real(self)
        seen.append((logs.find("key") is not None, "key" in hub))

    monkeypatch.setattr(LogReader, "aclose", aclose)
    log = Log()
    log.write(1)
    viewer = Viewer(logs, log)
    await viewer.until_present()
    log.break_off(EngineUnavailable("gone"))
    async with asyncio.timeout(5):
        await viewer.task
    assert seen == [(True, True)]
    assert (len(log.open), len(logs), len(hub)) == (0, 0, 0)


async def test_a_stream_that_is_silent_until_some_day_is_given_to_nobody(logs: FollowedLogs) -> None:
    log = Log()
    waiting = Viewer(logs, log, tail=0, present_ns=5, since_ns=10)
    await waiting.until_present()
    assert len(logs) == 0
    log.write(1, 2)  # it is that day
    await waiting.until_line(2)
    await until(lambda: len(logs) == 1)
    await waiting.leave()
