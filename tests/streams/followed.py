"""A log that is followed without an Engine: its streams, and viewers of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from dockerui.engine.errors import EngineUnavailable
from dockerui.streams import Gap
from dockerui.streams.follow import FollowedLogs, LogReader, Present

Item = bytes | Gap | Present


def line(n: int, text: str = "") -> bytes:
    return f"1970-01-01T00:{n // 60 % 60:02}:{n % 60:02}.{n:09}Z {n}{text}\n".encode()


class Log:
    """A container's log: streams begin `tail` messages back and see what is written."""

    def __init__(self, *, tty: bool = True) -> None:
        self.tty = tty
        self.lines: list[bytes] = []
        self.open: set[_Stream] = set()
        self.opened = 0
        self.ended: BaseException | bool = False
        self.most: Callable[[], int] = lambda: 1 << 20
        """How many bytes the next read brings."""

    def write(self, *numbers: int, text: str = "") -> None:
        self.add(*(line(n, text) for n in numbers))

    def add(self, *messages: bytes) -> None:
        self.lines += messages
        self.wake()

    def end(self, how: BaseException | bool = True) -> None:
        """End every stream, those to come as well."""
        self.ended = how
        self.wake()

    def break_off(self, how: BaseException | bool = True) -> None:
        """End the streams that are open, behind what has been written."""
        for stream in self.open:
            stream.until = stream.until if stream.ended else len(self.lines)
            stream.ended = stream.ended or how
        self.wake()

    def wake(self) -> None:
        for stream in self.open:
            stream.woken.set()

    def reader(self, tail: int) -> LogReader:
        self.opened += 1
        return LogReader(_Stream(self, tail), tty=self.tty)  # type: ignore[arg-type]


class _Stream:
    """What the Coalescer needs of a ByteStream."""

    def __init__(self, log: Log, tail: int) -> None:
        self.log = log
        self.at = max(0, len(log.lines) - tail)
        self.until = 1 << 62
        self.ended: BaseException | bool = False
        self.woken = asyncio.Event()
        self._rest = b""
        log.open.add(self)

    async def read(self, n: int = 0) -> bytes:
        while (data := self.read_now()) is None:
            self.woken.clear()
            await self.woken.wait()
        return data

    def read_now(self, n: int = 0) -> bytes | None:
        if not self._rest:
            part = self.log.lines[self.at : min(self.until, self.at + 400)]
            self.at += len(part)
            self._rest = b"".join(part)
        if self._rest:
            size = self.log.most()
            data, self._rest = self._rest[:size], self._rest[size:]
            return data
        ended = self.ended or self.log.ended
        if isinstance(ended, BaseException):
            raise ended
        return b"" if ended else None

    async def aclose(self) -> None:
        self.log.open.discard(self)


class Viewer:
    """Follows in a task of its own; `gate` closed, it takes nothing."""

    def __init__(
        self,
        logs: FollowedLogs,
        log: Log,
        tail: int = 1000,
        present_ns: int = 1 << 62,
        since_ns: int = 0,
    ) -> None:
        self.items: list[Item] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: BaseException | None = None
        self._came = asyncio.Event()
        self.first = 0
        """The message it begins with."""
        self.task = asyncio.create_task(self._run(logs, log, tail, present_ns, since_ns))

    async def _run(self, logs: FollowedLogs, log: Log, tail: int, present_ns: int, since_ns: int) -> None:
        self.first = max(0, len(log.lines) - tail)
        source = logs.follow("key", log.reader(tail), present_ns, since_ns)
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


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)
