"""A server for the synchronous client: exact bytes, on a unix socket or on TCP with TLS, in threads."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENGINE_20 = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Os": "linux"}


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; `connection` counts the connections from 1."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Answer:
    """Bytes to send; the connection is closed after them unless `keep`."""

    data: bytes
    keep: bool = False


def http(status: int, body: bytes | Any = b"", headers: dict[str, str] | None = None) -> Answer:
    """A whole answer with its length; what is not bytes becomes JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Length": str(len(data)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return Answer(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + data, keep=True)


Handler = Callable[[Seen], Answer | None]


@dataclass
class RawServer:
    """Answers `GET /version` as Engine 20.10 does, everything else with `handler`; None: no answer at all."""

    listening: socket.socket
    tls: ssl.SSLContext | None = None
    handler: Handler = lambda seen: http(200, b"{}")
    version: Answer = field(default_factory=lambda: http(200, ENGINE_20))
    seen: list[Seen] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def calls(self) -> list[str]:
        """What was asked, without negotiation."""
        return [f"{s.method} {s.target}" for s in self.seen if s.target not in ("/version", "/_ping")]

    def drop(self) -> None:
        """Close every connection, as a restarted Engine does."""
        for conn in self._open:
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
            conn.close()
        self._open.clear()

    def run(self) -> None:
        """Accept until stopped."""
        while True:
            try:
                conn, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(conn, self.connections), daemon=True).start()

    def _serve(self, conn: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), conn:
            if self.tls:
                conn = self.tls.wrap_socket(conn, server_side=True)
            self._open.append(conn)
            with conn, conn.makefile("rb") as stream:
                while (seen := _read(stream, number)) is not None:
                    self.seen.append(seen)
                    answer = self.version if seen.target == "/version" else self.handler(seen)
                    if answer is None:
                        return
                    conn.sendall(answer.data)
                    if not answer.keep:
                        return


def _read(stream: Any, number: int) -> Seen | None:
    first = stream.readline().decode("latin-1").strip()
    if not first:
        return None
    method, target, _ = first.split(" ")
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Seen(method, target, headers, stream.read(int(headers.get("content-length", 0))), number)


@contextlib.contextmanager
def serving(address: Path | str, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server on a socket path, or on a free port of a host (`server.listening.getsockname()[1]`)."""
    family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
    listening = socket.socket(family)
    listening.bind(str(address) if isinstance(address, Path) else (address, 0))
    listening.listen(16)
    server = RawServer(listening, tls)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        server.drop()
        thread.join(5)
