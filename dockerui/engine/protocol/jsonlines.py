"""A stream of JSON documents: events, stats, progress.

Wire format: documents separated by LF (events, stats) or CRLF (pull, push, build, load); with `json-seq`
each begins with RS (0x1E). The network cuts them anywhere, so that lines are put together first and decoded
then. Empty lines are nothing; several documents in one line are several.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from dockerui.engine.errors import ProtocolError, StreamCut

_LIMIT = 16 << 20
_SPACE = b" \t\r\x1e"
_decoder = json.JSONDecoder()


class JsonLinesDecoder:
    """Bytes as they arrive to decoded documents.

    >>> JsonLinesDecoder().feed(b'{"a":1}\\r\\n{"b"')
    [{'a': 1}]
    """

    def __init__(self, *, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """Take bytes; return the documents that are complete.

        Raises ProtocolError for what is not JSON and for a line longer than the limit.
        """
        cut = data.rfind(b"\n") + 1
        if not cut:
            self._hold(data)
            return []
        if self._held:
            lines = bytes(self._held) + data[:cut]
            self._held.clear()
        else:
            lines = data[:cut]
        self._hold(data[cut:])
        return [document for line in lines.split(b"\n") for document in self._decode(line)]

    def end(self) -> list[Any]:
        """The stream ended: return the last document if it lacked only its line end.

        Raises StreamCut when it is not complete.
        """
        line = bytes(self._held)
        self._held.clear()
        try:
            return self._decode(line)
        except ProtocolError as exc:
            raise StreamCut("the stream ended inside a JSON document") from exc

    def _hold(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > self._limit:
            self._held.clear()
            raise ProtocolError(f"a JSON document is longer than {self._limit} bytes")

    def _decode(self, line: bytes) -> list[Any]:
        line = line.strip(_SPACE)
        if not line:
            return []
        if len(line) > self._limit:
            raise ProtocolError(f"a JSON document is longer than {self._limit} bytes")
        try:
            return [orjson.loads(line)]
        except ValueError:
            return _several(line)


def _several(line: bytes) -> list[Any]:
    """Documents that share a line."""
    documents = []
    try:
        text = line.decode()
        position = 0
        while position < len(text):
            document, position = _decoder.raw_decode(text, position)
            documents.append(document)
            while position < len(text) and text[position] in " \t\r\x1e":
                position += 1
    except (ValueError, RecursionError) as exc:
        raise ProtocolError("the stream is not JSON") from exc
    return documents
