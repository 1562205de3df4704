"""The log of a container as a source for one viewer; it waits for its viewer.

It yields whole records as the Engine sent them, with timestamps, and survives whatever happens to the stream:
after a cut it goes on behind the last record that was yielded. Before the end is believed the Engine is
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
from dockerui.engine.errors import EngineError, EngineTimeout, EngineUnavailable, NotFound
from dockerui.engine.protocol.events import Event
from dockerui.engine.protocol.logline import to_seconds

from .backoff import Backoff
from .coalesce import Coalescer
from .events import Down, EventFeed
from .hub import transient
from .records import Cursor, FrameRecords, LineRecords, LogChunk, Records
from .subscription import Gap

_RESUME_TAILS: tuple[int | None, ...] = (1_000, 50_000, None)
_CEILING = 3.0


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


REMOVED = LogEnd("removed")
LogItem = LogChunk | Gap | LogCut | LogEnd


class LogSource:
    """The log of one container, read for one viewer. Not taking the next item makes the Engine wait.

    `async for item in source.read()`; `cursor` is the position behind the last item. Given a cursor, reading
    starts behind it, and a Gap comes first if the log does not reach back that far any more.

    Given `events`, a followed log does not end with its container: after a LogEnd it goes on when the
    container starts again, until it is removed.
    """

    def __init__(
        self,
        aengine: AsyncEngine,
        id: str,
        options: LogOptions | None = None,
        *,
        cursor: Cursor | None = None,
        events: EventFeed | None = None,
    ) -> None:
        self._aengine = aengine
        self._events = events
        self._id = id
        self._options = options or LogOptions()
        self._opened: int | None = None
        self._gap_told = False
        self.cursor = cursor
        self.tty: bool | None = None

    async def read(self) -> AsyncGenerator[LogItem, None]:
        """The log to its end, which is a LogEnd. Raises NotFound, NotImplementedByEngine and the like."""
        inspected = await self._inspect()
        self._id, self.tty = str(inspected.get("Id") or self._id), _is_tty(inspected)
        while True:
            async with contextlib.aclosing(self._read_to_end()) as items:
                async for item in items:
                    yield item
            if self._events is None or not self._options.follow or item == REMOVED:
                return
            if not await self._wait_for_start(self._events):
                yield REMOVED
                return

    async def _read_to_end(self) -> AsyncGenerator[LogItem, None]:
        """The log up to a LogEnd, through all cuts."""
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

    async def _wait_for_start(self, feed: EventFeed) -> bool:
        """Wait until the container runs; False when it was removed."""
        with feed.subscribe() as events:
            async for item in events:
                if isinstance(item, Event):
                    if item.id == self._id and item.action in ("start", "destroy"):
                        return item.action == "start"
                elif not isinstance(item, Down):
                    with contextlib.suppress(EngineUnavailable, EngineTimeout):  # the feed will tell
                        end = await self._end()
                        if end is None or end == REMOVED:
                            return end is None
        return False

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
        if chunk is None:
            return
        position = self.cursor.time_ns if self.cursor is not None else 0
        if records.covered is False and records.first_time > position and not self._gap_told:
            # Not even the whole log reaches back to the position: it was rotated. How much is gone is
            # unknown.
            yield Gap(0, position, records.first_time)
        self._gap_told = True
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
            since = self._since(self.cursor, tail)
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

    def _since(self, cursor: Cursor, tail: int | None) -> str | None:
        """Where a stream begins that goes on behind the position: what lies before it is skipped."""
        if not self.tty:
            return to_seconds(max(0, cursor.time_ns - 1))  # Podman's `since` excludes the time itself
        # The pieces of a long line may have times of their own: begin early enough to see whole lines.
        return to_seconds(max(0, cursor.time_ns - 10**9)) if tail is None else None

    async def _end(self) -> LogEnd | None:
        """What the end of a stream meant; None when there is more to come."""
        try:
            state = mapping((await self._inspect()).get("State") or {})
        except NotFound:
            return REMOVED
        if not self._options.follow:
            return LogEnd("complete")
        if state.get("Running") or state.get("Restarting"):
            return None
        return LogEnd(str(state.get("Status") or "exited"), state.get("ExitCode"))

    async def _inspect(self) -> dict[str, Any]:
        return mapping(await self._aengine.json(CONTAINER_INSPECT, path={"id": self._id}))


def _is_tty(inspected: dict[str, Any]) -> bool:
    return bool(mapping(inspected.get("Config") or {}).get("Tty"))


def _date(stream: ByteStream) -> int | None:
    """When the Engine began to answer, in whole seconds by its own clock; None when it does not say."""
    try:
        return int(parsedate_to_datetime(stream.headers.get("date", "")).timestamp())
    except ValueError:
        return None
