"""The latest output of a terminal: a bounded piece of a byte stream that knows its place in the whole.

Offsets count bytes since the stream began. A `framed` stream consists of Docker's stdcopy frames (8 bytes of
header, the last four the length): whoever lost bytes of it can go on only where a frame begins.
"""

from __future__ import annotations

from collections import deque

_HEADER = 8


class ReplayRing:
    """Holds the last `limit` bytes that were appended."""

    def __init__(self, limit: int, *, framed: bool = False) -> None:
        self.limit = limit
        self.end = 0
        self._data = bytearray()
        self._frames: deque[int] | None = deque() if framed else None  # offsets where frames begin
        self._header = bytearray()
        self._next_frame = 0

    @property
    def start(self) -> int:
        """Offset of the first byte that is still here."""
        return self.end - len(self._data)

    def append(self, data: bytes) -> None:
        """Add bytes at the end, forgetting the oldest beyond the limit."""
        if self._frames is not None:
            self._mark(data)
        self._data += data
        self.end += len(data)
        surplus = len(self._data) - self.limit
        if surplus > 0:
            del self._data[:surplus]
            while self._frames and self._frames[0] < self.start:
                self._frames.popleft()

    def read(self, offset: int, n: int) -> bytes:
        """At most `n` bytes from `offset`, which must be between `start` and `end`."""
        at = offset - self.start
        return bytes(self._data[at : at + n])

    def resumable(self, offset: int) -> int:
        """The first offset from which a reader can go on who wants `offset`: that one, or a later one if its
        bytes are gone.
        """
        if self.start <= offset <= self.end:
            return offset
        if self._frames is None:
            return self.start
        return self._frames[0] if self._frames else max(self.start, min(self._next_frame, self.end))

    def _mark(self, data: bytes) -> None:
        assert self._frames is not None
        end = self.end + len(data)
        while self._next_frame < end or self._header:
            if not self._header:
                self._frames.append(self._next_frame)
            at = self._next_frame + len(self._header) - self.end
            self._header += data[at : at + _HEADER - len(self._header)]
            if len(self._header) < _HEADER:
                return
            self._next_frame += _HEADER + int.from_bytes(self._header[4:], "big")
            self._header.clear()
