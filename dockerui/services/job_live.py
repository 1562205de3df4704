"""What a job looks like while it runs: progress in memory, coalesced for whoever watches."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

TAIL_LIMIT = 64 << 10  # characters a late watcher gets at once
PENDING_LIMIT = 1 << 20  # characters between two writes to the database; more is cut at its start
WATCH_EVERY = 0.25  # seconds between two frames to a watcher
UNDER_WAY = ("queued", "running")


@dataclass
class Item:
    """One part of a job with progress of its own, such as an image layer; sizes in bytes, None where
    unknown.
    """

    id: str
    status: str
    current: int | None = None
    total: int | None = None


class Tail:
    """The last `limit` characters of a text that grows, and how long it has become."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[str] = deque()
        self._held = 0
        self.length = 0

    def append(self, text: str) -> None:
        """Add to the end; whole pieces at the start are forgotten when the rest is enough."""
        kept = text[-self._limit :]
        self._pieces.append(kept)
        self._held += len(kept)
        self.length += len(text)
        while self._held - len(self._pieces[0]) >= self._limit:
            self._held -= len(self._pieces.popleft())

    def since(self, position: int) -> str:
        """What came after the first `position` characters, as far as it is held."""
        wanted = min(self.length - position, self._held, self._limit)
        return "".join(self._pieces)[-wanted:] if wanted > 0 else ""

    def take(self) -> str:
        """Everything that is held, which is then forgotten."""
        text = self.since(0)
        self._pieces.clear()
        self._held = 0
        return text


@dataclass
class LiveJob:
    """Progress of one running job. Touched on the event loop only."""

    id: str
    kind: str
    title: str
    owner_id: int | None
    owner_name: str
    state: str = "queued"
    fraction: float | None = None
    message: str = ""
    error: str = ""
    result: Any = None
    rate: float | None = None
    items: dict[str, Item] = field(default_factory=dict)
    tail: Tail = field(default_factory=lambda: Tail(TAIL_LIMIT))
    pending: Tail = field(default_factory=lambda: Tail(PENDING_LIMIT))
    """Printed but not yet in the database."""
    version: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def touch(self) -> None:
        """Wake the watchers."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def print(self, text: str) -> None:
        """Append output."""
        self.pending.append(text)
        self.tail.append(text)
        self.touch()

    def summary(self) -> dict[str, Any]:
        """What the tray shows."""
        return {
            "id": self.id, "kind": self.kind, "title": self.title,
            "owner": self.owner_name, "state": self.state,
            "fraction": self.fraction, "message": self.message, "error": self.error, "rate": self.rate,
        }  # fmt: skip

    def details(self) -> dict[str, Any]:
        """What the job's page shows beside its output."""
        items = [
            {"id": item.id, "status": item.status, "current": item.current, "total": item.total}
            for item in self.items.values()
        ]
        return {**self.summary(), "items": items, "result": self.result}

    async def changes(self) -> AsyncGenerator[tuple[dict[str, Any], str], None]:
        """Details and newly printed text: at once, then at most every `WATCH_EVERY` seconds, until the job
        ends.
        """
        seen = 0
        while True:
            event, last = self._changed, self.state
            fresh, seen = self.tail.since(seen), self.tail.length
            yield self.details(), fresh
            if last not in UNDER_WAY:
                return
            await event.wait()
            if self.state in UNDER_WAY:
                await asyncio.sleep(WATCH_EVERY)


class Meter:
    """Bytes per second over the last few seconds, for a total that may be set anew at any time."""

    def __init__(self, window: float = 3.0) -> None:
        self._window = window
        self._points: deque[tuple[float, int]] = deque()

    def rate(self, total: int) -> float | None:
        """Note the total so far; None until half a second has been seen."""
        now = time.monotonic()
        if not self._points or now - self._points[-1][0] >= 0.1:
            self._points.append((now, total))
        while len(self._points) > 2 and now - self._points[1][0] > self._window:
            self._points.popleft()
        first_at, first = self._points[0]
        return max(0.0, (total - first) / (now - first_at)) if now - first_at >= 0.5 else None
