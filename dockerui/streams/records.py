"""Log records in a stream of bytes: where they end, and which of them were seen before. No I/O.

A record is what the Engine logged at once: a stdcopy frame, or with a TTY a line. Streams are asked for with
timestamps, so a record begins with its time; a line longer than 16 KiB is several frames with the same time.
That makes a position that survives reconnecting: the time of the last record, and how many records with that
very time were seen. `since` at that time brings them again, and exactly that many are skipped.

Bytes pass through untouched, in whole records, so that a chunk can be dropped or repeated without breaking
the framing.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from dockerui.engine.errors import ProtocolError, StreamCut
from dockerui.engine.protocol.logline import split_line
from dockerui.engine.protocol.stdcopy import HEADER

from .subscription import Gap

LONGEST_FRAME = 4 << 20
_LONGEST_LINE = 1 << 20
_LONGEST_STAMP = 40
_words = struct.Struct(">II")
_STREAMS = frozenset(stream << 24 for stream in range(4))


@dataclass(frozen=True, order=True)
class Cursor:
    """A position in a log: `ordinal` records with the time `time_ns` (ns since the epoch) have been seen."""

    time_ns: int
    ordinal: int

    def __str__(self) -> str:
        return f"{self.time_ns}-{self.ordinal}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read what `str` wrote. Raises ValueError."""
        time, dash, ordinal = text.partition("-")
        if not (dash and time.isascii() and time.isdigit() and ordinal.isascii() and ordinal.isdigit()):
            raise ValueError("not a log cursor")
        if len(time) > 19 or len(ordinal) > 9:
            raise ValueError("not a log cursor")
        return cls(int(time), int(ordinal))


@dataclass(frozen=True)
class LogChunk:
    """Whole log records as the Engine sent them: `data`, how many there are, and their stamps as text."""

    data: bytes = field(repr=False)
    count: int
    first: bytes = b""
    last: bytes = b""

    @property
    def gap(self) -> Gap:
        """What it means to lose this chunk."""
        return Gap(self.count, _time(self.first) or 0, _time(self.last) or 0)


class Records(ABC):
    """Cuts a stream into whole records and keeps the position.

    With `after` the records up to that position are skipped. `covered` then tells whether the stream reached
    back to it: False when its first record is later, so that records may be missing in between; None while
    unknown.
    """

    def __init__(self, after: Cursor | None = None) -> None:
        self._held = b""
        self._stamp = b""
        self._ordinal = 0
        self._skip = after
        self._skipped = 0
        self._known = after
        self.covered: bool | None = None
        self.first_time = 0

    @property
    def cursor(self) -> Cursor | None:
        """The position after the last record; what was given as `after` until there is one."""
        time = _time(self._stamp)
        return Cursor(time, self._ordinal) if time is not None else self._known

    def feed(self, data: bytes) -> LogChunk | None:
        """Take bytes; returns the new records that are complete. Raises ProtocolError for broken frames."""
        if self._held:
            data = self._held + data
        starts, end = self._split(data)
        self._held = data[end:]
        return self._take(data, starts, end)

    def end(self) -> LogChunk | None:
        """The stream ended: the last record, if it lacks only its line end. Raises StreamCut inside a
        frame.
        """
        data, self._held = self._held, b""
        return self._take(data, [0], len(data)) if self._last(data) else None

    @abstractmethod
    def _split(self, data: bytes) -> tuple[list[int], int]:
        """Where the complete records start, and where the last of them ends."""

    @abstractmethod
    def _last(self, data: bytes) -> bool:
        """Whether `data`, left at the end, is a record. Raises StreamCut."""

    @abstractmethod
    def _reaches(self, first: int, position: int) -> bool:
        """Whether a stream whose first record has the time `first` has all records of the time `position`."""

    @abstractmethod
    def _text(self, start: int) -> int:
        """Where the text of the record at `start` begins."""

    def _take(self, data: bytes, starts: list[int], end: int) -> LogChunk | None:
        if starts and self._skip is not None:
            starts = self._unseen(data, starts)
        if not starts:
            return None
        begin = starts[0]
        chunk = data if begin == 0 and end == len(data) else data[begin:end]
        first, last = self._stamp_at(data, begin), self._stamp_at(data, starts[-1])
        self._count(data, starts, last)
        return LogChunk(chunk, len(starts), first, last)

    def _count(self, data: bytes, starts: list[int], last: bytes) -> None:
        """Move the position: how many records at the end share the last time?"""
        if not last:
            return  # a message of the Engine itself has no time
        same = 0
        prefix = last + b" "
        for start in reversed(starts):
            if not data.startswith(prefix, self._text(start)):
                break
            same += 1
        if last == self._stamp and same == len(starts):
            self._ordinal += same
        else:
            self._stamp, self._ordinal = last, same

    def _unseen(self, data: bytes, starts: list[int]) -> list[int]:
        """Skip what lies before the position that reading goes on after."""
        skip = self._skip
        assert skip is not None
        for index, start in enumerate(starts):
            time = _time(self._stamp_at(data, start))
            if time is None:
                continue
            if self.covered is None:
                self.covered = self._reaches(time, skip.time_ns)
                self.first_time = time
            if time > skip.time_ns or (time == skip.time_ns and self._skipped >= skip.ordinal):
                if time == skip.time_ns:
                    self._stamp, self._ordinal = self._stamp_at(data, start), self._skipped
                self._skip = None
                return starts[index:]
            self._skipped += time == skip.time_ns
        return []

    def _stamp_at(self, data: bytes, start: int) -> bytes:
        text = self._text(start)
        space = data.find(b" ", text, text + _LONGEST_STAMP)
        stamp = data[text:space] if space >= 0 else b""
        return stamp if stamp[:2].isdigit() else b""


class FrameRecords(Records):
    """Records of a container without a TTY: stdcopy frames."""

    def _split(self, data: bytes) -> tuple[list[int], int]:
        starts: list[int] = []
        append, unpack = starts.append, _words.unpack_from
        position, size = 0, len(data)
        while size - position >= HEADER:  # the hot loop
            word, length = unpack(data, position)
            after = position + HEADER + length
            if word not in _STREAMS:
                raise ProtocolError("not a multiplexed stream: bad frame header")
            if after > size:
                if length > LONGEST_FRAME:
                    raise ProtocolError(f"a log frame is longer than {LONGEST_FRAME} bytes")
                break
            append(position)
            position = after
        return starts, position

    def _last(self, data: bytes) -> bool:
        if data:
            raise StreamCut("the stream ended inside a frame")
        return False

    def _reaches(self, first: int, position: int) -> bool:
        return first <= position

    def _text(self, start: int) -> int:
        return start + HEADER


class LineRecords(Records):
    """Records of a container with a TTY: lines. One beyond all bounds is cut where it is."""

    def _split(self, data: bytes) -> tuple[list[int], int]:
        end = data.rfind(b"\n") + 1
        if not end:
            return ([0], len(data)) if len(data) > _LONGEST_LINE else ([], 0)
        starts = [0]
        position = data.find(b"\n") + 1
        while position < end:
            starts.append(position)
            position = data.find(b"\n", position) + 1
        return starts, end

    def _last(self, data: bytes) -> bool:
        return bool(data)

    def _reaches(self, first: int, position: int) -> bool:
        # The first line may be the end of a long one, with a time of its own (Podman): it must not be
        # counted.
        return first < position

    def _text(self, start: int) -> int:
        return start


def _time(stamp: bytes) -> int | None:
    return split_line(stamp)[0] if stamp else None
