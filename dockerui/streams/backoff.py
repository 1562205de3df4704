"""How long to wait before the next attempt: longer each time, never the same for all."""

from __future__ import annotations

import asyncio
import random


class Backoff:
    """Exponential delays with jitter, between half of and the whole of `first` * 2^n, at most `ceiling`
    seconds.
    """

    def __init__(self, *, first: float = 0.2, ceiling: float = 10.0) -> None:
        self._first = first
        self._ceiling = ceiling
        self._attempts = 0

    def delay(self) -> float:
        """The next delay in seconds."""
        longest: float = min(self._ceiling, self._first * 2.0 ** min(self._attempts, 30))
        self._attempts += 1
        # Many streams break at once when an Engine restarts; they must not come back at once.
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 (not a secret)

    def reset(self) -> None:
        """It works again."""
        self._attempts = 0

    async def wait(self) -> None:
        """Sleep for the next delay."""
        await asyncio.sleep(self.delay())
