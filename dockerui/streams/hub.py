"""The hub: one upstream per source, whatever the number of its viewers.

A source is named by a key: (kind, id, normalised options). The first viewer starts it, the last one leaves it
running for a few seconds (a page that reloads finds it warm), then it is stopped. A source that breaks is
started again after a delay with jitter. A slow viewer loses the oldest items of its own queue and is told so;
nobody ever waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dockerui.engine.errors import (
    EngineTimeout,
    EngineUnavailable,
    NotImplementedByEngine,
    ServerError,
    StreamCut,
)

from .backoff import Backoff
from .subscription import Gap, Measure, Subscription

T = TypeVar("T")
LINGER = 5.0
QUEUE = 1 << 20


def transient(error: BaseException) -> bool:
    """Whether it makes sense to try again: the Engine was not there, or the stream was cut."""
    if isinstance(error, NotImplementedByEngine):
        return False
    return isinstance(error, (EngineUnavailable, EngineTimeout, StreamCut, ServerError))


def _count_one(item: object) -> Gap:
    return Gap(1, 0, 0)


@dataclass(frozen=True)
class Source(Generic[T]):
    """How a shared source is read.

    `start` returns a fresh async generator; it is called again after a failure that `retry` accepts. `replay`
    is how many bytes of the latest items a late joiner gets, `queue` how many bytes may wait for each viewer
    (`keep` of them stay when it was too slow, all that fit if None), `linger` how many seconds the source
    outlives its last viewer. `greet` makes items for a joiner, instead of the replay.
    """

    start: Callable[[], AsyncGenerator[T, None]]
    measure: Measure[T] = Measure(size=lambda item: 1024, gap=_count_one)  # noqa: RUF009 (immutable)
    replay: int = 0
    queue: int = QUEUE
    keep: int | None = None
    linger: float = LINGER
    retry: Callable[[BaseException], bool] = transient
    greet: Callable[[], Iterable[T]] | None = None


class Hub:
    """Shares sources among viewers. Belongs to one event loop."""

    def __init__(self) -> None:
        self._shared: dict[Hashable, _Shared[Any]] = {}

    def __len__(self) -> int:
        """How many sources are running or lingering."""
        return len(self._shared)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._shared

    def subscribe(self, key: Hashable, source: Source[T]) -> Subscription[T]:
        """Join the source called `key`, starting it if it does not run. Close the subscription in the end."""
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(source, lambda ended: self._forget(key, ended))
        return shared.join()

    async def aclose(self) -> None:
        """Stop all sources; their viewers see the end."""
        while self._shared:
            _, shared = self._shared.popitem()
            await shared.stop()

    def _forget(self, key: Hashable, ended: _Shared[Any]) -> None:
        if self._shared.get(key) is ended:
            del self._shared[key]


class _Shared(Generic[T]):
    """One running source and its viewers."""

    def __init__(self, source: Source[T], forget: Callable[[_Shared[T]], None]) -> None:
        self._source = source
        self._forget = forget
        self._viewers: set[Subscription[T]] = set()
        self._recent: deque[T] = deque()
        self._recent_size = 0
        self._lingering: asyncio.TimerHandle | None = None
        self._pump = asyncio.create_task(self._run(), name="hub source")

    def join(self) -> Subscription[T]:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        viewer = Subscription(self._source.measure, self._source.queue, self._leave, keep=self._source.keep)
        viewer.extend(self._source.greet() if self._source.greet else self._recent)
        self._viewers.add(viewer)
        return viewer

    async def stop(self) -> None:
        await asyncio.sleep(0)  # a task that has not begun would not clean up what its source holds
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        self._end(None)

    def _leave(self, viewer: Subscription[T]) -> None:
        self._viewers.discard(viewer)
        if not self._viewers and not self._pump.done() and self._lingering is None:
            loop = asyncio.get_running_loop()
            self._lingering = loop.call_later(self._source.linger, self._stop_lingering)

    def _stop_lingering(self) -> None:
        self._forget(self)
        self._pump.cancel()

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                async with contextlib.aclosing(self._source.start()) as items:
                    async for item in items:
                        backoff.reset()
                        self._publish(item)
            except Exception as error:  # whatever it is, the viewers have to learn of it
                if not self._source.retry(error):
                    self._end(error)
                    return
            else:
                self._end(None)
                return
            await backoff.wait()

    def _publish(self, item: T) -> None:
        if self._source.replay:
            self._recent.append(item)
            self._recent_size += self._source.measure.size(item)
            while self._recent_size > self._source.replay and len(self._recent) > 1:
                self._recent_size -= self._source.measure.size(self._recent.popleft())
        for viewer in self._viewers:
            viewer.put(item)

    def _end(self, error: BaseException | None) -> None:
        self._forget(self)
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        for viewer in list(self._viewers):
            viewer.finish(error)
        self._viewers.clear()
