"""HTTP/1 answers as an Engine sends them: bytes in, head and body out. No I/O.

Wire format: a status line, header lines and an empty line, each ended by CRLF (a bare LF is accepted), then
the body. What frames the body is said by the head:

    HEAD request, 1xx, 204, 304     no body
    Transfer-Encoding: chunked      <hex size>[;extension] CRLF <bytes> CRLF ... 0 CRLF [trailers] CRLF
    Content-Length: n               n bytes
    none of these                   everything up to the end of the connection (what HTTP/1.0 streams get)

A hijacked connection (101, or 200 to an attach) has no framing at all: `RawBody`.

Every decoder keeps what arrived beyond its own end in `rest`, so no byte after a head or a body is ever lost.
Only the end of the connection can tell truncation: `end()` raises StreamCut where the framing shows one. A
body that is framed by the end of the connection cannot show it; whoever reads it has to ask the Engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from dockerui.engine.errors import ProtocolError, StreamCut

LONGEST_HEAD = 64 * 1024
_LONGEST_CHUNK_LINE = 4 * 1024
_LONGEST_TRAILERS = 16 * 1024
_NO_BODY = frozenset((204, 304))


class Headers(Mapping[str, str]):
    """Header fields; names are case-insensitive, repeated fields are joined by a comma."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        fields: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            fields[key] = f"{fields[key]}, {value}" if key in fields else value
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"


@dataclass(frozen=True)
class ResponseHead:
    """Status line and headers of one answer."""

    version: str
    status: int
    reason: str
    headers: Headers


class HeadDecoder:
    """Reads one response head; interim answers (100, 102, 103) are passed over, 101 is not interim here.

    >>> HeadDecoder().feed(b"HTTP/1.0 200 OK\\r\\n\\r\\n").status
    200
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self.rest = b""

    def feed(self, data: bytes) -> ResponseHead | None:
        """Take bytes; returns the head as soon as it is complete (then `rest` holds the first body bytes)."""
        self._buffer += data
        while True:
            end, after = self._head_end()
            if end < 0:
                if len(self._buffer) > LONGEST_HEAD:
                    raise ProtocolError(f"the response head is longer than {LONGEST_HEAD} bytes")
                self._refuse_garbage()
                return None
            head = parse_head(bytes(self._buffer[:end]))
            del self._buffer[:after]
            self._searched = 0
            if head.status >= 200 or head.status == 101:
                self.rest = bytes(self._buffer)
                self._buffer.clear()
                return head

    def end(self) -> None:
        """The connection ended before the head was complete: raises StreamCut."""
        raise StreamCut("the connection ended before the response head was complete")

    def _head_end(self) -> tuple[int, int]:
        """Where the head's text ends and where the body starts; (-1, -1) while that is not known."""
        start = max(0, self._searched - 3)
        crlf = self._buffer.find(b"\r\n\r\n", start)
        bare = self._buffer.find(b"\n\n", start)
        self._searched = len(self._buffer)
        if crlf >= 0 and (bare < 0 or crlf < bare):
            return crlf, crlf + 4
        return (bare, bare + 2) if bare >= 0 else (-1, -1)

    def _refuse_garbage(self) -> None:
        # Whatever is not HTTP (TLS answered on a plain port, another service) is told at once, not at the
        # limit.
        start = bytes(self._buffer[:5])
        if start != b"HTTP/"[: len(start)]:
            raise ProtocolError(f"not an HTTP answer: {start!r}")


def parse_head(text: bytes) -> ResponseHead:
    """Parse a complete head (without the empty line). Raises ProtocolError."""
    lines = text.decode("latin-1").replace("\r\n", "\n").split("\n")
    version, _, tail = lines[0].partition(" ")
    code, _, reason = tail.strip().partition(" ")
    if not version.startswith("HTTP/1.") or not (len(code) == 3 and code.isascii() and code.isdigit()):
        raise ProtocolError(f"not an HTTP/1 status line: {lines[0][:80]!r}")
    if int(code) < 100:
        raise ProtocolError(f"no such HTTP status: {code}")
    pairs = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise ProtocolError(f"not an HTTP header line: {line[:80]!r}")
        pairs.append((name, value.strip()))
    return ResponseHead(version, int(code), reason.strip(), Headers(pairs))


class Body(Protocol):
    """A body decoder. `complete` says that the framing has told the end; `rest` is what arrived after it."""

    complete: bool
    rest: bytes

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the wire; returns the payload in them."""

    def end(self) -> None:
        """The connection ended: raises StreamCut if the framing shows that the body is not complete."""


class RawBody:
    """No framing: bytes as they come, up to the end of the connection."""

    rest = b""

    def __init__(self) -> None:
        self.complete = False

    def feed(self, data: bytes) -> bytes:
        """See Body."""
        return data

    def end(self) -> None:
        """The end of the connection is the end of the body."""
        self.complete = True


class LengthBody:
    """`length` bytes (0 for an answer without a body)."""

    def __init__(self, length: int) -> None:
        self._left = length
        self.complete = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """See Body."""
        if len(data) <= self._left:
            self._left -= len(data)
            self.complete = self._left == 0
            return data
        payload, self.rest = data[: self._left], self.rest + data[self._left :]
        self._left = 0
        self.complete = True
        return payload

    def end(self) -> None:
        """See Body."""
        if not self.complete:
            raise StreamCut(f"the connection ended {self._left} bytes before the end of the body")


class ChunkedBody:
    """A chunked body. Extensions and trailers are read and dropped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._left = 0  # bytes of the current chunk still to come
        self._state = "size"  # size → data → after → size …; after a size of 0: trailers
        self._trailers = 0
        self.complete = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """See Body. Raises ProtocolError for what is not chunked encoding."""
        if self.complete:
            self.rest += data
            return b""
        if self._state == "data" and not self._buffer and len(data) <= self._left:
            self._left -= len(data)  # the middle of a large chunk: no copy
            self._state = "data" if self._left else "after"
            return data
        self._buffer += data
        payload = bytearray()
        position = 0
        while not self.complete:
            if self._state == "data":
                taken = min(self._left, len(self._buffer) - position)
                payload += self._buffer[position : position + taken]
                position += taken
                self._left -= taken
                if self._left:
                    break
                self._state = "after"
            line, after = self._line(position)
            if line is None:
                break
            position = after
            self._take_line(line)
        del self._buffer[:position]
        if self.complete:
            self.rest = bytes(self._buffer)
            self._buffer.clear()
        return bytes(payload)

    def end(self) -> None:
        """See Body."""
        if not self.complete:
            raise StreamCut("the connection ended inside a chunked body")

    def _line(self, position: int) -> tuple[bytes | None, int]:
        end = self._buffer.find(b"\n", position)
        if end < 0:
            if len(self._buffer) - position > _LONGEST_CHUNK_LINE:
                raise ProtocolError("a line of the chunked encoding is too long")
            return None, position
        return bytes(self._buffer[position:end]).removesuffix(b"\r"), end + 1

    def _take_line(self, line: bytes) -> None:
        if self._state == "after":
            if line:
                raise ProtocolError("a chunk is longer than its size says")
            self._state = "size"
        elif self._state == "size":
            self._left = _chunk_size(line)
            self._state = "data" if self._left else "trailers"
        elif line:
            self._trailers += len(line)
            if self._trailers > _LONGEST_TRAILERS:
                raise ProtocolError("the trailers of a chunked body are too long")
        else:
            self.complete = True


def body_of(head: ResponseHead, method: str) -> Body:
    """The decoder for the body that follows `head` in answer to `method`. Raises ProtocolError."""
    if method == "HEAD" or head.status < 200 or head.status in _NO_BODY:
        return LengthBody(0)
    encodings = head.headers.get("transfer-encoding", "").lower()
    if encodings.strip() == "chunked":
        return ChunkedBody()
    if encodings:
        raise ProtocolError(f"unknown transfer encoding {encodings[:40]!r}")
    length = head.headers.get("content-length")
    if length is None:
        return RawBody()
    sizes = {part.strip() for part in length.split(",")}
    size = sizes.pop()
    if sizes or not (size.isascii() and size.isdigit()) or len(size) > 18:
        raise ProtocolError(f"not a content length: {length[:40]!r}")
    return LengthBody(int(size))


def request_bytes(method: str, target: str, headers: Mapping[str, str], *, version: str = "1.1") -> bytes:
    """The head of a request. Raises ProtocolError for anything that could smuggle a second line."""
    lines = [f"{method} {target} HTTP/{version}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in line or "\n" in line or "\0" in line for line in lines) or " " in method + target:
        raise ProtocolError("a request line or header may not contain blanks or line breaks")
    try:
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    except UnicodeEncodeError as error:
        raise ProtocolError("a request head may only contain Latin-1 characters") from error


def chunk_bytes(data: bytes) -> bytes:
    """`data` (not empty: an empty chunk is the end) as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > 16 or not all(c in b"0123456789abcdefABCDEF" for c in digits):
        raise ProtocolError(f"not a chunk size: {line[:40]!r}")
    return int(digits, 16)
