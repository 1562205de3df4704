"""Sleeping for less than a millisecond.

asyncio's selectors round every timeout up to whole milliseconds, which is four times what the Engine needs to
fill a unix socket with log lines: a reader that rests so long makes the Engine wait. Linux has timers that
are files; Python has them from 3.13 on, until then they are called through ctypes. Elsewhere the sleep is
asyncio's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import struct
import sys

_CLOCK_MONOTONIC = 1
_timespecs = struct.Struct("@qqqq")
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class FineTimer:
    """One sleeper's timer; takes a file descriptor at the first `sleep` and gives it back at `close`."""

    def __init__(self) -> None:
        self._fd = -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def sleep(self, seconds: float) -> None:
        """Sleep for `seconds` (more than 0)."""
        if not self._open():
            await asyncio.sleep(seconds)
            return
        whole = int(seconds)
        spec = _timespecs.pack(0, 0, whole, max(1, int((seconds - whole) * 1e9)))
        if _libc is None or _libc.timerfd_settime(self._fd, 0, spec, None) != 0:
            await asyncio.sleep(seconds)
            return
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Give the descriptor back. Can be called twice."""
        if self._fd >= 0 and self._loop is not None:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
        self._fd = -1

    def _open(self) -> bool:
        if self._fd < 0 and _libc is not None:
            self._fd = _libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
            if self._fd >= 0:
                self._loop = asyncio.get_running_loop()
                self._loop.add_reader(self._fd, self._on_expired)
        return self._fd >= 0

    def _on_expired(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._fd, 8)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
