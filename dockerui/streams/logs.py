"""Log sources: a viewer's own, which waits for the viewer, and a shared one, which waits for nobody.

Both yield whole records as the Engine sent them, with timestamps, and survive whatever happens to the stream:
after a cut they go on behind the last record that was yielded. Before the end is believed the Engine is
asked, since a body that is framed by the end of the connection cannot tell truncation from completion.

`since` alone makes the Engine read its log from the start. So a resumed stream first asks for the last
thousand records since then; only if these do not reach back to the cursor it asks for more.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from dockerui.engine.aio import AsyncEngine, ByteStream, Time
from dockerui.engine.api.base import mapping
from dockerui.engine.api.containers import CONTAINER_INSPECT
from dockerui.engine.errors import EngineError, NotFound
from dockerui.engine.protocol.logline import to_seconds

from .backoff import Backoff
from .coalesce import Coalescer
from .hub import Hub, Source, transient
from .records import Cursor, FrameRecords, LineRecords, LogChunk, Records
from .subscription import Gap, Measure, Subscription

REPLAY = 256 << 10
_RESUME_TAILS: tuple[int | None, ...] = (1_000, 50_000, None)
_CEILING = 3.0
_SHARED_TAIL = 1_000


@dataclass(frozen=True)
class LogOptions:
    """What to read: `tail` is a number of records (None: all), `since` and `until` are Unix seconds."""

    stdout: bool = True
    stderr: bool = True
    since: Time | None = None
    until: Time | None = None
    tail: int | None = None
    details: bool = False
    follow: bool = True


@dataclass(frozen=True)
class LogCut:
    """The stream was cut; it goes on behind the last record as soon as that is possible."""

    error: EngineError


@dataclass(frozen=True)
class LogEnd:
    """No more will come, and the Engine confirmed it.

    `reason` is `complete` (without follow), `removed`, or the state of the container: `exited`, `created`,
    `dead`.
    """

    reason: str
    exit_code: int | None = None


LogItem = LogChunk | Gap | LogCut | LogEnd


class LogSource:
    """The log of one container, read for one viewer. Not taking the next item makes the Engine wait.

    `async for item in source.read()`; `cursor` is the position behind the last item. Given a cursor, reading
    starts behind it, and a Gap comes first if the log does not reach back that far any more.
    """

    def __init__(
        self,
        aengine: AsyncEngine,
        id: str,
        options: LogOptions | None = None,
        *,
        cursor: Cursor | None = None,
    ) -> None:
        self._aengine = aengine
        self._id = id
        self._options = options or LogOptions()
        self._opened: int | None = None
        self._gap_told = False
        self.cursor = cursor
        self.tty: bool | None = None

    async def read(self) -> AsyncGenerator[LogItem, None]:
        """The log to its end, which is a LogEnd. Raises NotFound, NotImplementedByEngine and the like."""
        self.tty = _is_tty(await self._inspect())
        backoff = Backoff(ceiling=_CEILING)
        cut = False
        while True:
            try:
                async with contextlib.aclosing(self._read_once()) as items:
                    async for item in items:
                        cut = False
                        backoff.reset()
                        yield item
                rest = self._records.end()
                end = await self._end()
                if end is not None:
                    # Only now: without the Engine's word a last line without its end may be half a line.
                    for item in self._items(self._records, rest):
                        yield item
                    yield end
                    return
            except EngineError as error:
                if not transient(error):
                    raise
                if not cut:
                    cut = True
                    yield LogCut(error)
            await backoff.wait()

    async def _read_once(self) -> AsyncGenerator[LogItem, None]:
        """One stream from the position on, until it ends. Tries longer tails until one reaches the
        position.
        """
        for tail in self._tails():
            records = LineRecords(self.cursor) if self.tty else FrameRecords(self.cursor)
            self._records: Records = records
            self._gap_told = False
            async with (
                await self._open(tail) as stream,
                contextlib.aclosing(Coalescer(stream).pieces()) as pieces,
            ):
                async for piece in pieces:
                    chunk = records.feed(piece)
                    if records.covered is False and tail is not None:
                        break  # its first record is later than the position: ask for more
                    for item in self._items(records, chunk):
                        yield item
                else:
                    return

    def _items(self, records: Records, chunk: LogChunk | None) -> Iterator[LogItem]:
        if records.covered is False and self.cursor is not None and chunk is not None:
            # Not even the whole log reaches back to the position: it was rotated. How much is gone is
            # unknown.
            if records.first_time > self.cursor.time_ns and self.cursor != records.cursor:
                yield Gap(0, self.cursor.time_ns, records.first_time)
            records.covered = True
        if chunk is not None:
            self.cursor = records.cursor
            yield chunk

    def _tails(self) -> tuple[int | None, ...]:
        if self.cursor is None:
            return (None if self._opened is not None else self._options.tail,)
        # Where only one of stdout and stderr is shown, the last records may all be of the other one, and a
        # followed stream would be silent: whether it reaches back could not be told.
        return _RESUME_TAILS if self._options.stdout and self._options.stderr else (None,)

    async def _open(self, tail: int | None) -> ByteStream:
        options = self._options
        since = options.since if self._opened is None else self._opened
        if self.cursor is not None:
            # A nanosecond earlier: Podman's `since` excludes the time itself.
            since = to_seconds(max(0, self.cursor.time_ns - 1))
        stream = await self._aengine.container_logs(
            self._id,
            follow=options.follow,
            stdout=options.stdout,
            stderr=options.stderr,
            since=since,
            until=options.until,
            timestamps=True,
            tail=tail,
            details=options.details,
        )
        if options.tail == 0 and self._opened is None:
            self._opened = _date(stream)
        return stream

    async def _end(self) -> LogEnd | None:
        """What the end of a stream meant; None when there is more to come."""
        try:
            state = mapping((await self._inspect()).get("State") or {})
        except NotFound:
            return LogEnd("removed")
        if not self._options.follow:
            return LogEnd("complete")
        if state.get("Running") or state.get("Restarting"):
            return None
        return LogEnd(str(state.get("Status") or "exited"), state.get("ExitCode"))

    async def _inspect(self) -> dict[str, Any]:
        return mapping(await self._aengine.json(CONTAINER_INSPECT, path={"id": self._id}))


class SharedLogs:
    """Followed logs that any number of viewers share; a slow viewer loses the oldest chunks and gets a Gap.

    A joiner first gets the latest records (at most `REPLAY` bytes, at least the last thousand if they are
    that small).
    """

    def __init__(self, aengine: AsyncEngine, hub: Hub, *, queue: int = 1 << 20) -> None:
        self._aengine = aengine
        self._hub = hub
        self._queue = queue

    def follow(
        self, id: str, *, stdout: bool = True, stderr: bool = True, details: bool = False
    ) -> Subscription[LogItem]:
        """Join the followed log of a container. Close the subscription in the end."""
        options = LogOptions(stdout=stdout, stderr=stderr, details=details, tail=_SHARED_TAIL)
        source: Source[LogItem] = Source(
            start=lambda: LogSource(self._aengine, id, options).read(),
            measure=Measure(size=_size, gap=_gap),
            replay=REPLAY,
            queue=self._queue,
            retry=lambda error: False,  # a LogSource tries again by itself, and knows its position
        )
        return self._hub.subscribe(("logs", self._aengine.endpoint.key, id, options), source)


def _size(item: LogItem) -> int:
    return len(item.data) + 128 if isinstance(item, LogChunk) else 128


def _gap(item: LogItem) -> Gap:
    if isinstance(item, LogChunk):
        return item.gap
    return item if isinstance(item, Gap) else Gap(0, 0, 0)


def _is_tty(inspected: dict[str, Any]) -> bool:
    return bool(mapping(inspected.get("Config") or {}).get("Tty"))


def _date(stream: ByteStream) -> int | None:
    """When the Engine began to answer, in whole seconds by its own clock; None when it does not say."""
    try:
        return int(parsedate_to_datetime(stream.headers.get("date", "")).timestamp())
    except ValueError:
        return None
