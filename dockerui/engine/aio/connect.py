"""Connecting to an Engine: unix, tcp, TLS."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

from dockerui.engine.endpoint import Endpoint
from dockerui.engine.errors import EngineUnavailable

from .pipe import Pipe, SocketPipe
from .tls_pipe import TlsPipe

SEND_BUFFER = 1 << 20
"""Bytes for the Engine that the kernel holds: it has something to read while we fetch more of an upload."""


async def connect(endpoint: Endpoint, timeout: float) -> Pipe:
    """Connect within `timeout` seconds. Raises EngineUnavailable."""
    loop = asyncio.get_running_loop()
    with _as_unavailable(endpoint):
        async with asyncio.timeout(timeout):
            if endpoint.tls:
                context = await asyncio.to_thread(endpoint.tls.context)  # reads files
                sock = await _socket(endpoint, loop)
                _, pipe = await loop.create_connection(
                    TlsPipe, sock=sock, ssl=context, server_hostname=endpoint.host
                )
                return pipe
            return SocketPipe(await _socket(endpoint, loop))


async def _socket(endpoint: Endpoint, loop: asyncio.AbstractEventLoop) -> socket.socket:
    if endpoint.scheme == "unix":
        sock = await _connected(loop, socket.AF_UNIX, endpoint.path)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        return sock
    last: OSError | None = None
    found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    for family, _, _, _, address in found:
        try:
            sock = await _connected(loop, family, address)
        except OSError as error:
            last = error
        else:
            _tune(sock)
            return sock
    raise last or OSError("the host has no address")


def _tune(sock: socket.socket) -> None:
    """Keystrokes at once; and a peer that vanished silently (power, a firewall) is noticed after a minute."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _connected(
    loop: asyncio.AbstractEventLoop, family: int, address: str | tuple[str | int, ...] | tuple[int, bytes]
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


@contextlib.contextmanager
def _as_unavailable(endpoint: Endpoint) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise EngineUnavailable(f"no connection to {endpoint} in time") from error
    except OSError as error:  # ssl.SSLError and socket.gaierror are ones
        raise EngineUnavailable(
            f"cannot reach the Engine at {endpoint}: {error.strerror or error}"
        ) from error
