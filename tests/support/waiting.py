"""Wait for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
POLL = 0.02  # seconds between looks


def wait_until(condition: Callable[[], T], *, timeout: float = 10.0, what: str = "") -> T:
    """The first true value of ``condition``; fails after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout} s: {what or condition}"
        time.sleep(POLL)


def settled(read: Callable[[], T], *, quiet: float = 0.5, timeout: float = 20.0) -> T:
    """The value of ``read`` once it has stayed the same for ``quiet`` seconds."""
    value, since = read(), time.monotonic()
    deadline = since + timeout
    while time.monotonic() - since < quiet:
        assert time.monotonic() < deadline, f"still changing after {timeout} s: {value}"
        time.sleep(POLL)
        now = read()
        if now != value:
            value, since = now, time.monotonic()
    return value
