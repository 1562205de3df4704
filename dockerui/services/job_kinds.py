"""What sorts of jobs there are, and what a handler works with."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor
from dockerui.services.job_live import Item, LiveJob, Meter
from dockerui.services.uploads import Download, Upload

Run = Callable[["JobContext"], Awaitable[Any]]


@dataclass(frozen=True)
class JobKind:
    """A sort of job: who may submit it and what it does. `resumable`: running it again from the start is
    harmless.
    """

    name: str
    permission: str
    run: Run
    resumable: bool


KINDS: dict[str, JobKind] = {}


def job_kind(name: str, *, permission: str, resumable: bool = False) -> Callable[[Run], JobKind]:
    """Declare a kind; the decorated coroutine does the work and returns a JSON result."""

    def declare(run: Run) -> JobKind:
        KINDS[name] = JobKind(name, permission, run, resumable)
        return KINDS[name]

    return declare


class JobFailed(Exception):
    """The work could not be done; the text is for the person who asked."""


class JobContext:
    """What a handler works with: its parameters, its actor, and the way to say how far it is."""

    def __init__(
        self, live: LiveJob, actor: Actor, params: dict[str, Any], upload: Upload | Download | None
    ) -> None:
        self.live = live
        self.actor = actor
        self.params = params
        self.upload = upload
        """What a request gives this job, or takes from it, while it is open; None for all other jobs."""
        self.meter = Meter()
        self._next = 0.0

    def progress(
        self, *, fraction: float | None = None, message: str | None = None, rate: float | None = None
    ) -> None:
        """Say how far the work is: `fraction` 0 to 1, `rate` in bytes per second (0: nothing moves)."""
        if fraction is not None:
            self.live.fraction = min(1.0, max(0.0, fraction))
        if message is not None:
            self.live.message = message[:500]
        if rate is not None:
            self.live.rate = rate
        self.live.touch()

    def due(self) -> bool:
        """Whether it is time to say how far the work is: at most ten times a second, however fast bytes
        come.
        """
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 0.1
        return True

    def item(self, item_id: str, status: str, current: int | None = None, total: int | None = None) -> None:
        """Say how far one part is, such as a layer; sizes in bytes."""
        known = self.live.items.setdefault(item_id, Item(item_id, status))
        known.status = status
        known.current = current if current is not None else known.current
        known.total = total if total is not None else known.total
        self.live.touch()

    def output(self, text: str) -> None:
        """Print text to the job's output."""
        if text:
            self.live.print(text)

    def fed(self) -> Upload:
        """The upload of a job that cannot do without one. Raises JobFailed."""
        if not isinstance(self.upload, Upload):
            raise JobFailed("The upload for this is gone; start it again.")
        return self.upload

    def sink(self) -> Download:
        """The download of a job that makes one. Raises JobFailed."""
        if not isinstance(self.upload, Download):
            raise JobFailed("The download of this is gone; start it again.")
        return self.upload
