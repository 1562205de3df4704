"""One request and the head of its answer, on a connection of its own.

Streams are asked for in HTTP/1.0: the Engine then writes straight through, without a chunk around every line,
and ends the connection at the end. HTTP/1.1 is spoken where it must be: to upgrade, and to upload a body of
unknown length. Whatever arrives together with the head stays in the answer, so that first bytes are never
lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from dockerui.engine.endpoint import Endpoint
from dockerui.engine.errors import EngineTimeout, EngineUnavailable, ProtocolError, StreamCut, api_error
from dockerui.engine.operation import Request
from dockerui.engine.protocol.http import (
    LAST_CHUNK,
    Body,
    HeadDecoder,
    RawBody,
    ResponseHead,
    body_of,
    chunk_bytes,
    request_bytes,
)

from .connect import connect
from .pipe import Pipe

_LONGEST_ERROR = 64 * 1024
_ERROR_BODY_TIME = 2.0
_UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}


@dataclass
class Answer:
    """The head of an answer and what is needed to read its body."""

    pipe: Pipe
    head: ResponseHead
    body: Body
    first: bytes = field(repr=False)
    upload: asyncio.Task[None] | None = None


@dataclass(frozen=True)
class Terms:
    """How to make a request: `connect_timeout` and `head_timeout` in seconds (None: wait for ever).

    `upgrade` holds the headers that ask for a hijacked connection; `upload` gives the body piece by piece.
    """

    connect_timeout: float
    head_timeout: float | None
    upgrade: Mapping[str, str] | None = None
    upload: AsyncIterator[bytes] | None = None


def hijack(connect_timeout: float, head_timeout: float | None) -> Terms:
    """The terms of attach and exec."""
    return Terms(connect_timeout, head_timeout, upgrade=_UPGRADE)


async def exchange(endpoint: Endpoint, request: Request, terms: Terms) -> Answer:
    """Connect, send, and read the head. Raises ApiError for an error status, and other EngineErrors.

    Cancellation closes the connection and stops an upload.
    """
    pipe = await connect(endpoint, terms.connect_timeout)
    upload: asyncio.Task[None] | None = None
    try:
        await _send_head(pipe, endpoint, request, terms)
        if terms.upload is not None:
            upload = asyncio.create_task(_upload(pipe, terms.upload), name="engine upload")
        head, first = await _read_head(pipe, endpoint, terms.head_timeout, upload)
        await _refuse_error(pipe, request.method, head, first)
        body: Body = RawBody() if terms.upgrade else body_of(head, request.method)
        return Answer(pipe, head, body, first, upload)
    except BaseException:
        pipe.close()
        if upload is not None:
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)
        raise


async def _send_head(pipe: Pipe, endpoint: Endpoint, request: Request, terms: Terms) -> None:
    host = "docker" if endpoint.scheme == "unix" else f"{endpoint.host}:{endpoint.port}"
    headers = {"Host": host, "User-Agent": "dockerui", "Accept-Encoding": "identity", **request.headers}
    if terms.upload is not None:
        headers["Transfer-Encoding"] = "chunked"
    elif request.body is not None or request.method not in ("GET", "HEAD"):
        headers["Content-Length"] = str(len(request.body or b""))
    headers |= terms.upgrade or {"Connection": "close"}
    version = "1.1" if terms.upgrade or terms.upload is not None else "1.0"
    data = request_bytes(request.method, request.target, headers, version=version) + (request.body or b"")
    try:
        await pipe.write(data)
    except StreamCut:
        # An Engine that refuses the request may answer before it has read it all.
        if pipe.closed:
            raise


async def _read_head(
    pipe: Pipe, endpoint: Endpoint, timeout: float | None, upload: asyncio.Task[None] | None
) -> tuple[ResponseHead, bytes]:
    decoder = HeadDecoder()
    try:
        async with asyncio.timeout(timeout):
            while True:
                data = await _read_or_upload_failure(pipe, upload)
                if not data:
                    raise EngineUnavailable(
                        f"the Engine at {endpoint} closed the connection without an answer"
                    )
                head = decoder.feed(data)
                if head is not None:
                    return head, decoder.rest
    except TimeoutError as error:
        raise EngineTimeout(f"the Engine at {endpoint} did not answer in time") from error
    except StreamCut as error:
        raise EngineUnavailable(f"the Engine at {endpoint} broke the connection: {error}") from error


async def _read_or_upload_failure(pipe: Pipe, upload: asyncio.Task[None] | None) -> bytes:
    """Read; but when the *source* of an upload fails, raise its error at once."""
    if upload is None or upload.done():
        _raise_failure(upload)
        return await pipe.read()
    reading = asyncio.ensure_future(pipe.read())
    try:
        await asyncio.wait((reading, upload), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            _raise_failure(upload)
        return await reading
    finally:
        if not reading.done():
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def _raise_failure(upload: asyncio.Task[None] | None) -> None:
    if upload is not None and upload.done() and not upload.cancelled() and (failure := upload.exception()):
        raise failure


async def _upload(pipe: Pipe, pieces: AsyncIterator[bytes]) -> None:
    """Send a chunked body. An Engine that stops reading has its answer on the way: that is not our
    failure.
    """
    async for piece in pieces:
        if not piece:
            continue
        try:
            await pipe.write(chunk_bytes(piece))
        except StreamCut:
            return
    try:
        await pipe.write(LAST_CHUNK)
    except StreamCut:
        return


async def _refuse_error(pipe: Pipe, method: str, head: ResponseHead, first: bytes) -> None:
    status = head.status
    if status < 300 or status == 304:
        return
    if status < 400:
        raise ProtocolError(f"the Engine answered with a redirect (status {status}), which is never followed")
    raise api_error(status, await _error_body(pipe, body_of(head, method), first), head.reason)


async def _error_body(pipe: Pipe, body: Body, first: bytes) -> bytes:
    """The words of an error. A refused attach has no length and may never end: take what comes in time."""
    text = body.feed(first)
    try:
        async with asyncio.timeout(_ERROR_BODY_TIME):
            while not body.complete and len(text) < _LONGEST_ERROR:
                data = await pipe.read()
                if not data:
                    break
                text += body.feed(data)
    except (TimeoutError, ProtocolError):
        pass  # the status says enough; the words are a courtesy
    return text
