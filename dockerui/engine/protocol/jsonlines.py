"""JSON documents one after the other, as the Engine streams them: bytes in, documents out. No I/O.

Wire format: one document per line, ended by LF (events, stats) or CRLF (build, pull, push); with json-seq
each begins with a record separator (0x1E). The last line may lack its end. A document never spans lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerui.engine.errors import ProtocolError, StreamCut

LONGEST_LINE = 8 * 1024 * 1024
_BLANK = b" \t\r\x1e"


class JsonLines:
    """Splits and decodes; holds at most one line, and none above `longest` bytes.

    >>> JsonLines().feed(b'{"a": 1}\\n{"b"')
    [{'a': 1}]
    """

    def __init__(self, *, loads: Callable[[bytes], Any] = json.loads, longest: int = LONGEST_LINE) -> None:
        self._loads = loads
        self._longest = longest
        self._partial: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[Any]:
        """Take bytes; returns the documents that are complete. Raises ProtocolError for what is not JSON."""
        first, newline, tail = data.partition(b"\n")
        if not newline:
            self._hold(data)
            return []
        lines = tail.split(b"\n")
        if self._partial:
            first = b"".join((*self._partial, first))
            self._partial.clear()
            self._held = 0
        rest = lines.pop()
        if rest:
            self._hold(rest)
        return [self._decode(text) for line in (first, *lines) if (text := line.strip(_BLANK))]

    def finish(self) -> list[Any]:
        """The stream ended: the last document, if its line end is missing. Raises StreamCut inside a
        document.
        """
        text = b"".join(self._partial).strip(_BLANK)
        self._partial.clear()
        self._held = 0
        if not text:
            return []
        try:
            return [self._decode(text)]
        except ProtocolError as error:
            raise StreamCut("the stream ended inside a JSON document") from error

    def _hold(self, data: bytes) -> None:
        self._held += len(data)
        if self._held > self._longest:
            self._partial.clear()
            raise ProtocolError(f"the Engine sent a line of more than {self._longest} bytes")
        self._partial.append(data)

    def _decode(self, text: bytes) -> Any:
        if len(text) > self._longest:
            raise ProtocolError(f"the Engine sent a line of more than {self._longest} bytes")
        try:
            return self._loads(text)
        except ValueError as error:  # json's, orjson's and the Unicode decoder's errors are ones
            raise ProtocolError(f"the Engine sent something that is not JSON: {text[:60]!r}") from error
