"""The client side of a websocket (RFC 6455), as far as `attach/ws` needs it. No I/O.

Wire format of a frame: byte 0 is FIN (0x80), reserved bits and the opcode; byte 1 is MASK (0x80) and the
length, or 126 and a 16-bit length, or 127 and a 64-bit length (big endian); then four bytes of mask if MASK
is set; then the payload, XORed with the mask. A client masks everything it sends, a server nothing. Control
frames (close, ping, pong) carry at most 125 bytes and may stand between the fragments of a message.

The Engine sends text frames below API 1.28 and binary ones from then on; its text frames may hold invalid
UTF-8, so here both are bytes. The boundaries of messages mean nothing to a terminal, so fragments are passed
on as they come.
"""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dockerui.engine.errors import ProtocolError

from .http import ResponseHead

LONGEST_FRAME = 16 * 1024 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Received:
    """Something the server sent: `data` (payload bytes), `ping`, `pong` or `close` (with its code and
    reason).
    """

    kind: Literal["data", "ping", "pong", "close"]
    payload: bytes = b""
    code: int = 1005


class Handshake:
    """The opening handshake: headers to send, and the check of the answer."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = base64.b64encode(os.urandom(16) if key is None else key)

    @property
    def headers(self) -> Mapping[str, str]:
        """What the request carries besides Host."""
        return {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self._key.decode(),
        }

    def check(self, head: ResponseHead) -> None:
        """Raises ProtocolError unless `head` accepts the handshake."""
        expected = base64.b64encode(hashlib.sha1(self._key + _GUID, usedforsecurity=False).digest()).decode()
        if head.status != 101 or head.headers.get("sec-websocket-accept", "") != expected:
            raise ProtocolError("the answer does not accept the websocket handshake")


class FrameDecoder:
    """Splits what the server sends into frames. Never holds more than one frame, and none above
    LONGEST_FRAME.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fragmented = False

    @property
    def inside_frame(self) -> bool:
        """Whether part of a frame or of a fragmented message has arrived: an end here is a cut."""
        return bool(self._buffer) or self._fragmented

    def feed(self, data: bytes) -> list[Received]:
        """Take bytes; returns what is complete. Raises ProtocolError."""
        self._buffer += data
        received = []
        position = 0
        while (frame := self._frame(position)) is not None:
            opcode, final, start, end = frame
            received.append(self._take(opcode, final, bytes(self._buffer[start:end])))
            position = end
        del self._buffer[:position]
        return received

    def _frame(self, position: int) -> tuple[int, bool, int, int] | None:
        """Opcode, FIN, start and end of the payload of the frame at `position`; None: incomplete."""
        available = len(self._buffer) - position
        if available < 2:
            return None
        first, second = self._buffer[position], self._buffer[position + 1]
        if first & 0x70:
            raise ProtocolError("a websocket frame uses a reserved bit")
        if second & 0x80:
            raise ProtocolError("a websocket server may not mask its frames")
        length, header = second & 0x7F, 2
        if length >= 126:
            wide = ">H" if length == 126 else ">Q"
            header = 2 + struct.calcsize(wide)
            if available < header:
                return None
            (length,) = struct.unpack_from(wide, self._buffer, position + 2)
        if length > LONGEST_FRAME:
            raise ProtocolError(f"a websocket frame is longer than {LONGEST_FRAME} bytes")
        if available < header + length:
            return None
        start = position + header
        return first & 0x0F, bool(first & 0x80), start, start + length

    def _take(self, opcode: int, final: bool, payload: bytes) -> Received:
        if opcode >= _CLOSE:
            if not final or len(payload) > 125:
                raise ProtocolError("a websocket control frame is fragmented or too long")
            return _control(opcode, payload)
        if opcode not in (_CONTINUATION, _TEXT, _BINARY):
            raise ProtocolError(f"unknown websocket opcode {opcode}")
        if (opcode == _CONTINUATION) != self._fragmented:
            raise ProtocolError(
                "a websocket message is continued that was not begun, or begun inside another"
            )
        self._fragmented = not final
        return Received("data", payload)


def _control(opcode: int, payload: bytes) -> Received:
    if opcode == _PING:
        return Received("ping", payload)
    if opcode == _PONG:
        return Received("pong", payload)
    if opcode != _CLOSE:
        raise ProtocolError(f"unknown websocket opcode {opcode}")
    if len(payload) == 1:
        raise ProtocolError("a websocket close frame has half a code")
    if not payload:
        return Received("close")
    return Received("close", payload[2:], int.from_bytes(payload[:2], "big"))


def data_frame(payload: bytes, *, text: bool = False, mask: bytes | None = None) -> bytes:
    """One masked, unfragmented frame with `payload`."""
    return _frame_bytes(_TEXT if text else _BINARY, payload, mask)


def pong_frame(payload: bytes, *, mask: bytes | None = None) -> bytes:
    """The answer to a ping with `payload`."""
    return _frame_bytes(_PONG, payload, mask)


def close_frame(code: int = 1000, *, mask: bytes | None = None) -> bytes:
    """A close frame with `code`."""
    return _frame_bytes(_CLOSE, code.to_bytes(2, "big"), mask)


def _frame_bytes(opcode: int, payload: bytes, mask: bytes | None) -> bytes:
    mask = os.urandom(4) if mask is None else mask
    length = len(payload)
    if length < 126:
        head = struct.pack(">BB", 0x80 | opcode, 0x80 | length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, 0xFE, length)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0xFF, length)
    return head + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    # One big-integer XOR: thirty times faster than a loop over the bytes.
    length = len(payload)
    stream = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(length, "big")
