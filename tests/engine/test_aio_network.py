"""The asynchronous client over tcp and over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dockerui.engine import TLS, Endpoint, Engine, errors
from dockerui.engine.aio import AsyncEngine
from tests.engine.certificates import Authority
from tests.scripted_engine import Call, ScriptedEngine, running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls") / "certs")
    made.issue("server-", "127.0.0.1")
    made.issue("", "127.0.0.1")
    return made


def server_context(authority: Authority) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(authority.folder / "server-cert.pem", authority.folder / "server-key.pem")
    return context


def client_of(server: ScriptedEngine, tls: TLS | None) -> AsyncEngine:
    return AsyncEngine(Engine(Endpoint.parse(str(server.endpoint), tls=tls), timeout=5, connect_timeout=5))


@pytest.fixture(params=["tcp", "tls"])
async def pair(
    request: pytest.FixtureRequest, authority: Authority, unused_tcp_port: int
) -> AsyncIterator[tuple[ScriptedEngine, AsyncEngine, bool]]:
    """A server, a client of it, and whether they speak TLS."""
    with_tls = request.param == "tls"
    tls = TLS(authority.ca, str(authority.folder / "cert.pem"), str(authority.folder / "key.pem"))
    context = server_context(authority) if with_tls else None
    async with running(port=unused_tcp_port, context=context) as server:
        client = client_of(server, tls if with_tls else None)
        yield server, client, with_tls
        client.engine.close()


Pair = tuple[ScriptedEngine, AsyncEngine, bool]


async def test_a_terminal_talks_both_ways_and_half_closes_where_it_can(pair: Pair) -> None:
    server, client, with_tls = pair

    @server.on("POST", "/exec/e/start")
    async def start(call: Call) -> None:
        await call.head(101, version="1.1", then=b"$ ")
        while data := await call.reader.read(65536):
            await call.send(data.upper())

    async with await client.exec_start("e", tty=True) as stream:
        assert await stream.read() == b"$ "
        await stream.write(b"hello\n")
        assert await stream.read() == b"HELLO\n"
        assert await stream.write_eof() is not with_tls
        if not with_tls:
            assert await stream.read() == b""


async def test_not_reading_makes_the_engine_wait(pair: Pair) -> None:
    server, client, _ = pair
    stalled = asyncio.Event()
    sent = 0

    @server.on("GET", "/containers/c/export")
    async def export(call: Call) -> None:
        nonlocal sent
        await call.head()
        for _ in range(600):
            call.writer.write(b"x" * 65536)
            sent += 1
            try:
                await asyncio.wait_for(call.writer.drain(), 0.2)
            except TimeoutError:
                stalled.set()
                await call.writer.drain()

    async with await client.container_export("c") as stream:
        await asyncio.wait_for(stalled.wait(), 10)
        assert sent < 300  # what the kernel's buffers of a tcp connection take
        assert len(await stream.read_all()) == 600 * 65536


async def test_a_large_input_arrives_whole(pair: Pair) -> None:
    server, client, _ = pair
    received = bytearray()
    size = 8 << 20

    @server.on("POST", "/exec/e/start")
    async def start(call: Call) -> None:
        await call.head(101, version="1.1")
        while len(received) < size:
            received.extend(await call.reader.read(65536))
        await call.send(b"done")

    data = bytes(range(256)) * (size // 256)
    async with await client.exec_start("e", tty=False) as stream:
        await stream.write(data)
        assert await stream.read_all() == b"done"
    assert received == data


async def test_a_dropped_connection_is_cut_and_cancelling_closes(pair: Pair) -> None:
    server, client, _ = pair

    @server.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head(200, {"Content-Length": "100"}, version="1.1", then=b"abc")
        if call.query["follow"] == "1":
            await call.wait_gone()
        call.cut()

    async with await client.container_logs("c", follow=False) as stream:
        with pytest.raises(errors.StreamCut):
            await stream.read_all()
    files = len(list(Path("/proc/self/fd").iterdir()))
    stream = await client.container_logs("c", follow=True)
    assert await stream.read() == b"abc"
    reading = asyncio.create_task(stream.read())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await server.until(lambda: server.seen("/containers/c/logs")[-1].gone.is_set())
    await server.until(lambda: server.connections <= 1)
    assert len(list(Path("/proc/self/fd").iterdir())) <= files


async def test_a_stranger_is_refused(authority: Authority, unused_tcp_port: int, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    async with running(port=unused_tcp_port, context=server_context(authority)) as server:
        client = client_of(server, TLS(ca=stranger.ca))
        with pytest.raises(errors.EngineUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await client.exec_start("e", tty=True)


async def test_nobody_at_the_port_and_no_such_host(unused_tcp_port: int) -> None:
    for address in (f"tcp://127.0.0.1:{unused_tcp_port}", "tcp://no-such-host.invalid:2375"):
        engine = Engine(Endpoint.parse(address), connect_timeout=5)
        with pytest.raises(errors.EngineUnavailable):
            await AsyncEngine(engine).container_logs("c")
