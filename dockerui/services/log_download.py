"""Logs as text files: streamed, from one container as they are, from several in the order of their times.

A file must not end as if it were complete when it is not: a cut stream raises, which the browser shows as a
failed download. The reader waits for the browser, and the Engine for the reader.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from dockerui.access import Actor, authorise
from dockerui.engine.aio import AsyncEngine, ByteStream
from dockerui.engine.operation import OPERATIONS
from dockerui.engine.protocol.logline import format_time, split_line
from dockerui.engine.protocol.stdcopy import StdcopyDecoder
from dockerui.services.door import aperform
from dockerui.services.log_request import LogRequest
from dockerui.services.log_sources import LogSource

T = TypeVar("T")
PIECE = 64 << 10
PERMISSION = "container.logs"
_INSPECT = OPERATIONS["container_inspect"]


class LogFile:
    """One container's log, opened: what the Engine refuses, it refuses before our answer begins."""

    def __init__(self, actor: Actor, id: str, name: str, stream: ByteStream, *, tty: bool) -> None:
        self.id = id
        self.name = name
        self._actor = actor
        self._stream = stream
        self._decoder = None if tty else StdcopyDecoder()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The text, in pieces. Raises StreamCut when it ends too early."""
        async with self._stream as stream:
            while data := await stream.read(PIECE):
                text = self._text(data)
                if text:
                    yield text
            if self._decoder is not None:
                self._decoder.end()
            await self._confirm()

    async def records(self) -> AsyncGenerator[tuple[int, bytes], None]:
        """Lines with their times in nanoseconds; the log must have been opened with timestamps."""
        rest, last = b"", 0
        async with contextlib.aclosing(self.pieces()) as pieces:
            async for piece in pieces:
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    last = split_line(line)[0] or last
                    yield last, line
        if rest:
            yield split_line(rest)[0] or last, rest

    async def close(self) -> None:
        """Let go of it unread."""
        await self._stream.aclose()

    def _text(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        return b"".join(frame.payload for frame in self._decoder.feed(data))

    async def _confirm(self) -> None:
        """The end of the connection may not be the end of the log: the Engine must still be there."""
        await _ask(self._actor, self.id, lambda engine: engine.json(_INSPECT, path={"id": self.id}))


async def open_file(actor: Actor, request: LogRequest, *, timestamps: bool) -> LogFile:
    """Open a log. Raises Forbidden, NotFound, NotImplementedByEngine and other EngineErrors."""
    authorise(actor, PERMISSION)

    async def call(engine: AsyncEngine) -> LogFile:
        found = await engine.json(_INSPECT, path={"id": request.ref})
        id, name = str(found["Id"]), str(found.get("Name") or "").lstrip("/")
        stream = await engine.container_logs(
            id,
            stdout=request.stdout,
            stderr=request.stderr,
            since=request.since,
            until=request.until,
            timestamps=timestamps,
            tail=request.tail,
            details=request.details,
        )
        return LogFile(actor, id, name, stream, tty=bool((found.get("Config") or {}).get("Tty")))

    return await _ask(actor, request.ref, call)


async def open_merged(
    actor: Actor, sources: Sequence[LogSource], request: LogRequest, *, timestamps: bool
) -> AsyncGenerator[bytes, None]:
    """Open several logs; their lines come in the order of their times, each with its container's name."""
    files: list[LogFile] = []
    try:
        for source in sources:
            files.append(await open_file(actor, replace(request, ref=source.id), timestamps=True))
    except BaseException:
        for file in files:
            await file.close()
        raise
    return _merged(files, timestamps)


async def _merged(files: list[LogFile], timestamps: bool) -> AsyncGenerator[bytes, None]:
    width = max(len(file.name) for file in files)
    async with contextlib.AsyncExitStack() as stack:
        readers = [file.records() for file in files]
        for file, reader in zip(files, readers, strict=True):
            stack.push_async_callback(file.close)
            stack.push_async_callback(reader.aclose)
        heads = {i: head for i, reader in enumerate(readers) if (head := await anext(reader, None))}
        out: list[bytes] = []
        size = 0
        while heads:
            first = min(heads, key=lambda i: heads[i][0])
            time_ns, line = heads.pop(first)
            stamp = format_time(time_ns) + " " if timestamps else ""
            out.append(f"{stamp}{files[first].name:<{width}} | ".encode() + split_line(line)[1] + b"\n")
            size += len(out[-1])
            if size >= PIECE:
                yield b"".join(out)
                out, size = [], 0
            if head := await anext(readers[first], None):
                heads[first] = head
        if out:
            yield b"".join(out)


async def _ask(actor: Actor, target: str, call: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    return await aperform(actor, PERMISSION, target=target, call=call)
