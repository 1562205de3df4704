"""A websocket client that can misbehave: sends any frame, or does not read."""

from __future__ import annotations

import os
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

import orjson

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


class Refused(Exception):
    """The handshake was answered with another status than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class RawSocket:
    """One connection to `/ws`, blocking."""

    def __init__(self, url: str, cookie: str = "", origin: str | None = None) -> None:
        host = urlsplit(url).netloc
        self._socket = socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=15)
        head = [
            "GET /ws HTTP/1.1",
            f"Host: {host}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Origin: {url if origin is None else origin}",
            f"Cookie: {cookie}",
        ]
        self._socket.sendall("\r\n".join([*head, "", ""]).encode())
        self._buffer = b""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._socket.recv(65536)
        answer, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        status = int(answer.split(b" ", 2)[1])
        if status != 101:
            raise Refused(status)

    def frame(self, opcode: int, payload: bytes, *, final: bool = True) -> None:
        """Send one frame, masked with zeros."""
        length = len(payload)
        head = bytes([opcode | 0x80 * final])
        if length < 126:
            head += bytes([0x80 | length])
        elif length < 65536:
            head += struct.pack("!BH", 0x80 | 126, length)
        else:
            head += struct.pack("!BQ", 0x80 | 127, length)
        self._socket.sendall(head + bytes(4) + payload)

    def send(self, op: str, **fields: Any) -> None:
        """Send a JSON frame."""
        self.frame(TEXT, orjson.dumps({"op": op, **fields}))

    def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload."""
        head = self._read(2)
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8))
        return head[0] & 0x0F, self._read(length)

    def until(self, ev: str) -> dict[str, Any]:
        """The next JSON frame of a kind."""
        while True:
            opcode, payload = self.receive()
            assert opcode in (TEXT, BINARY, PING), payload
            if opcode == TEXT and (message := orjson.loads(payload))["ev"] == ev:
                return dict(message)

    def close_code(self) -> int:
        """The code the server closes with; frames before it are skipped."""
        while (received := self.receive())[0] != CLOSE:
            pass
        return int.from_bytes(received[1][:2], "big")

    def close(self) -> None:
        """Drop the connection without a word, as a crashed browser does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def _read(self, count: int) -> bytes:
        while len(self._buffer) < count:
            piece = self._socket.recv(65536)
            if not piece:
                raise EOFError("the server closed the connection")
            self._buffer += piece
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken


def memory_of(pid: int) -> int:
    """Resident bytes of a process."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
