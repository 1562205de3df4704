"""The stats feed: one stream of samples per container while anybody looks, slow single samples while nobody
does.

A viewer watches any set of containers and gets the latest figures of those that changed; what it was too slow
to take is replaced, not queued. See stats_sampler.py for the slow samples.

A stopped container's figures are None: the Engine goes on sending empty samples for it. Rates come from the
samples' own times.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Self

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import EngineError, NotFound
from dockerui.engine.protocol.stats import Sample, Usage, usage, usage_of

from .backoff import Backoff
from .history import StatsHistory

log = logging.getLogger(__name__)

LINGER = 5.0
LONGEST_PAUSE = 4.0  # seconds between samples that still count as one line in a chart, when streaming
Figures = dict[str, Usage | None]


class StatsWatch:
    """A viewer's view of some containers. Iterate it: each item holds the figures that changed since the
    last.
    """

    def __init__(self, feed: StatsFeed, ids: Iterable[str]) -> None:
        self._feed = feed
        self._ids: frozenset[str] = frozenset()
        self._changed: Figures = {}
        self._waiter: asyncio.Future[None] | None = None
        self.closed = False
        self.watch(ids)

    def watch(self, ids: Iterable[str]) -> None:
        """Watch these containers from now on instead."""
        wanted = frozenset(ids)
        joined, left = wanted - self._ids, self._ids - wanted
        self._ids = wanted
        for id in left:
            self._changed.pop(id, None)
            self._feed.leave(id, self)
        for id in joined:
            self._feed.join(id, self)

    def put(self, id: str, figures: Usage | None) -> None:
        """New figures of one container; replaces what was not taken yet."""
        self._changed[id] = figures
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Look no more. Can be called twice; whoever iterates is woken and ends."""
        self.watch(())
        self.closed = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Figures:
        while not self._changed:
            if self.closed:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        changed, self._changed = self._changed, {}
        return changed


class StatsFeed:
    """The figures of one Engine's containers. Belongs to one event loop."""

    def __init__(
        self, aengine: AsyncEngine, *, history: StatsHistory | None = None, linger: float = LINGER
    ) -> None:
        self.history = history or StatsHistory()
        self._aengine = aengine
        self._linger = linger
        self._viewers: dict[str, set[StatsWatch]] = {}
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()  # also those that are ending
        self._lingering: dict[str, asyncio.TimerHandle] = {}
        self._samples: dict[str, Sample] = {}
        self._latest: Figures = {}

    def watch(self, ids: Iterable[str]) -> StatsWatch:
        """Watch containers, by full id. Close the watch in the end."""
        return StatsWatch(self, ids)

    def latest(self, id: str) -> Usage | None:
        """The latest figures; None for a container that does not run or was never sampled."""
        return self._latest.get(id)

    def known(self) -> set[str]:
        """The containers of which anything is remembered."""
        return self.history.ids | self._latest.keys()

    def is_streaming(self, id: str) -> bool:
        """Whether a stream of samples of this container is open."""
        return id in self._streams

    def join(self, id: str, viewer: StatsWatch) -> None:
        """A watch begins to watch a container."""
        self._viewers.setdefault(id, set()).add(viewer)
        if (timer := self._lingering.pop(id, None)) is not None:
            timer.cancel()
        if id in self._streams:
            if id in self._latest:
                viewer.put(id, self._latest[id])
        else:
            stream = self._streams[id] = asyncio.create_task(self._stream(id), name="stats stream")
            self._tasks.add(stream)
            stream.add_done_callback(self._tasks.discard)

    def leave(self, id: str, viewer: StatsWatch) -> None:
        """A watch watches a container no more."""
        viewers = self._viewers.get(id, set())
        viewers.discard(viewer)
        if not viewers and id in self._viewers:
            del self._viewers[id]
            if id in self._streams:
                loop = asyncio.get_running_loop()
                self._lingering[id] = loop.call_later(self._linger, self._stop, id)

    def take(self, id: str, raw: dict[str, Any], longest_pause: float) -> None:
        """A sample has arrived. After more than `longest_pause` seconds without one there is a gap."""
        sample = Sample.read(raw)
        if sample is None:
            self.stopped(id)
            return
        before = self._samples.get(id)
        if before is not None and before.read_ns >= sample.read_ns:
            return  # the same sample once more
        if before is not None and sample.read_ns - before.read_ns > longest_pause * 1e9:
            before = None
        self._samples[id] = sample
        figures = usage(sample, before) if before else usage_of(raw)
        if figures is not None:
            self.history.add(id, figures, before.read_ns if before else None)
            self._publish(id, figures)

    def stopped(self, id: str) -> None:
        """The container does not run (any more)."""
        self._samples.pop(id, None)
        if id not in self._latest or self._latest[id] is not None:
            self._publish(id, None)

    def forget(self, id: str) -> None:
        """The container was removed."""
        self.stopped(id)
        self._latest.pop(id, None)
        self.history.forget(id)

    async def aclose(self) -> None:
        """Stop all streams."""
        for timer in self._lingering.values():
            timer.cancel()
        self._lingering.clear()
        self._streams.clear()
        ending = list(self._tasks)
        for stream in ending:
            stream.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def _publish(self, id: str, figures: Usage | None) -> None:
        self._latest[id] = figures
        for viewer in self._viewers.get(id, ()):
            viewer.put(id, figures)

    def _stop(self, id: str) -> None:
        self._lingering.pop(id, None)
        if (stream := self._streams.pop(id, None)) is not None:
            stream.cancel()

    async def _stream(self, id: str) -> None:
        backoff = Backoff()
        while True:
            sampled = False
            try:
                async with await self._aengine.container_stats(id) as samples:
                    async for raw in samples:
                        sampled = True
                        backoff.reset()
                        self.take(id, raw, LONGEST_PAUSE)
            except NotFound:
                self.forget(id)
                self._streams.pop(id, None)
                return
            except EngineError as error:
                log.debug("stats of %s: %s", id, error)
            # A stream that breaks is opened again before the figures count as unknown. One that gives nothing
            # is Podman's of a stopped container, which may start again, or the Engine is away.
            if not sampled:
                self.stopped(id)
            await backoff.wait()
