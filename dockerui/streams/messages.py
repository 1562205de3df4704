"""A log's bytes in whole messages: frames of stdcopy, or the lines of a terminal.

A log that several viewers share must be joined, and dropped from, between two messages. Only the frames'
headers are looked at, and the first and the last time of a piece; everything else passes as it is.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from dockerui.engine.errors import ProtocolError
from dockerui.engine.protocol.logline import split_line
from dockerui.engine.protocol.stdcopy import HEADER

LARGEST_FRAME = 4 << 20
"""Bytes; the Engine cuts log lines at 16 KiB, so a larger frame is none."""
LONGEST_LINE = 64 << 10
"""Bytes of a line that are held back: nothing is left out from its midst. A longer one comes in parts."""
_STAMP = 64  # bytes in which a message's time is found
_words = struct.Struct(">II")
_LF = 10
_NO_STREAM = 0xFCFFFFFF  # bits that are zero in the first word of a header


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Whole lines: `count` messages (a long line has several), the first and the last written at these times
    (ns since the epoch, 0 when unknown), the last one beginning at `last_at`.
    """

    data: bytes
    count: int = 0
    first_ns: int = 0
    last_ns: int = 0
    last_at: int = 0

    @property
    def last(self) -> bytes:
        """The last message."""
        return self.data[self.last_at :]


class MessageCutter:
    """Cuts bytes as they come into pieces of whole lines, and holds back the beginning of the next."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._rest = b""
        self._known_ns = 0

    def feed(self, data: bytes) -> LogPiece:
        """What is complete now, perhaps nothing. Raises ProtocolError for what are no frames."""
        if self._rest:
            data = self._rest + data
        end, count, last_at = self._lines(data) if self._tty else _frames(data)
        self._rest = data[end:]
        if not count:
            return LogPiece(b"")
        data = data[:end] if self._rest else data
        return LogPiece(data, count, self._time(data, 0), self._time(data, last_at), last_at)

    def end(self) -> LogPiece:
        """The stream has ended: what is left, a line without its end or a frame that was cut."""
        rest, self._rest = self._rest, b""
        count = min(1, len(rest)) if self._tty else _walk(rest)[1]
        return LogPiece(rest, count, self._known_ns, self._known_ns)

    def _lines(self, data: bytes) -> tuple[int, int, int]:
        end = data.rfind(b"\n") + 1
        if len(data) - end > LONGEST_LINE:
            return len(data), data.count(b"\n") + 1, end
        return end, data.count(b"\n", 0, end), data.rfind(b"\n", 0, max(0, end - 1)) + 1

    def _time(self, data: bytes, at: int) -> int:
        start = at if self._tty else at + HEADER
        found = split_line(data[start : start + _STAMP].split(b"\n", 1)[0])[0]
        self._known_ns = found or self._known_ns  # the midst of a line is as old as its beginning
        return self._known_ns


def _frames(data: bytes) -> tuple[int, int, int]:
    """Where the last frame ends that ends a line, how many there are, where the last begins."""
    found = _walk(data)
    if not found[0] or data[found[0] - 1] == _LF:
        return found
    whole = _walk(data, lines=True)
    return found if found[0] - whole[0] > LONGEST_LINE else whole


def _walk(data: bytes, *, lines: bool = False) -> tuple[int, int, int]:
    """Where the last whole frame ends, how many there are, where the last begins; with `lines` only up to one
    that ends a line. The hot loop.
    """
    at = last_at = count = 0
    end, read = len(data), _words.unpack_from
    found = (0, 0, 0)
    while end - at >= HEADER:
        word, length = read(data, at)
        if word & _NO_STREAM or length > LARGEST_FRAME:
            raise ProtocolError("not a multiplexed stream: bad frame header")
        after = at + HEADER + length
        if after > end:
            break
        last_at, at, count = at, after, count + 1
        if lines and data[after - 1] == _LF:
            found = (at, count, last_at)
    return found if lines else (at, count, last_at)
