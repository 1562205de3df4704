"""A followed log: read from the Engine once, whatever the number of its viewers.

Every viewer begins somewhere else in the past, so each first reads a stream of its own, at its own pace. The
first to arrive at the present gives its stream to all who come. Whoever comes later finds its own last
message among the latest that are shared, goes on behind it and lets its own stream go: nothing is lost or
doubled, since both streams have the same bytes in the same order.

From then on nobody waits for a slow viewer: it loses the oldest messages of its queue, and a `Gap` says how
many.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Hashable, Iterable
from dataclasses import dataclass

from dockerui.engine.aio import ByteStream

from .coalesce import LARGEST, Coalescer
from .hub import Hub, Source
from .meeting import continuation
from .messages import LogPiece, MessageCutter
from .subscription import Gap, Measure, Subscription

QUIET = 0.12
"""Seconds without a byte after which the past is taken to have been delivered."""
LONGEST_QUIET = 5.0
REMEMBERED = 64 << 10
"""Bytes of the latest messages by which a viewer that comes later finds its place."""
NEAR_NS = 200_000_000
"""A stream this close behind the shared one is about to meet it."""
LINGER = 5.0
QUEUE = 2 << 20
"""Bytes that may wait for a viewer …"""
SMALLEST_QUEUE = 256 << 10
ALL_QUEUES = 64 << 20
"""… and for one viewer of every log that is followed, so that many logs have smaller queues."""
OVERHEAD = 256
"""Bytes of memory that a piece takes beyond its own: one may be a single short line."""


@dataclass(frozen=True)
class Present:
    """The past is over: what comes now is new."""


class LogReader:
    """One stream of a log from the Engine, in pieces of whole messages. Close it in the end."""

    def __init__(self, stream: ByteStream, *, tty: bool) -> None:
        self._stream = stream
        self._pieces = Coalescer(stream).pieces()
        self._cutter = MessageCutter(tty=tty)
        self._coming: asyncio.Future[bytes] | None = None
        self.ended = False

    async def next(self, timeout: float | None = None) -> LogPiece | None:
        """The next piece, perhaps an empty one; None when none has come for `timeout` seconds, and at the
        end.

        What is left after the last message is the last piece. Raises as the stream's `read` does, and
        ProtocolError for what is no log.
        """
        if self.ended:
            return None
        if self._coming is None:
            self._coming = asyncio.ensure_future(anext(self._pieces, b""))
        if timeout is not None:
            await asyncio.wait((self._coming,), timeout=timeout)
            if not self._coming.done():
                return None
        data = await self._coming
        self._coming = None
        if data:
            return self._cutter.feed(data)
        self.ended = True
        return self._cutter.end()

    async def aclose(self) -> None:
        """Close the connection. Can be called twice."""
        try:
            if self._coming is not None:
                self._coming.cancel()  # a generator that still runs cannot be closed
                await asyncio.gather(self._coming, return_exceptions=True)
            await self._pieces.aclose()
        finally:  # also when we are cancelled once more meanwhile
            await self._stream.aclose()


class FollowedLogs:
    """The logs of one Engine's containers that somebody follows. Belongs to one event loop."""

    def __init__(self, hub: Hub, *, linger: float = LINGER) -> None:
        self._hub = hub
        self._linger = linger
        self._shared: dict[Hashable, _SharedLog] = {}

    def __len__(self) -> int:
        """How many logs are read now."""
        return len(self._shared)

    async def follow(
        self, key: Hashable, reader: LogReader, present_ns: int, since_ns: int = 0
    ) -> AsyncGenerator[bytes | Gap | Present, None]:
        """Everything that `reader` brings, and then what comes, shared with all who follow under this key.

        Messages from `present_ns` on (ns since the epoch, by the Engine's clock) are not of the past; the
        reader brings none from before `since_ns`, and is closed in the end. Raises as it does.
        """
        viewer = _Viewer(self, key, reader, present_ns, since_ns)
        try:
            async with contextlib.aclosing(viewer.items()) as items:
                async for item in items:
                    yield item
        finally:
            await viewer.aclose()

    def find(self, key: Hashable) -> _SharedLog | None:
        """The shared stream of this key, if there is one."""
        return self._shared.get(key) if key in self._hub else None

    def share(self, key: Hashable, reader: LogReader, seed: LogPiece) -> _SharedLog:
        """Give a stream that has arrived at the present to all; `seed` is what it brought last."""
        size = max(SMALLEST_QUEUE, min(QUEUE, ALL_QUEUES // (len(self._shared) + 1)))
        shared = _SharedLog(self, key, reader, seed, size)
        self._shared[key] = shared
        return shared

    def subscribe(self, key: Hashable, shared: _SharedLog) -> Subscription[LogPiece]:
        """Join a shared stream: first come its latest messages."""
        return self._hub.subscribe(key, shared.source(self._linger))

    def forget(self, key: Hashable, ended: _SharedLog) -> None:
        """A shared stream is over."""
        if self._shared.get(key) is ended:
            del self._shared[key]


class _SharedLog:
    """A stream that belongs to nobody any more, and its latest messages."""

    def __init__(
        self, logs: FollowedLogs, key: Hashable, reader: LogReader, seed: LogPiece, queue: int
    ) -> None:
        self._logs = logs
        self._key = key
        self._reader = reader
        self._queue = queue
        self._recent = deque([seed])
        self._size = len(seed.data)
        self.newest_ns = seed.last_ns

    def source(self, linger: float) -> Source[LogPiece]:
        """How the hub reads it."""
        return Source(
            start=self._read,
            measure=Measure(
                size=lambda piece: len(piece.data) + OVERHEAD,
                gap=lambda piece: Gap(piece.count, piece.first_ns, piece.last_ns),
            ),
            queue=self._queue,
            # One long gap now and then, not a short one after every piece.
            keep=self._queue // 4,
            linger=linger,
            retry=lambda error: False,  # the viewers ask anew, behind their last line
            greet=lambda: self._recent,
        )

    async def _read(self) -> AsyncGenerator[LogPiece, None]:
        try:
            while (piece := await self._reader.next()) is not None:
                if piece.data:
                    self._remember(piece)
                    yield piece
        finally:
            try:
                await self._reader.aclose()
            finally:  # at last, as the hub does: who comes in between must not find one without the other
                self._logs.forget(self._key, self)

    def _remember(self, piece: LogPiece) -> None:
        self.newest_ns = piece.last_ns or self.newest_ns
        self._recent.append(piece)
        self._size += len(piece.data)
        while self._size - len(self._recent[0].data) >= REMEMBERED:
            self._size -= len(self._recent.popleft().data)


class _Viewer:
    """One who follows: first on a stream of its own, then on the shared one."""

    def __init__(
        self, logs: FollowedLogs, key: Hashable, reader: LogReader, present_ns: int, since_ns: int
    ) -> None:
        self._logs = logs
        self._key = key
        self._reader: LogReader | None = reader
        self._present_ns = present_ns
        self._since_ns = since_ns
        self._news: Subscription[LogPiece] | None = None
        self._waiting: list[LogPiece] = []  # shared messages, until our last one is among them
        self._tail = self._last = b""
        self._last_ns = 0

    async def aclose(self) -> None:
        """Let go of everything that is still ours."""
        if self._news is not None:
            self._news.close()
        if self._reader is not None:
            await self._reader.aclose()

    async def items(self) -> AsyncGenerator[bytes | Gap | Present, None]:
        """The past, that it is over, and what comes."""
        told = False
        patience = QUIET
        while self._reader is not None:
            piece = await self._reader.next(patience)
            if piece is not None and piece.data:
                self._remember(piece)
                yield piece.data
            if self._reader.ended:
                return
            patience = QUIET if piece else min(LONGEST_QUIET, 2 * patience)
            if not told and (piece is None or self._last_ns >= self._present_ns):
                told = True
                yield Present()
            if told and self._is_near(piece is None):
                rest = await self._meet(piece is None)
                if rest:
                    yield rest
        assert self._news is not None
        while batch := await self._news.batch(LARGEST):
            for item in _joined(batch):
                yield item

    def _remember(self, piece: LogPiece) -> None:
        self._tail = (self._tail + piece.data)[-REMEMBERED:]
        if piece.count:
            self._last, self._last_ns = piece.last, piece.last_ns or self._last_ns

    def _is_near(self, quiet: bool) -> bool:
        shared = self._logs.find(self._key)
        return quiet or shared is None or self._last_ns >= shared.newest_ns - NEAR_NS

    async def _meet(self, quiet: bool) -> bytes:
        """Go over to the shared stream, if the two have met; what it has more than ours."""
        assert self._reader is not None
        if self._news is None:
            shared = self._logs.find(self._key)
            if shared is None and not self._last and self._since_ns > self._present_ns:
                return b""  # what is silent until some day is of no use to others
            if shared is None:
                shared = self._logs.share(
                    self._key, self._reader, LogPiece(self._tail, last_ns=self._last_ns)
                )
                self._reader = None
                self._news = self._logs.subscribe(self._key, shared)
                self._news.now()  # our own tail
                return b""
            self._news = self._logs.subscribe(self._key, shared)
        self._gather(self._news)
        shared_bytes = b"".join(piece.data for piece in self._waiting)
        place = continuation(shared_bytes, self._tail, self._last, quiet=quiet)
        if place is not None:
            reader, self._reader, self._waiting = self._reader, None, []
            await reader.aclose()
            return shared_bytes[place:]
        if self._news.over or len(shared_bytes) > QUEUE:
            self._news.close()
            self._news, self._waiting = None, []
        return b""

    def _gather(self, news: Subscription[LogPiece]) -> None:
        for item in news.now():
            if isinstance(item, Gap):
                self._waiting.clear()
            else:
                self._waiting.append(item)


def _joined(batch: Iterable[LogPiece | Gap]) -> Iterable[bytes | Gap]:
    pieces: list[bytes] = []
    for item in batch:
        if isinstance(item, Gap):
            if pieces:
                yield b"".join(pieces)
                pieces = []
            yield item
        else:
            pieces.append(item.data)
    if pieces:
        yield b"".join(pieces)
