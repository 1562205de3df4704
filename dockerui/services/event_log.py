"""The events of one Engine for one set of filters, remembered and followed: one upstream for all who read it.

Readers keep their own place, a number, and never make anybody wait: what a slow one has not read when it
falls out of the log is a gap. The Engine remembers 256 events, which health checks alone fill in minutes; a
log begins with those and remembers more of what matters.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import (
    ApiError,
    EngineError,
    InvalidArgument,
    NotSupported,
    ServerError,
    StreamCut,
)
from dockerui.engine.protocol.events import Event
from dockerui.engine.protocol.logline import to_seconds
from dockerui.services.errors import for_everybody
from dockerui.services.event_words import Told, is_routine, short_id, tell
from dockerui.streams import Down, EventFeed, Gap, Resync
from dockerui.streams.backoff import Backoff

KEPT: Final = 1000
KEPT_ROUTINE: Final = 250  # of what happens by itself all the time, such as the execs of health checks
SETTLE: Final = 0.2  # seconds within which a stream's past has arrived
BACK: Final = 7 * 86_400  # seconds to ask back for at the beginning
OVERLAP: Final = 2 * 10**9  # ns; the order of times is not quite that of arrival


@dataclass(frozen=True)
class Entry:
    """One event and its number in the log; the first has 1."""

    number: int
    event: Event
    told: Told
    """The event in words, exec command lines masked."""


class EventLog:
    """Follows from the beginning until `aclose`. Without filters it follows the shared feed, else a stream of
    its own.
    """

    def __init__(self, aengine: AsyncEngine, feed: EventFeed, filters: Mapping[str, list[str]]) -> None:
        self.problem = ""
        self.failure: BaseException | None = None
        self.caught_up = False
        self._aengine = aengine
        self._feed = feed
        self._filters = filters
        self._notable: deque[Entry] = deque(maxlen=KEPT)
        self._routine: deque[Entry] = deque(maxlen=KEPT_ROUTINE)
        self._last = 0
        self._last_ns = 0
        self._names: dict[str, str] = {}
        self._recent: deque[tuple[Any, ...]] = deque(maxlen=2 * KEPT)
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="event log")

    @property
    def last(self) -> int:
        """The number of the newest event, 0 for none."""
        return self._last

    def after(self, number: int) -> list[Entry]:
        """The events after a number that are still remembered, oldest first."""
        found = [entry for entry in (*self._notable, *self._routine) if entry.number > number]
        return sorted(found, key=lambda entry: entry.number)

    def entry(self, number: int) -> Entry | None:
        """One event, if it is remembered."""
        return next((entry for entry in (*self._notable, *self._routine) if entry.number == number), None)

    async def news(self) -> None:
        """Wait until anything changes."""
        await self._news.wait()

    async def aclose(self) -> None:
        """Stop following."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        backoff = Backoff()
        follow = self._follow_stream if self._filters else self._follow_feed
        try:
            while True:
                try:
                    await follow(backoff)
                except EngineError as error:
                    if _is_final(error):
                        raise
                    self._tell(f"The Engine tells no events: {for_everybody(error)}")
                await backoff.wait()
        except Exception as error:  # readers have to learn of it, whatever it is
            self.failure = error
            self._tell()

    async def _follow_stream(self, backoff: Backoff) -> None:
        async with await self._aengine.events(since=self._since(), filters=self._filters) as stream:
            self._tell("")
            settle = asyncio.get_running_loop().call_later(SETTLE, self._settle)
            try:
                while batch := await stream.batch():
                    backoff.reset()
                    self._take(batch)
            finally:
                settle.cancel()
        raise StreamCut("the event stream ended")

    async def _follow_feed(self, backoff: Backoff) -> None:
        with self._feed.subscribe() as feed:
            while items := await feed.batch():
                for item in items:
                    if isinstance(item, Down):
                        self._tell(f"The Engine is away: {for_everybody(item.error)}")
                    elif isinstance(item, Gap):
                        self._last += item.count
                    elif isinstance(item, Resync):
                        await self._take_past()  # from before the feed, or between two connections
                        backoff.reset()
                self._take([item for item in items if isinstance(item, Event)])

    async def _take_past(self) -> None:
        """Take in what the Engine remembers and this log does not know."""
        async with await self._aengine.events(since=self._since(), until=f"{time.time():.3f}") as past:
            while batch := await past.batch():
                self._take(batch)
        self.problem = ""
        self._settle()

    def _since(self) -> str:
        """From where to ask: at first as far back as makes sense, later a little before the last event."""
        return to_seconds(self._last_ns - OVERLAP) if self._last_ns else f"{time.time() - BACK:.0f}"

    def _settle(self) -> None:
        """What the Engine remembered has arrived by now."""
        self.caught_up = True
        self._tell()

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            key = (event.time_ns, event.type, event.action, event.detail, event.id)
            if event.time_ns <= self._last_ns and key in self._recent:
                continue
            self._recent.append(key)
            self._last_ns = max(self._last_ns, event.time_ns)
            self._add(event)
        self._tell()

    def _add(self, event: Event) -> None:
        if event.type == "container" and event.name:
            if len(self._names) > 2 * KEPT:
                self._names.clear()
            self._names[event.id] = event.name
        told = tell(event, name_of=lambda id_: self._names.get(id_, short_id(id_)))
        self._last += 1
        (self._routine if is_routine(event) else self._notable).append(Entry(self._last, event, told))

    def _tell(self, problem: str | None = None) -> None:
        if problem is not None:
            self.problem = problem
        news, self._news = self._news, asyncio.Event()
        news.set()


def _is_final(error: EngineError) -> bool:
    """Whether asking again would get the same answer."""
    if isinstance(error, (InvalidArgument, NotSupported)):
        return True
    return isinstance(error, ApiError) and not isinstance(error, ServerError)
