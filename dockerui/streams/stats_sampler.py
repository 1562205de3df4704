"""History from before a page was opened: slow samples of every running container that nobody watches.

Each container is sampled once in `PERIOD` seconds, each at its own phase; with many containers less often, so
that no more than `PER_SECOND` are asked in a second. A single sample costs an Engine 20.10 about two and a
half of a stream's; measured with 60 containers: 4.4 % of a core for streaming them all, 0.8 % for this. Which
containers run is learnt from the event feed.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import zlib

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.api.containers import CONTAINER_LIST
from dockerui.engine.errors import EngineError, NotFound
from dockerui.engine.protocol.events import Event

from .events import Down, EventFeed, FeedItem
from .stats import StatsFeed
from .subscription import Gap

log = logging.getLogger(__name__)

PERIOD = 15.0
PER_SECOND = 20
_TICKS_PER_SECOND = 4
_STARTED = frozenset(("start", "unpause"))


class StatsSampler:
    """Keeps a StatsFeed's history going while nobody looks."""

    def __init__(
        self, feed: StatsFeed, aengine: AsyncEngine, events: EventFeed, *, period: float = PERIOD
    ) -> None:
        self._feed = feed
        self._aengine = aengine
        self._events = events
        self._period = period
        self._running: dict[str, float] = {}  # container → when it is due, on the loop's clock
        self._sampling: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Sample until cancelled."""
        ticking = asyncio.create_task(self._tick(), name="stats sampler")
        try:
            with self._events.subscribe() as events:
                async for item in events:
                    await self._follow(item)
        finally:
            tasks = [ticking, *self._sampling.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, item: FeedItem | Gap) -> None:
        if isinstance(item, Down):
            for id in list(self._running):
                self._stopped(id)
        elif not isinstance(item, Event):
            await self._list()
        elif item.type == "container":
            if item.action in _STARTED:
                self._started(item.id)
            elif item.action == "die":
                self._stopped(item.id)
            elif item.action == "destroy":
                self._stopped(item.id)
                self._feed.forget(item.id)

    async def _list(self) -> None:
        try:
            listed = await self._aengine.json(CONTAINER_LIST, query={"all": True})
        except EngineError as error:
            log.debug("stats: cannot list: %s", error)  # the feed will say Down, and Resync when it is back
            return
        states = {str(item["Id"]): item.get("State") for item in listed or []}
        for id in self._feed.known() - states.keys():
            self._feed.forget(id)
        running = {id for id, state in states.items() if state in ("running", "paused")}
        for id in set(self._running) - running:
            self._stopped(id)
        for id in running:
            self._started(id)

    def _started(self, id: str) -> None:
        if id not in self._running:
            # A phase of its own, so that a hundred containers are not asked at once.
            phase = zlib.crc32(id.encode()) % 1000 / 1000
            self._running[id] = asyncio.get_running_loop().time() + phase * self.period

    def _stopped(self, id: str) -> None:
        if self._running.pop(id, None) is not None:
            self._feed.stopped(id)

    @property
    def period(self) -> float:
        """Seconds between two samples of a container."""
        return max(self._period, len(self._running) / PER_SECOND)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1 / _TICKS_PER_SECOND)
            now = loop.time()
            due = [id for id, time in self._running.items() if time <= now]
            for id in due:
                self._running[id] = now + self.period
                if not self._feed.is_streaming(id) and id not in self._sampling:
                    task = asyncio.create_task(self._sample(id), name="stats sample")
                    self._sampling[id] = task
                    task.add_done_callback(functools.partial(self._sampled, id))

    def _sampled(self, id: str, _: asyncio.Task[None]) -> None:
        self._sampling.pop(id, None)

    async def _sample(self, id: str) -> None:
        try:
            async with (
                asyncio.timeout(self.period),
                await self._aengine.container_stats(id, stream=False, one_shot=True) as samples,
            ):
                async for raw in samples:
                    if id in self._running and not self._feed.is_streaming(id):
                        self._feed.take(id, raw, self.period * 1.5 + 2)
        except NotFound:
            self._stopped(id)
        except (EngineError, TimeoutError) as error:
            log.debug("stats of %s: %s", id, error)
