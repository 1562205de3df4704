"""A viewer's own queue of a shared source: bounded in bytes, oldest dropped first, losses told as a gap."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Gap:
    """What a viewer that was too slow has missed: `count` items between two times (ns since the epoch)."""

    count: int
    first: int
    last: int

    def joined(self, later: Gap) -> Gap:
        """One gap for two that follow each other. A time of 0 is unknown."""
        return Gap(
            self.count + later.count,
            min(filter(None, (self.first, later.first)), default=0),
            max(self.last, later.last),
        )


@dataclass(frozen=True)
class Measure(Generic[T]):
    """How items are weighed: `size` in bytes, and `gap` for what it means to lose one."""

    size: Callable[[T], int]
    gap: Callable[[T], Gap]


class Subscription(Generic[T]):
    """One viewer of a shared source. Iterate it; `close` it when the viewer goes.

    Yields the source's items, and a Gap before the first item after a loss. Iteration ends when the source
    ends, and raises what the source failed with, both after everything queued was taken.
    """

    def __init__(
        self,
        measure: Measure[T],
        limit: int,
        leave: Callable[[Subscription[T]], None],
        *,
        keep: int | None = None,
    ) -> None:
        """`limit`: bytes that may wait; `keep`: bytes that stay when that is exceeded, if not as many as
        fit.
        """
        self._measure = measure
        self._limit = limit
        self._keep = limit if keep is None else keep
        self._leave = leave
        self._queue: deque[T] = deque()
        self._queued = 0
        self._gap: Gap | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._over = False
        self._error: BaseException | None = None
        self.closed = False

    @property
    def queued(self) -> int:
        """Bytes that wait to be taken."""
        return self._queued

    def put(self, item: T) -> None:
        """Queue an item; drops the oldest ones when the queue is full. Never waits."""
        if self.closed:
            return
        self._queue.append(item)
        self._queued += self._measure.size(item)
        if self._queued > self._limit:
            while self._queued > self._keep and len(self._queue) > 1:
                self._drop(self._queue.popleft())
        self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """The source is over: cleanly, or with `error`."""
        self._over = True
        self._error = error
        self._wake()

    @property
    def over(self) -> bool:
        """Whether the source has ended; what is queued can still be taken."""
        return self._over

    async def batch(self, most: int | None = None) -> list[T | Gap]:
        """Wait for items and take all that are queued, or about `most` bytes; an empty list at the end."""
        return self.now(most) if await self._ready() else []

    def now(self, most: int | None = None) -> list[T | Gap]:
        """Take what is queued without waiting, or about `most` bytes of it."""
        taken: list[T | Gap] = [] if self._gap is None else [self._gap]
        self._gap = None
        if most is None:
            taken += self._queue
            self._queue.clear()
            self._queued = 0
        left = most or 0
        while self._queue and left > 0:
            item = self._queue.popleft()
            size = self._measure.size(item)
            self._queued -= size
            left -= size
            taken.append(item)
        return taken

    def close(self) -> None:
        """Leave the source. Can be called twice; whoever iterates is woken and ends."""
        if self.closed:
            return
        self.closed = True
        self._queue.clear()
        self._queued, self._gap = 0, None
        self._leave(self)
        self._wake()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T | Gap:
        if not await self._ready():
            raise StopAsyncIteration
        if self._gap is not None:
            gap, self._gap = self._gap, None
            return gap
        item = self._queue.popleft()
        self._queued -= self._measure.size(item)
        return item

    def extend(self, items: Iterable[T]) -> None:
        """Queue several items."""
        for item in items:
            self.put(item)

    def _drop(self, item: T) -> None:
        self._queued -= self._measure.size(item)
        lost = self._measure.gap(item)
        if lost.count:
            self._gap = self._gap.joined(lost) if self._gap else lost

    async def _ready(self) -> bool:
        """Wait until there is something to take; False at the end. Raises what the source failed with."""
        while not self._queue and self._gap is None:
            if self.closed:
                return False
            if self._over:
                if self._error is not None:
                    raise self._error
                return False
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return True

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
