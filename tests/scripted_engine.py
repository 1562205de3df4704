"""An Engine that does what a test tells it: stalls, cuts, truncated frames, garbage, floods, restarts.

Use the `scripted_engine` fixture (async tests):

    async def test_it(scripted_engine: ScriptedEngine) -> None:
        @scripted_engine.on("GET", "/containers/c/logs")
        async def logs(call: Call) -> None:
            await call.head()
            await call.send(b"...")
            call.cut()

        stream = await scripted_engine.aengine.container_logs("c")

`GET /version` is answered from `scripted_engine.version`; a path that nobody scripted is a 404. A handler
that returns ends its connection; one that must stay open waits for `call.gone`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dockerui.engine import Endpoint, Engine
from dockerui.engine.aio import AsyncEngine

Handler = Callable[["Call"], Awaitable[None]]
JSON = {"Content-Type": "application/json"}


@dataclass
class Call:
    """One request to the scripted Engine, and its connection."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    body: bytes = b""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def head(
        self,
        status: int = 200,
        headers: dict[str, str] | None = None,
        *,
        version: str = "1.0",
        then: bytes = b"",
    ) -> None:
        """Send a response head, with `then` in the same write."""
        lines = [f"HTTP/{version} {status} Scripted", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + then)

    async def send(self, data: bytes) -> None:
        """Send raw bytes; waits while the client does not read."""
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, value: Any, status: int = 200) -> None:
        """Send a whole JSON answer."""
        await self.head(status, JSON, then=json.dumps(value).encode())

    def cut(self) -> None:
        """Drop the connection at once."""
        self.writer.transport.abort()

    async def wait_gone(self) -> None:
        """Wait until the client closed the connection (reading and dropping what it sends)."""
        while await self.reader.read(65536):
            pass
        self.gone.set()


class ScriptedEngine:
    """A server on a temporary unix socket; with `port` on 127.0.0.1 instead, with `context` speaking TLS."""

    def __init__(self, path: Path, *, port: int = 0, context: ssl.SSLContext | None = None) -> None:
        self.path = path
        self.endpoint = Endpoint.parse(f"tcp://127.0.0.1:{port}" if port else f"unix://{path}")
        self.engine = Engine(self.endpoint, timeout=5, connect_timeout=2)
        self.aengine = AsyncEngine(self.engine)
        self._port = port
        self._context = context
        self.version: dict[str, Any] = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}
        self.calls: list[Call] = []
        self.connections = 0
        self._routes: list[tuple[str, str, Handler]] = []
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._changed = asyncio.Condition()

    def on(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Script a route (without the version prefix). The latest declaration wins."""

        def register(handler: Handler) -> Handler:
            self._routes.insert(0, (method, path, handler))
            return handler

        return register

    def answers(self, method: str, path: str, value: Any, status: int = 200) -> None:
        """Script a route with one fixed JSON answer."""

        @self.on(method, path)
        async def _(call: Call) -> None:
            await call.reply(value, status)

    def seen(self, path: str) -> list[Call]:
        """The calls to a path so far."""
        return [call for call in self.calls if call.path == path]

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until `condition` holds; it is looked at whenever a connection opens or closes."""
        async with asyncio.timeout(seconds):
            async with self._changed:
                await self._changed.wait_for(lambda: bool(condition()))

    async def start(self) -> None:
        """Listen."""
        if self._port:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._context)
        else:
            self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        """Stop listening and drop every connection, as a killed Engine does."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        await self._tell(+1)
        try:
            while (call := await _read_call(reader, writer)) is not None:
                self.calls.append(call)
                await self._tell(0)
                await self._handler(call)(call)
                if call.headers.get("connection", "").lower() in ("close", "upgrade"):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.close()
            await self._tell(-1)

    async def _tell(self, change: int) -> None:
        async with self._changed:
            self.connections += change
            self._changed.notify_all()

    def _handler(self, call: Call) -> Handler:
        for method, path, handler in self._routes:
            if (method, path) == (call.method, call.path):
                return handler
        return self._version if call.path == "/version" else _not_found

    async def _version(self, call: Call) -> None:
        body = json.dumps(self.version).encode()
        await call.head(200, {**JSON, "Content-Length": str(len(body))}, version="1.1", then=body)


async def _not_found(call: Call) -> None:
    body = b'{"message":"nobody scripted this"}'
    await call.head(404, {**JSON, "Content-Length": str(len(body))}, version="1.1", then=body)


async def _read_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    parts = urlsplit(target)
    path = "/" + parts.path.split("/", 2)[2] if parts.path.startswith("/v1.") else parts.path
    query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(method, path, query, headers, reader, writer, body)


@contextlib.asynccontextmanager
async def running(*, port: int = 0, context: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedEngine]:
    """A scripted Engine that listens; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="scripted") as folder:
        server = ScriptedEngine(Path(folder) / "engine.sock", port=port, context=context)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()
            server.engine.close()


@pytest.fixture
async def scripted_engine() -> AsyncIterator[ScriptedEngine]:
    """See the module."""
    async with running() as server:
        yield server
