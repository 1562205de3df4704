"""How eagerly bulk streams read: fewer wake-ups when much arrives, more room for keystrokes.

The Engine writes one log line at a time. A reader that wakes for every line spends its time on wake-ups; one
that rests for 1 ms after a *short* read (which means that it has caught up) finds a whole batch the next
time, at a third of the CPU. It rests after the data was handed on, so a lone line is not delayed. While a
terminal is open in the process the rest is 3 ms, which leaves the loop to the keystrokes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

REST = 0.001
REST_BESIDE_TERMINAL = 0.003


class Pacing:
    """Shared by the streams of a process (or of one AsyncEngine)."""

    def __init__(self) -> None:
        self._terminals = 0

    @property
    def rest(self) -> float:
        """Seconds to rest after a short read."""
        return REST_BESIDE_TERMINAL if self._terminals else REST

    @contextlib.contextmanager
    def terminal(self) -> Iterator[None]:
        """While inside, a terminal is open."""
        self._terminals += 1
        try:
            yield
        finally:
            self._terminals -= 1


PACING = Pacing()
"""The pacing of this process: terminals and logs of all Engines share its event loop."""
