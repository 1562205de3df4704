"""What a job looks like while it runs: progress in memory, coalesced for whoever watches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

OUTPUT_LIMIT = 1 << 20  # characters kept per job; a build that prints more keeps its end
TAIL_LIMIT = 64 << 10  # characters a late watcher gets at once
WATCH_EVERY = 0.25  # seconds between two frames to a watcher


@dataclass
class Item:
    """One part of a job with progress of its own, such as an image layer; sizes in bytes, None where unknown."""

    id: str
    status: str
    current: int | None = None
    total: int | None = None


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
    tail: str = ""
    printed: int = 0
    """Characters printed so far; the tail holds the last of them."""
    pending: list[str] = field(default_factory=list)
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
        self.printed += len(text)
        self.tail = (self.tail + text)[-TAIL_LIMIT:]
        self.touch()

    def summary(self) -> dict[str, Any]:
        """What the tray shows."""
        return {
            "id": self.id, "kind": self.kind, "title": self.title, "owner": self.owner_name, "state": self.state,
            "fraction": self.fraction, "message": self.message, "error": self.error, "rate": self.rate,
        }  # fmt: skip

    def details(self) -> dict[str, Any]:
        """What the job's page shows beside its output."""
        items = [
            {"id": item.id, "status": item.status, "current": item.current, "total": item.total}
            for item in self.items.values()
        ]
        return {**self.summary(), "items": items, "result": self.result}

    async def changes(self) -> AsyncIterator[tuple[dict[str, Any], str]]:
        """Details and newly printed text, at once and then at most every `WATCH_EVERY` seconds, until the job ends."""
        seen = self.printed - len(self.tail)
        while True:
            event, last = self._changed, self.state
            fresh = (
                self.tail[len(self.tail) - min(len(self.tail), self.printed - seen) :]
                if self.printed > seen
                else ""
            )
            seen = self.printed
            yield self.details(), fresh
            if last not in ("queued", "running"):
                return
            await event.wait()
            if self.state in ("queued", "running"):
                await asyncio.sleep(WATCH_EVERY)


class Meter:
    """Bytes per second over the last few seconds, for a total that may be set anew at any time."""

    def __init__(self, window: float = 3.0) -> None:
        self._window = window
        self._points: list[tuple[float, int]] = []

    def rate(self, total: int) -> float | None:
        """Note the total so far; None until a second has been seen."""
        now = time.monotonic()
        self._points.append((now, total))
        while len(self._points) > 2 and now - self._points[1][0] > self._window:
            self._points.pop(0)
        first_at, first = self._points[0]
        return max(0.0, (total - first) / (now - first_at)) if now - first_at >= 1.0 else None
