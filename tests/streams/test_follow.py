"""A followed log is read once, and nothing of it is lost or doubled by sharing it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Callable

import pytest

from dockerui.engine.errors import EngineUnavailable
from dockerui.streams import Gap, Hub
from dockerui.streams.follow import FollowedLogs, LogReader, Present, continuation

Item = bytes | Gap | Present


def line(n: int, text: str = "") -> bytes:
    return f"1970-01-01T00:{n // 60 % 60:02}:{n % 60:02}.{n:09}Z {n}{text}\n".encode()


class Log:
    """A container's log with a terminal: streams begin `tail` lines back and see what is written."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.open: set[_Stream] = set()
        self.opened = 0
        self.ended: BaseException | bool = False

    def write(self, *numbers: int, text: str = "") -> None:
        self.lines += [line(n, text) for n in numbers]
        self.wake()

    def end(self, how: BaseException | bool = True) -> None:
        self.ended = how
        self.wake()

    def wake(self) -> None:
        for stream in self.open:
            stream.woken.set()

    def reader(self, tail: int) -> LogReader:
        self.opened += 1
        return LogReader(_Stream(self, tail), tty=True)  # type: ignore[arg-type]


class _Stream:
    """What the Coalescer needs of a ByteStream."""

    def __init__(self, log: Log, tail: int) -> None:
        self.log = log
        self.at = max(0, len(log.lines) - tail)
        self.woken = asyncio.Event()
        log.open.add(self)

    async def read(self, n: int = 0) -> bytes:
        while (data := self.read_now()) is None:
            self.woken.clear()
            await self.woken.wait()
        return data

    def read_now(self, n: int = 0) -> bytes | None:
        if self.at < len(self.log.lines):
            part = self.log.lines[self.at : self.at + 400]
            self.at += len(part)
            return b"".join(part)
        if isinstance(self.log.ended, BaseException):
            raise self.log.ended
        return b"" if self.log.ended else None

    async def aclose(self) -> None:
        self.log.open.discard(self)


class Viewer:
    """Follows in a task of its own; `gate` closed, it takes nothing."""

    def __init__(self, logs: FollowedLogs, log: Log, tail: int = 1000, present_ns: int = 1 << 62) -> None:
        self.items: list[Item] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: BaseException | None = None
        self._came = asyncio.Event()
        self._source = logs.follow("key", log.reader(tail), present_ns)
        self.task = asyncio.create_task(self._run(self._source))

    async def _run(self, source: AsyncGenerator[Item, None]) -> None:
        async with contextlib.aclosing(source):
            try:
                async for item in source:
                    self.items.append(item)
                    self._came.set()
                    await self.gate.wait()
            except EngineUnavailable as error:
                self.error = error

    @property
    def data(self) -> bytes:
        return b"".join(item for item in self.items if isinstance(item, bytes))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._came.clear()
                await self._came.wait()

    async def until_line(self, n: int) -> None:
        await self.until(lambda: self.data.endswith(line(n)) or line(n) in self.data)

    async def until_present(self) -> None:
        await self.until(lambda: Present() in self.items)

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def hub() -> AsyncGenerator[Hub, None]:
    made = Hub()
    yield made
    await made.aclose()


@pytest.fixture
def logs(hub: Hub) -> FollowedLogs:
    return FollowedLogs(hub, linger=0.0)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


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


def test_the_place_is_found_by_the_bytes_before_it() -> None:
    shared = b"".join(map(line, range(10)))
    tail = b"".join(map(line, range(4)))
    assert continuation(shared, tail, line(3)) == len(tail)
    assert continuation(shared[len(line(0)) :], tail, line(3)) == len(tail) - len(line(0))
    assert continuation(shared, line(11), line(11)) is None
    assert continuation(shared, b"", b"") is None
    assert continuation(b"", tail, line(3)) is None


def test_a_message_that_only_contains_ours_is_not_taken_for_it() -> None:
    quoted = line(5, text=" quotes " + line(3).decode())
    shared = line(3) + line(4) + quoted + line(6)
    assert continuation(shared, line(2) + line(3), line(3)) == len(line(3))
