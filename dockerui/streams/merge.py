"""Putting several logs together in time order, live, without waiting for the silent ones for ever.

While a source still delivers history, nothing later than its last item may go. Once it is live, an item waits
200 ms at most for an earlier one of another source. What comes later than that is still given out, marked as
late, so that whoever shows it can put it where it belongs. No clock is read here: the caller says what time
it is.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
WINDOW = 0.2
_SLACK = (
    10**7
)  # ns: stdout and stderr of one container are stamped apart, so its own times are nearly in order


@dataclass(frozen=True)
class Merged(Generic[T]):
    """One item in its turn. `late`: items with a later time went before it."""

    time_ns: int
    source: Hashable
    item: T
    late: bool = False


@dataclass
class _State:
    live: bool = False
    last: int = -1


class MergeWindow(Generic[T]):
    """Merges items of several sources by time. Items of one source keep their order where their times are
    equal.

    Times of items are nanoseconds since the epoch; `now` is a monotonic clock in seconds. Holds what arrived
    within the window, and what waits for a source that is still behind: stop reading a source while `held` is
    large.
    """

    def __init__(self, *, window: float = WINDOW) -> None:
        self._window = window
        self._sources: dict[Hashable, _State] = {}
        self._heap: list[tuple[int, int, Hashable, T]] = []
        self._arrivals: deque[tuple[float, int]] = deque()
        self._due = -1  # everything up to this time has waited long enough
        self._count = 0
        self._released = -1

    @property
    def held(self) -> int:
        """How many items wait."""
        return len(self._heap)

    def add(self, source: Hashable) -> None:
        """A source that will deliver history first."""
        self._sources[source] = _State()

    def live(self, source: Hashable) -> None:
        """The source has caught up: from now on nobody waits for it longer than the window."""
        self._sources[source].live = True

    def remove(self, source: Hashable) -> None:
        """The source has ended; what it delivered stays."""
        self._sources.pop(source, None)

    def push(self, source: Hashable, time_ns: int, item: T, now: float) -> None:
        """An item has arrived."""
        state = self._sources[source]
        state.last = max(state.last, time_ns)
        self._count += 1
        heapq.heappush(self._heap, (time_ns, self._count, source, item))
        self._arrivals.append((now, time_ns))

    def take(self, now: float) -> list[Merged[T]]:
        """What may go now, in time order."""
        while self._arrivals and self._arrivals[0][0] + self._window <= now:
            self._due = max(self._due, self._arrivals.popleft()[1])
        taken: list[Merged[T]] = []
        while self._heap and self._may_go(self._heap[0][0]):
            time_ns, _, source, item = heapq.heappop(self._heap)
            taken.append(Merged(time_ns, source, item, late=time_ns < self._released))
            self._released = max(self._released, time_ns)
        if not self._heap:
            self._arrivals.clear()
        return taken

    def wait(self, now: float) -> float | None:
        """Seconds until `take` may have something, without further items; None: only after further items."""
        if not self._heap or self._behind(self._heap[0][0]):
            return None
        return max(0.0, self._arrivals[0][0] + self._window - now) if self._arrivals else 0.0

    def _may_go(self, time_ns: int) -> bool:
        if self._behind(time_ns):
            return False
        # Either it has waited long enough, or nobody can come before it any more.
        return time_ns <= self._due or all(
            self._is_beyond(state, time_ns) for state in self._sources.values()
        )

    def _behind(self, time_ns: int) -> bool:
        """Whether a source that still delivers history has not come as far as `time_ns`."""
        return any(not state.live and not self._is_beyond(state, time_ns) for state in self._sources.values())

    @staticmethod
    def _is_beyond(state: _State, time_ns: int) -> bool:
        return state.last >= time_ns + _SLACK
