"""What the asynchronous client does when an Engine stalls, cuts, floods or talks nonsense."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dockerui.engine import Endpoint, Engine, errors
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.api.container_lifecycle import CONTAINER_START
from dockerui.engine.api.containers import CONTAINER_LIST
from tests.scripted_engine import Call, ScriptedEngine

FRAME = b"\x01\x00\x00\x00\x00\x00\x00\x03abc"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def client_tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("engine")}


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_bytes_that_come_with_the_head_are_not_lost(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("POST", "/containers/c/attach")
    async def attach(call: Call) -> None:
        await call.head(101, {"Upgrade": "tcp"}, version="1.1", then=FRAME)
        await call.wait_gone()

    async with await scripted_engine.aengine.container_attach("c") as stream:
        assert await stream.read() == FRAME


async def test_a_hijack_without_upgrade_is_one_too(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("POST", "/exec/e/start")
    async def start(call: Call) -> None:
        assert call.headers["upgrade"] == "tcp"
        assert call.body == b'{"Detach":false,"Tty":true}'
        await call.head(200, {"Content-Type": "application/vnd.docker.raw-stream"}, version="1.1", then=b"$ ")
        await call.send(await call.reader.readexactly(3))

    async with await scripted_engine.aengine.exec_start("e", tty=True) as stream:
        assert await stream.read() == b"$ "
        await stream.write(b"ls\n")
        assert await stream.read_all() == b"ls\n"


async def test_a_refused_attach_tells_its_plain_text_without_a_length(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("POST", "/containers/c/attach")
    async def attach(call: Call) -> None:
        await call.head(409, {"Content-Type": "application/vnd.docker.raw-stream"}, version="1.1")
        await call.send(b"container is paused\r\n")

    with pytest.raises(errors.Conflict, match=r"^container is paused$"):
        await scripted_engine.aengine.container_attach("c")


async def test_a_body_framed_by_the_end_of_the_connection_ends_cleanly(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head(then=b"one")
        await call.send(b"two")

    stream = await scripted_engine.aengine.container_logs("c")
    assert await stream.read_all() == b"onetwo"
    assert await stream.read() == b""
    assert stream.closed


async def test_a_chunked_body_that_ends_early_is_cut(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head(200, {"Transfer-Encoding": "chunked"}, version="1.1", then=b"3\r\nabc\r\n5\r\nde")

    async with await scripted_engine.aengine.container_logs("c") as stream:
        assert await stream.read() == b"abcde"
        with pytest.raises(errors.StreamCut):
            await stream.read()


async def test_a_dropped_connection_is_cut(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await call.head(200, {"Content-Length": "10"}, version="1.1", then=b"abc")
        call.cut()

    async with await scripted_engine.aengine.container_logs("c") as stream:
        with pytest.raises(errors.StreamCut):
            await stream.read_all()


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x0a",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
    ],
)
async def test_garbage_instead_of_an_answer_is_a_protocol_error(
    scripted_engine: ScriptedEngine, answer: bytes
) -> None:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.send(answer)
        await call.wait_gone()

    with pytest.raises(errors.ProtocolError):
        await scripted_engine.aengine.events()


async def test_an_endless_head_is_refused(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        await call.send(b"HTTP/1.0 200 OK\r\nX: " + b"x" * 200_000)
        await call.wait_gone()

    with pytest.raises(errors.ProtocolError, match="longer"):
        await scripted_engine.aengine.events()


async def test_a_connection_closed_without_an_answer_is_unavailable(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        call.cut()

    with pytest.raises(errors.EngineUnavailable):
        await scripted_engine.aengine.events()


async def test_an_engine_that_does_not_answer_is_a_timeout(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/json")
    async def listing(call: Call) -> None:
        await call.wait_gone()

    with pytest.raises(errors.EngineTimeout):
        await scripted_engine.aengine.call(CONTAINER_LIST, timeout=0.05)
    await scripted_engine.until(lambda: scripted_engine.connections <= 1)


async def test_a_missing_socket_is_unavailable() -> None:
    engine = AsyncEngine(Engine(Endpoint.parse("unix:///nowhere/docker.sock")))
    with pytest.raises(errors.EngineUnavailable):
        await engine.container_logs("c")


async def test_a_redirect_is_never_followed(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("POST", "/containers/c/start")
    async def start(call: Call) -> None:
        await call.head(301, {"Location": "/elsewhere", "Content-Length": "0"})

    with pytest.raises(errors.ProtocolError, match="redirect"):
        await scripted_engine.aengine.call(CONTAINER_START, path={"id": "c"})


async def test_not_modified_is_success_and_error_statuses_become_errors(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("POST", "/containers/c/start")
    async def start(call: Call) -> None:
        await call.head(304)

    assert (await scripted_engine.aengine.call(CONTAINER_START, path={"id": "c"})).status == 304
    scripted_engine.answers("POST", "/containers/c/start", {"message": "no such container: c"}, 404)
    with pytest.raises(errors.NotFound, match="no such container"):
        await scripted_engine.aengine.call(CONTAINER_START, path={"id": "c"})


async def test_json_documents_come_one_by_one_however_they_are_cut(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        await call.head(then=b'{"n"')
        await call.send(b':1}\n{"n":2}\n{"n":')
        await call.send(b"3}")

    async with await scripted_engine.aengine.container_stats("c") as stream:
        assert [document["n"] async for document in stream] == [1, 2, 3]


async def test_json_that_ends_inside_a_document_is_cut(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/stats")
    async def stats(call: Call) -> None:
        await call.head(then=b'{"n":1}\n{"n":')

    async with await scripted_engine.aengine.container_stats("c") as stream:
        assert await anext(stream) == {"n": 1}
        with pytest.raises(errors.StreamCut):
            await anext(stream)


async def test_a_line_of_100_mb_is_refused_in_bounded_memory(scripted_engine: ScriptedEngine) -> None:
    sent = 0

    @scripted_engine.on("GET", "/events")
    async def events(call: Call) -> None:
        nonlocal sent
        await call.head(then=b'{"Type":"')
        for _ in range(1600):
            await call.send(b"x" * 65536)
            sent += 65536

    async with await scripted_engine.aengine.events() as stream:
        with pytest.raises(errors.ProtocolError):
            await anext(stream)
    await scripted_engine.until(lambda: scripted_engine.connections <= 1)
    assert sent < 40 << 20


async def test_not_reading_makes_the_engine_wait(scripted_engine: ScriptedEngine) -> None:
    blocked = asyncio.Event()
    sent = 0

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        nonlocal sent
        await call.head()
        for _ in range(1000):
            call.writer.write(b"x" * 65536)
            sent += 65536
            try:
                await asyncio.wait_for(call.writer.drain(), 0.05)
            except TimeoutError:
                blocked.set()
                await call.writer.drain()

    async with await scripted_engine.aengine.container_logs("c") as stream:
        await asyncio.wait_for(blocked.wait(), 5)
        assert sent < 4 << 20
        assert len(await stream.read_all()) == 1000 * 65536


async def test_a_flood_does_not_starve_the_loop(scripted_engine: ScriptedEngine) -> None:
    @scripted_engine.on("GET", "/containers/c/export")
    async def export(call: Call) -> None:
        await call.head()
        for _ in range(200):
            await call.send(b"x" * 262144)

    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    async with await scripted_engine.aengine.container_export("c") as stream:
        whole = len(await stream.read_all())
    counting.cancel()
    assert whole == 200 * 262144
    assert turns > 200


@pytest.mark.parametrize("call_name", ["logs", "stats", "events", "attach", "exec"])
async def test_cancelling_a_reader_closes_the_connection_and_leaves_nothing(
    scripted_engine: ScriptedEngine, call_name: str
) -> None:
    gone = asyncio.Event()

    async def silent(call: Call) -> None:
        await call.head(101 if "upgrade" in call.headers else 200, version="1.1")
        await call.wait_gone()
        gone.set()

    for method, path in (
        ("GET", "/containers/c/logs"),
        ("GET", "/containers/c/stats"),
        ("GET", "/events"),
        ("POST", "/containers/c/attach"),
        ("POST", "/exec/c/start"),
    ):
        scripted_engine.on(method, path)(silent)
    a = scripted_engine.aengine
    await a.version()
    scripted_engine.engine.close()
    await scripted_engine.until(lambda: scripted_engine.connections == 0)
    files, tasks = open_files(), asyncio.all_tasks()

    async def consume() -> None:
        match call_name:
            case "logs":
                await (await a.container_logs("c")).read()
            case "stats":
                await anext(await a.container_stats("c"))
            case "events":
                await anext(await a.events())
            case "attach":
                await (await a.container_attach("c")).read()
            case _:
                await (await a.exec_start("c", tty=True)).read()

    task = asyncio.create_task(consume())
    await scripted_engine.until(lambda: scripted_engine.connections == 1)
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(gone.wait(), 5)
    await scripted_engine.until(lambda: scripted_engine.connections == 0)
    await settle()
    assert open_files() == files
    assert asyncio.all_tasks() <= tasks


async def test_cancelling_a_call_that_waits_for_its_head_closes_the_connection(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("GET", "/containers/json")
    async def listing(call: Call) -> None:
        await call.wait_gone()

    await scripted_engine.aengine.version()
    task = asyncio.create_task(scripted_engine.aengine.call(CONTAINER_LIST))
    await scripted_engine.until(lambda: scripted_engine.seen("/containers/json"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await scripted_engine.until(lambda: scripted_engine.seen("/containers/json")[0].gone.is_set())


async def test_a_writer_waits_for_a_stalled_engine_and_its_input_stays_in_order(
    scripted_engine: ScriptedEngine,
) -> None:
    proceed = asyncio.Event()
    received = bytearray()

    @scripted_engine.on("POST", "/exec/e/start")
    async def start(call: Call) -> None:
        await call.head(101, version="1.1")
        await proceed.wait()
        while data := await call.reader.read(65536):
            received.extend(data)

    async with await scripted_engine.aengine.exec_start("e", tty=False) as stream:
        pieces = [bytes([65 + i]) * 400_000 for i in range(6)]
        writers = [asyncio.create_task(stream.write(piece)) for piece in pieces]
        await settle()
        assert not writers[-1].done()
        proceed.set()
        await asyncio.gather(*writers)
        assert await stream.write_eof() is True
        assert await stream.read() == b""
    assert received == b"".join(pieces)


async def _tar(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_an_upload_is_sent_in_chunks(scripted_engine: ScriptedEngine) -> None:
    body = bytearray()

    @scripted_engine.on("PUT", "/containers/c/archive")
    async def put(call: Call) -> None:
        assert call.headers["transfer-encoding"] == "chunked"
        assert call.headers["content-type"] == "application/x-tar"
        while size := int(await call.reader.readline(), 16):
            body.extend(await call.reader.readexactly(size))
            await call.reader.readline()
        await call.head(200, {"Content-Length": "0"}, version="1.1")

    pieces = [os.urandom(100_000), b"", os.urandom(7)]
    await scripted_engine.aengine.container_archive_put("c", path="/tmp", body=_tar(pieces))
    assert body == b"".join(pieces)


async def test_an_upload_that_is_refused_early_raises_the_engine_error(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("PUT", "/containers/c/archive")
    async def put(call: Call) -> None:
        await call.reply({"message": "no such folder"}, 404)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    with pytest.raises(errors.NotFound, match="no such folder"):
        await scripted_engine.aengine.container_archive_put("c", path="/x", body=endless())
    await scripted_engine.until(lambda: scripted_engine.connections <= 1)
    assert not client_tasks()


async def test_what_the_source_of_an_upload_raises_reaches_the_caller(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("PUT", "/containers/c/archive")
    async def put(call: Call) -> None:
        await call.wait_gone()

    async def failing() -> AsyncIterator[bytes]:
        yield b"x"
        raise LookupError("the browser went away")

    with pytest.raises(LookupError, match="browser"):
        await scripted_engine.aengine.container_archive_put("c", path="/x", body=failing())


async def test_a_source_that_fails_after_the_head_came_ends_the_answer(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("POST", "/build")
    async def build(call: Call) -> None:
        await call.head(200, then=b'{"stream":"Step 1"}\r\n')
        await call.wait_gone()

    go = asyncio.Event()

    async def failing() -> AsyncIterator[bytes]:
        yield b"x"
        await go.wait()
        raise LookupError("the browser went away")

    async with await scripted_engine.aengine.image_build(failing()) as progress:
        assert (await anext(progress)).stream == "Step 1"
        go.set()
        with pytest.raises(LookupError):
            await anext(progress)


async def test_podman_may_hold_the_head_back_until_there_is_output(scripted_engine: ScriptedEngine) -> None:
    scripted_engine.version["Components"] = [{"Name": "Podman Engine"}]
    scripted_engine.engine.timeout = 0.05
    late = asyncio.Event()

    @scripted_engine.on("GET", "/containers/c/logs")
    async def logs(call: Call) -> None:
        await late.wait()
        await call.head(then=b"first")

    opening = asyncio.create_task(scripted_engine.aengine.container_logs("c", follow=True))
    await scripted_engine.until(lambda: scripted_engine.seen("/containers/c/logs"))
    done, _ = await asyncio.wait({opening}, timeout=0.2)
    assert not done
    late.set()
    async with await opening as stream:
        assert await stream.read() == b"first"


async def test_an_answer_without_a_body_is_over_although_the_connection_stays_open(
    scripted_engine: ScriptedEngine,
) -> None:
    @scripted_engine.on("POST", "/containers/c/start")
    async def start(call: Call) -> None:
        await call.head(204, version="1.1")
        await call.wait_gone()

    async with asyncio.timeout(5):
        reply = await scripted_engine.aengine.call(CONTAINER_START, path={"id": "c"})
    assert (reply.status, reply.body) == (204, b"")
