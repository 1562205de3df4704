"""The events of one Engine for one set of filters, remembered and followed: one upstream for all who read it.

Readers keep their own place, a number, and never make anybody wait: what a slow one has not read when it
falls out of the log is a gap. The Engine remembers 256 events, so a log begins with those; it remembers
`KEPT`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import ApiError, EngineError, InvalidArgument, NotSupported, ServerError
from dockerui.engine.protocol.events import Event
from dockerui.engine.protocol.logline import to_seconds
from dockerui.services.event_words import Told, tell
from dockerui.streams.backoff import Backoff

KEPT: Final = 2000
BACK: Final = 7 * 86_400  # seconds to ask back for at the beginning
OVERLAP: Final = 2 * 10**9  # ns; the order of times is not quite that of arrival


@dataclass(frozen=True)
class Entry:
    """One event and its number in the log; the first has 1."""

    number: int
    event: Event

    @cached_property
    def told(self) -> Told:
        """The event in words, exec command lines masked."""
        return tell(self.event)


class EventLog:
    """Follows from the beginning until `aclose`."""

    def __init__(self, aengine: AsyncEngine, filters: Mapping[str, list[str]]) -> None:
        self.problem = ""
        self.failure: BaseException | None = None
        self.caught_up = False
        self._aengine = aengine
        self._filters = filters
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._last = 0
        self._last_ns = 0
        self._recent: deque[tuple[Any, ...]] = deque(maxlen=KEPT)
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="event log")

    @property
    def last(self) -> int:
        """The number of the newest event, 0 for none."""
        return self._last

    def after(self, number: int) -> Iterator[Entry]:
        """The events after a number that are still remembered, oldest first."""
        return (entry for entry in list(self._entries) if entry.number > number)

    def lost(self, number: int) -> int:
        """How many events after a number are remembered no more."""
        first = self._entries[0].number if self._entries else self._last + 1
        return max(0, first - number - 1)

    def entry(self, number: int) -> Entry | None:
        """One event, if it is remembered."""
        return next((entry for entry in self._entries if entry.number == number), None)

    async def news(self) -> None:
        """Wait until anything changes."""
        await self._news.wait()

    async def aclose(self) -> None:
        """Stop following."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        backoff = Backoff()
        try:
            while True:
                try:
                    await self._follow(backoff)
                except EngineError as error:
                    if _is_final(error):
                        raise
                    self.problem = f"The Engine tells no events: {error}"
                    self._tell()
                await backoff.wait()
        except Exception as error:  # readers have to learn of it, whatever it is
            self.failure = error
            self._tell()

    async def _follow(self, backoff: Backoff) -> None:
        since = to_seconds(self._last_ns - OVERLAP) if self._last_ns else f"{time.time() - BACK:.0f}"
        async with await self._aengine.events(since=since, filters=self._filters) as stream:
            self.problem = ""
            self._tell()
            settle = asyncio.get_running_loop().call_later(0.2, self._settle)
            try:
                while batch := await stream.batch():
                    backoff.reset()
                    for event in batch:
                        self._add(event)
                    self._tell()
            finally:
                settle.cancel()

    def _settle(self) -> None:
        """What the Engine remembered has arrived by now."""
        self.caught_up = True
        self._tell()

    def _add(self, event: Event) -> None:
        key = (event.time_ns, event.type, event.action, event.detail, event.id)
        if event.time_ns <= self._last_ns and key in self._recent:
            return
        self._recent.append(key)
        self._last_ns = max(self._last_ns, event.time_ns)
        self._last += 1
        self._entries.append(Entry(self._last, event))

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def _is_final(error: EngineError) -> bool:
    """Whether asking again would get the same answer."""
    if isinstance(error, (InvalidArgument, NotSupported)):
        return True
    return isinstance(error, ApiError) and not isinstance(error, ServerError)
