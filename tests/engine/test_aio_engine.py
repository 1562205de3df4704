"""The asynchronous client on the real Engine."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dockerui.engine import Engine, errors
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.api.container_files import CONTAINER_ARCHIVE_INFO
from dockerui.engine.api.containers import CONTAINER_LIST
from dockerui.engine.protocol.logline import split_line
from dockerui.engine.protocol.stdcopy import StdcopyDecoder
from tests.support.engine import MakeContainer

OUTPUT = "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo out $i; echo err $i >&2; done"


async def text_until(stream: object, wanted: bytes) -> bytes:
    """Read from a stream until `wanted` has appeared."""
    seen = b""
    async with asyncio.timeout(10):
        while wanted not in seen:
            data = await stream.read()  # type: ignore[attr-defined]
            assert data, f"ended after {seen!r}"
            seen += data
    return seen


async def finished(engine: AsyncEngine, container: str) -> int:
    async with asyncio.timeout(20):
        return int((await engine.container_wait(container))["StatusCode"])


async def test_a_call_without_a_thread(aengine: AsyncEngine, make_container: MakeContainer) -> None:
    container = make_container(start=False)
    listed = await aengine.json(CONTAINER_LIST, query={"all": True, "filters": {"id": [container]}})
    assert [item["Id"] for item in listed] == [container]
    with pytest.raises(errors.NotFound):
        await aengine.call(CONTAINER_ARCHIVE_INFO, path={"id": container}, query={"path": "/nowhere"})


async def test_logs_with_and_without_tty(aengine: AsyncEngine, make_container: MakeContainer) -> None:
    framed, raw = make_container("sh", "-c", OUTPUT), make_container("sh", "-c", OUTPUT, tty=True)
    assert await finished(aengine, framed) == 0
    assert await finished(aengine, raw) == 0
    decoder = StdcopyDecoder()
    frames = decoder.feed(await (await aengine.container_logs(framed, timestamps=True)).read_all())
    decoder.end()
    lines = [(frame.stream, split_line(frame.payload)[1]) for frame in frames]
    assert [text for stream, text in lines if stream == 1] == [b"out %d\n" % n for n in range(1, 2001)]
    assert [text for stream, text in lines if stream == 2] == [b"err %d\n" % n for n in range(1, 2001)]
    plain = await (await aengine.container_logs(raw)).read_all()
    assert plain.splitlines()[:2] == [b"out 1", b"err 1"]
    assert await (await aengine.container_logs(raw, tail=1)).read_all() == b"err 2000\r\n"


async def test_following_ends_when_the_container_exits(
    aengine: AsyncEngine, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "echo one; read x; echo two", OpenStdin=True, tty=True)
    async with (
        await aengine.container_logs(container, follow=True) as logs,
        await aengine.container_attach(container, stdin=True) as terminal,
    ):
        await text_until(logs, b"one")
        await terminal.write(b"x\n")
        await text_until(logs, b"two")
        assert await logs.read_all() == b""


async def test_logs_of_nobody_are_not_found(aengine: AsyncEngine) -> None:
    with pytest.raises(errors.NotFound):
        await aengine.container_logs("no-such-container")


async def test_events_arrive_and_history_ends(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container(start=False)
    async with await aengine.events(filters={"container": [container]}) as events:
        await asyncio.to_thread(engine.container_start, container)
        async with asyncio.timeout(10):
            while (started := await anext(events)).action == "init":  # Podman's own, before the start
                pass
    assert (started.type, started.action, started.id) == ("container", "start", container)
    query = {"since": str(started.time_ns // 10**9), "until": str(started.time_ns // 10**9 + 1)}
    async with await aengine.events(filters={"container": [container]}, **query) as history:
        assert "start" in [event.action async for event in history]


async def test_samples(aengine: AsyncEngine, make_container: MakeContainer) -> None:
    container = make_container()
    async with await aengine.container_stats(container) as samples:
        async with asyncio.timeout(10):
            first, second = await anext(samples), await anext(samples)
    assert second["preread"] == first["read"]
    async with await aengine.container_stats(container, stream=False, one_shot=True) as samples:
        assert ["cpu_stats" in sample async for sample in samples] == [True]


@pytest.mark.parametrize("tty", [True, False])
async def test_exec_runs_a_command_and_tells_its_exit_code(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer, tty: bool
) -> None:
    container = make_container()
    body = {"Cmd": ["cat"], "Tty": tty, "AttachStdin": True, "AttachStdout": True, "AttachStderr": True}
    exec_id = await asyncio.to_thread(engine.exec_create, container, body)
    async with await aengine.exec_start(exec_id, tty=tty) as stream:
        await stream.write(b"hello\n")
        await text_until(stream, b"hello")
        if tty:
            await stream.write(b"\x04")
        else:
            assert await stream.write_eof() is True
        async with asyncio.timeout(10):
            await stream.read_all()
    assert engine.exec_inspect(exec_id)["ExitCode"] == 0


async def test_a_missing_binary_is_told_in_the_output(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container()
    exec_id = engine.exec_create(container, {"Cmd": ["no-such-binary"], "Tty": True, "AttachStdout": True})
    async with await aengine.exec_start(exec_id, tty=True) as stream:
        assert b"no-such-binary" in await stream.read_all()
    assert engine.exec_inspect(exec_id)["ExitCode"] in (126, 127)


async def test_attach_refuses_with_the_engine_words(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    with pytest.raises(errors.NotFound, match="no-such-container"):
        await aengine.container_attach("no-such-container")
    container = make_container()
    engine.container_pause(container)
    with pytest.raises((errors.Conflict, errors.ServerError), match="pause"):  # 500 from Podman
        await aengine.container_attach(container)
    engine.container_unpause(container)


async def test_half_close_ends_the_input_of_a_container_with_stdin_once(
    aengine: AsyncEngine, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "cat; echo over", OpenStdin=True, StdinOnce=True, AttachStdin=True)
    async with await aengine.container_attach(container, stdin=True) as stream:
        await stream.write(b"hello\n")
        await text_until(stream, b"hello")
        assert await stream.write_eof() is True
        async with asyncio.timeout(10):
            assert b"over" in await stream.read_all()


async def test_attach_over_the_engine_websocket(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    if engine.server.is_podman:
        with pytest.raises(errors.NotSupported):
            await aengine.container_attach_ws("any")
        return
    container = make_container("sh", "-c", "read x; echo got $x; echo bad >&2", OpenStdin=True, tty=False)
    async with await aengine.container_attach_ws(container, stdin=True) as stream:
        await stream.write(b"word\n")
        async with asyncio.timeout(10):
            output = await stream.read_all()
    assert sorted(output.splitlines()) == [b"bad", b"got word"]
    assert stream.close_code in (1000, 1005)
    with pytest.raises(errors.NotFound):
        await aengine.container_attach_ws("no-such-container")


async def test_files_go_in_and_come_out(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container()
    content = bytes(range(256)) * 4096
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("big.bin")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))

    async def pieces() -> AsyncIterator[bytes]:
        packed.seek(0)
        while piece := packed.read(50_000):
            yield piece

    await aengine.container_archive_put(container, path="/tmp", body=pieces())
    async with await aengine.container_archive_get(container, path="/tmp/big.bin") as stream:
        returned = await stream.read_all()
    with tarfile.open(fileobj=io.BytesIO(returned)) as archive:
        extracted = archive.extractfile("big.bin")
        assert extracted is not None
        assert extracted.read() == content
    if engine.server.is_podman:
        return  # it makes the folder
    with pytest.raises(errors.NotFound):
        await aengine.container_archive_put(container, path="/no/such/folder", body=pieces())


async def test_progress_of_an_import_and_a_failing_pull(aengine: AsyncEngine, engine: Engine) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w"):
        pass

    async def pieces() -> AsyncIterator[bytes]:
        yield packed.getvalue()

    async with await aengine.image_import(pieces(), repo="dockerui-test-aio", tag="x") as progress:
        steps = [step async for step in progress]
    engine.image_remove("dockerui-test-aio:x")
    assert steps[-1].status.startswith("sha256:")
    with pytest.raises(errors.ApiError):
        await aengine.image_pull("127.0.0.1:1/nothing")


async def test_waiting_returns_the_exit_code_and_can_be_cancelled(
    aengine: AsyncEngine, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "read x; exit 7", OpenStdin=True)
    waiting = asyncio.create_task(aengine.container_wait(container, condition="not-running"))
    async with await aengine.container_attach(container, stdin=True) as stream:
        await stream.write(b"\n")
        assert (await asyncio.wait_for(waiting, 10))["StatusCode"] == 7
    files = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        waiting = asyncio.create_task(aengine.container_wait(container, condition="next-exit"))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert len(list(Path("/proc/self/fd").iterdir())) == files
