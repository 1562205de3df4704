"""How eagerly bulk streams read: fewer wake-ups when much arrives, more room for keystrokes.

The Engine writes one log line at a time. A reader that wakes for every line spends its time on wake-ups; one
that rests after it has emptied the socket finds a whole batch the next time, at half of the CPU. It rests
after the data was handed on, so a lone line is not delayed. How long is measured (500,000 lines of 100 bytes,
Engine 20.10):

    no rest     1.5 s, 0.81 s of CPU          0.3 ms      1.5 s, 0.47 s of CPU
    1 ms        2.3 s, 0.47 s of CPU: a unix socket holds 278 lines, the Engine waits for us

While a terminal is open in the process the rest is 3 ms, which leaves the loop to the keystrokes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

REST = 0.0003
REST_AFTER_FEW = 0.001
REST_BESIDE_TERMINAL = 0.003
FEW = 2048
"""A read below this is no flood: its rest need not be exact."""


class Pacing:
    """Shared by the streams of a process (or of one AsyncEngine)."""

    def __init__(self) -> None:
        self._terminals = 0

    def rest(self, size: int) -> float:
        """Seconds to rest after a read of `size` bytes that emptied the socket."""
        if self._terminals:
            return REST_BESIDE_TERMINAL
        return REST if size >= FEW else REST_AFTER_FEW

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
