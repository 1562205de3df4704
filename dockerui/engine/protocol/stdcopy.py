"""stdcopy: how an Engine puts stdout and stderr into one stream when a container has no TTY.

Wire format, repeated until the end:

    byte 0      stream: 0 stdin (shown as stdout), 1 stdout, 2 stderr, 3 an error of the Engine itself
    bytes 1-3   zero
    bytes 4-7   payload length, big endian; may be 0
    payload

With a TTY there are no frames: the stream is raw. Which it is, only `Config.Tty` tells, never the
Content-Type. Frames are cut anywhere by the network. A whole frame is held back until it is complete, so
that a frame with a timestamp stays one; a frame longer than `limit` is handed out in pieces instead, so
that memory stays bounded.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from dockerui.engine.errors import ProtocolError, StreamCut

STDIN, STDOUT, STDERR, SYSTEM = 0, 1, 2, 3
HEADER = 8
_LIMIT = 1 << 20
_words = struct.Struct(">II")
_STREAMS = {stream << 24: stream for stream in (STDIN, STDOUT, STDERR, SYSTEM)}


class Frame(NamedTuple):
    """One frame, or a piece of a long one: `continues` says that the next Frame belongs to the same one."""

    stream: int
    payload: bytes
    continues: bool = False


class StdcopyDecoder:
    """Bytes as they arrive to frames.

    >>> StdcopyDecoder().feed(bytes([1, 0, 0, 0, 0, 0, 0, 2]) + b"hi")
    [Frame(stream=1, payload=b'hi', continues=False)]
    """

    def __init__(self, *, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._held = bytearray()
        self._need = HEADER
        # The rest of a frame longer than the limit: its stream, and how much is still to come.
        self._stream, self._left = STDOUT, 0

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes; return what is complete. Raises ProtocolError when they are not frames."""
        frames: list[Frame] = []
        if self._left:
            data = self._piece(data, frames)
        if self._held:
            self._held += data
            if len(self._held) < self._need:
                return frames
            data = bytes(self._held)
            self._held.clear()
        position = self._whole(data, frames)
        if self._left:
            self._piece(data[position:], frames)
        else:
            self._held += data[position:]
        return frames

    def end(self) -> None:
        """The stream ended: raises StreamCut if it did so inside a frame."""
        if self._held or self._left:
            raise StreamCut("the stream ended inside a frame")

    def _whole(self, data: bytes, frames: list[Frame]) -> int:
        """Take all complete frames; return where the incomplete one starts. This is the hot loop."""
        position, end = 0, len(data)
        while end - position >= HEADER:
            word, length = _words.unpack_from(data, position)
            if word not in _STREAMS:
                raise ProtocolError("not a multiplexed stream: bad frame header")
            after = position + HEADER + length
            if after > end:
                if length > self._limit:
                    self._stream, self._left = _STREAMS[word], length
                    return position + HEADER
                self._need = HEADER + length
                return position
            frames.append(Frame(_STREAMS[word], data[position + HEADER : after]))
            position = after
        self._need = HEADER
        return position

    def _piece(self, data: bytes, frames: list[Frame]) -> bytes:
        """Hand out what has arrived of a long frame; return what lies behind it."""
        if not data:
            return data
        piece = data[: self._left]
        self._left -= len(piece)
        frames.append(Frame(self._stream, piece, self._left > 0))
        return data[len(piece) :]


def encode(stream: int, payload: bytes) -> bytes:
    """One frame, header and payload."""
    return _words.pack(stream << 24, len(payload)) + payload
