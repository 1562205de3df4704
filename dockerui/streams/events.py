"""The event feed: one upstream `GET /events` per Engine, shared by everything that wants to stay right.

What a subscriber sees: first a `Resync` (or a `Down` while the Engine is away), then events; a `Resync` again
whenever events may have been lost, and a `Gap` when it was too slow itself. On either it lists anew. So a
consumer is one loop:

    with feed.subscribe() as events:
        async for item in events:
            if isinstance(item, (Resync, Gap)): list everything
            elif isinstance(item, Down):        say that the Engine is away
            else:                               apply the event

The Engine remembers 256 events, in memory only, and silently drops events for a reader that stalls for 100 ms
while 1,024 wait. So the feed resumes a little before its last event and skips what it has seen, and still
asks for a relist.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Hashable, Iterator
from dataclasses import dataclass
from typing import Literal

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import EngineError, ProtocolError, StreamCut
from dockerui.engine.protocol.events import Event
from dockerui.engine.protocol.logline import to_seconds

from .backoff import Backoff
from .hub import Hub, Source
from .subscription import Gap, Measure, Subscription

_OVERLAP = 2 * 10**9  # events are stamped before they are queued: times arrive nearly in order
_REMEMBERED = 2048
_CEILING = 2.0  # seconds between attempts: an attempt is cheap, and every open page waits for it
_STALL = 0.1  # seconds after which the Engine drops events for a reader whose queue is full
_BACKLOG = 128  # events in one read: about half of what a unix socket holds


@dataclass(frozen=True)
class Resync:
    """Events may have been missed before this point: list anew.

    `joined`: you have just come; `connected`: the Engine is there (again); `stalled`: this process did not
    read for so long that the Engine may have dropped events.
    """

    reason: Literal["joined", "connected", "stalled"]


@dataclass(frozen=True)
class Down:
    """The Engine cannot be reached since now; a Resync tells when it is back."""

    error: EngineError


FeedItem = Event | Resync | Down


class EventFeed:
    """The shared events of one Engine. Belongs to one event loop."""

    def __init__(self, aengine: AsyncEngine, hub: Hub, *, linger: float = 5.0) -> None:
        self._aengine = aengine
        self._hub = hub
        self._key = ("events", aengine.endpoint.key)
        self._source: Source[FeedItem] = Source(
            start=self._read,
            measure=Measure(size=lambda item: 1024, gap=_lost),
            linger=linger,
            greet=self._greeting,
        )
        self._recent: deque[Hashable] = deque(maxlen=_REMEMBERED)
        self._last_ns = 0
        self._state: Resync | Down | None = None

    def subscribe(self) -> Subscription[FeedItem]:
        """Join the feed; see the module for what comes. Close the subscription in the end."""
        return self._hub.subscribe(self._key, self._source)

    def _greeting(self) -> Iterator[FeedItem]:
        if isinstance(self._state, Down):
            yield self._state
        elif self._state is not None:
            yield Resync("joined")

    async def _read(self) -> AsyncGenerator[FeedItem, None]:
        """Events for ever. Whatever breaks is told once and tried again."""
        backoff = Backoff(ceiling=_CEILING)
        self._recent.clear()
        self._last_ns = 0
        try:
            while True:
                try:
                    async with contextlib.aclosing(self._read_once()) as items:
                        async for item in items:
                            backoff.reset()
                            yield item
                except EngineError as error:
                    if isinstance(error, ProtocolError) and not isinstance(error, StreamCut):
                        self._last_ns = 0  # do not ask for the broken event again
                    if not isinstance(self._state, Down):
                        self._state = Down(error)
                        yield self._state
                    self._aengine.engine.forget()  # it may come back as another version
                await backoff.wait()
        finally:
            self._state = None

    async def _read_once(self) -> AsyncGenerator[FeedItem, None]:
        since = to_seconds(max(0, self._last_ns - _OVERLAP)) if self._last_ns else None
        async with await self._aengine.events(since=since) as stream:
            self._state = Resync("connected")
            yield self._state
            loop = asyncio.get_running_loop()
            done = loop.time()
            while batch := await stream.batch():
                if len(batch) >= _BACKLOG and loop.time() - done > _STALL:
                    yield Resync("stalled")
                for event in batch:
                    if self._is_new(event):
                        yield event
                done = loop.time()
        raise StreamCut("the event stream ended")

    def _is_new(self, event: Event) -> bool:
        key = (event.time_ns, event.type, event.action, event.detail, event.id)
        if event.time_ns <= self._last_ns and key in self._recent:
            return False
        self._recent.append(key)
        self._last_ns = max(self._last_ns, event.time_ns)
        return True


def _lost(item: FeedItem) -> Gap:
    # A lost Resync or Down is covered by the gap too, since a gap means to list anew.
    time_ns = item.time_ns if isinstance(item, Event) else 0
    return Gap(1, time_ns, time_ns)
