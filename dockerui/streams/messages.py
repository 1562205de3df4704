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
"""Bytes of a terminal's line that are held back; of a longer one the parts count as messages."""
_STAMP = 64  # bytes in which a message's time is found
_words = struct.Struct(">II")
_NO_STREAM = 0xFCFFFFFF  # bits that are zero in the first word of a header


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Whole messages: `count` of them, the first and the last written at these times (ns since the epoch, 0
    when unknown), the last one beginning at `last_at`.
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
    """Cuts bytes as they come into pieces of whole messages, and holds back the beginning of the next."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._rest = b""

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
        return LogPiece(rest, 1 if self._tty and rest else 0)

    def _lines(self, data: bytes) -> tuple[int, int, int]:
        end = data.rfind(b"\n") + 1
        if len(data) - end > LONGEST_LINE:
            return len(data), data.count(b"\n") + 1, end
        return end, data.count(b"\n", 0, end), data.rfind(b"\n", 0, max(0, end - 1)) + 1

    def _time(self, data: bytes, at: int) -> int:
        start = at if self._tty else at + HEADER
        return split_line(data[start : start + _STAMP].split(b"\n", 1)[0])[0] or 0


def _frames(data: bytes) -> tuple[int, int, int]:
    """Where the last whole frame ends, how many there are, where the last begins. The hot loop."""
    at = last_at = count = 0
    end, read = len(data), _words.unpack_from
    while end - at >= HEADER:
        word, length = read(data, at)
        if word & _NO_STREAM or length > LARGEST_FRAME:
            raise ProtocolError("not a multiplexed stream: bad frame header")
        after = at + HEADER + length
        if after > end:
            break
        last_at, at, count = at, after, count + 1
    return at, count, last_at
