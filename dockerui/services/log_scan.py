"""Finding lines in a log as it streams by: whole buffers at a time, with a linear-time regular expression.

A buffer's messages are put together without their frames and times and searched as one text: walking the
frames costs more than the search. RE2 cannot be made slow by an expression, so anybody's may run here.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import re2

from dockerui.engine.errors import ProtocolError
from dockerui.engine.protocol.logline import split_line
from dockerui.engine.protocol.stdcopy import HEADER
from dockerui.services.errors import BadInput

LONGEST_QUERY = 1_000
LONGEST_TEXT = 2_000  # bytes of a matching line that are shown
LONGEST_FRAME = 4 << 20
LONGEST_HELD = 1 << 20  # bytes of a line without an end that are kept for its rest
MEMORY = 16 << 20  # bytes that RE2 may use for an expression
_STAMP = 30  # characters of a time as Docker writes it
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[@-_])")
_words = struct.Struct(">II")


def compile_query(text: Any, *, regex: bool, case: bool) -> Any:
    """The expression for what somebody typed. Raises BadInput."""
    if not isinstance(text, str) or not text or len(text) > LONGEST_QUERY:
        raise BadInput(f"Search for something of at most {LONGEST_QUERY} characters.")
    options = re2.Options()
    options.case_sensitive, options.never_nl, options.log_errors, options.max_mem = case, True, False, MEMORY
    try:
        return re2.compile("(?m)" + (text if regex else re2.escape(text)), options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error, re2.error) else str(error)
        raise BadInput(
            f"This expression cannot be searched for in whole logs: {reason}. Look-around and back-references"
            " are not possible there."
        ) from error


@dataclass(frozen=True)
class Found:
    """A matching line. `ordinal`: how many lines before it have the same time."""

    time_ns: int
    ordinal: int
    text: str


class Scanner:
    """Takes one log's bytes, as the Engine sends them with timestamps."""

    def __init__(self, query: Any, *, tty: bool) -> None:
        self._query = query
        self._tty = tty
        self._rest = b""
        self._carried: tuple[bytes, int] = (b"", 0)
        self.lines = 0
        self.first_ns = 0
        self.last_ns = 0

    def feed(self, data: bytes, *, last: bool = False) -> list[Found]:
        """Search what is complete; `last` says that nothing will follow. Raises ProtocolError."""
        data = self._rest + data
        stamps, texts = self._lines(data, last) if self._tty else self._frames(data, last)
        if not texts:
            return []
        self.lines += len(texts)
        self._note_times(stamps)
        whole = b"".join(texts)
        if b"\x1b" in whole:
            texts = [_ESCAPE.sub(b"", text) if b"\x1b" in text else text for text in texts]
            whole = b"".join(texts)
        found = self._search(whole, stamps, texts)
        self._carry(stamps)
        return found

    def _frames(self, data: bytes, last: bool) -> tuple[list[bytes], list[bytes]]:
        stamps: list[bytes] = []
        texts: list[bytes] = []
        at, end, stream, begun = 0, len(data), -1, 0
        while end - at >= HEADER:
            word, length = _words.unpack_from(data, at)
            if word & 0x00FFFFFF or word > 3 << 24 or length > LONGEST_FRAME:
                raise ProtocolError("this is not a log stream")
            stop = at + HEADER + length
            if stop > end:
                break
            stamp, text = _split(data[at + HEADER : stop])
            if texts and word >> 24 == stream and texts[-1][-1:] != b"\n":
                texts[-1] += text  # the next part of a line over 16 KiB
            else:
                stamps.append(stamp)
                texts.append(text)
                begun = at
            stream, at = word >> 24, stop
        if texts and texts[-1][-1:] != b"\n" and not last and end - begun < LONGEST_HELD:
            stamps.pop()
            texts.pop()
            at = begun
        self._rest = data[at:]
        return stamps, texts

    def _lines(self, data: bytes, last: bool) -> tuple[list[bytes], list[bytes]]:
        lines = data.splitlines(keepends=True) if last else data.split(b"\n")
        if not last:
            self._rest = lines.pop()
            lines = [line + b"\n" for line in lines]
        pairs = [_split(line) for line in lines]
        return [stamp for stamp, _ in pairs], [text for _, text in pairs]

    def _search(self, whole: bytes, stamps: list[bytes], texts: list[bytes]) -> list[Found]:
        starts, at = [], 0
        for text in texts:
            starts.append(at)
            at += len(text)
        found, position = [], 0
        while position < len(whole) and (match := self._query.search(whole, position)):
            line = bisect_right(starts, match.start()) - 1
            shown = texts[line].rstrip(b"\r\n")[:LONGEST_TEXT].decode(errors="replace")
            found.append(Found(_time(stamps[line]), self._ordinal(stamps, line), shown))
            position = starts[line] + len(texts[line])
        return found

    def _ordinal(self, stamps: list[bytes], line: int) -> int:
        first = line
        while first > 0 and stamps[first - 1] == stamps[line]:
            first -= 1
        before = self._carried[1] if first == 0 and self._carried[0] == stamps[line] else 0
        return line - first + before

    def _carry(self, stamps: list[bytes]) -> None:
        self._carried = (stamps[-1], self._ordinal(stamps, len(stamps) - 1) + 1)

    def _note_times(self, stamps: list[bytes]) -> None:
        self.first_ns = self.first_ns or _time(stamps[0])
        self.last_ns = _time(stamps[-1]) or self.last_ns


def _split(payload: bytes) -> tuple[bytes, bytes]:
    """A message's time, as it is written, and its text."""
    if payload[_STAMP : _STAMP + 1] == b" " and payload[_STAMP - 1 : _STAMP] == b"Z":
        return payload[:_STAMP], payload[_STAMP + 1 :]
    text = split_line(payload)[1]
    return payload[: len(payload) - len(text)].rstrip(), text


def _time(stamp: bytes) -> int:
    return split_line(stamp)[0] or 0
