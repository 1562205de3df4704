"""Followed logs that many viewers share, and that wait for nobody."""

from __future__ import annotations

from dockerui.engine.aio import AsyncEngine

from .events import EventFeed
from .hub import Hub, Source
from .logs import LogItem, LogOptions, LogSource
from .records import LogChunk
from .subscription import Gap, Measure, Subscription

REPLAY = 256 << 10
_TAIL = 1_000


class SharedLogs:
    """Followed logs that any number of viewers share; a slow viewer loses the oldest chunks and gets a Gap.

    A joiner first gets the latest records (at most `REPLAY` bytes, at least the last thousand if they are
    that small).
    """

    def __init__(
        self, aengine: AsyncEngine, hub: Hub, *, queue: int = 1 << 20, events: EventFeed | None = None
    ) -> None:
        self._aengine = aengine
        self._hub = hub
        self._queue = queue
        self._events = events

    def follow(
        self, id: str, *, stdout: bool = True, stderr: bool = True, details: bool = False
    ) -> Subscription[LogItem]:
        """Join the followed log of a container. Close the subscription in the end."""
        options = LogOptions(stdout=stdout, stderr=stderr, details=details, tail=_TAIL)
        source: Source[LogItem] = Source(
            start=lambda: LogSource(self._aengine, id, options, events=self._events).read(),
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
