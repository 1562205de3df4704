"""Tars from the Engine to a browser, as jobs: images saved, the file system of a container exported.

The job runs in the process that has the request, as fast as the browser reads; nothing is kept but the pieces
under way. When either side goes away, so does the other.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.engine.aio import ByteStream
from dockerui.services.door import aengine_for, aresolve_container
from dockerui.services.errors import BadInput
from dockerui.services.image_ref import check_image
from dockerui.services.job_kinds import JobContext, JobFailed, JobKind, job_kind
from dockerui.services.jobs import runner, submit
from dockerui.services.uploads import Download
from dockerui.services.words import bytes_iec

MOST = 50  # images in one archive
_BLOCK = 512


@job_kind("image.save", permission="image.get")
async def SAVE(ctx: JobContext) -> Any:
    """`names`."""
    return await _send(ctx, await _opened(ctx, aengine_for(ctx.actor).image_save(ctx.params["names"])))


@job_kind("container.export", permission="container.export")
async def EXPORT(ctx: JobContext) -> Any:
    """`id`."""
    return await _send(ctx, await _opened(ctx, aengine_for(ctx.actor).container_export(ctx.params["id"])))


async def image_save(actor: Actor, names: list[str]) -> Download:
    """One or several images as one tar. Raises BadInput, NotFound, Forbidden."""
    if not 1 <= len(names) <= MOST:
        raise BadInput(f"Between 1 and {MOST} images can be saved at once.")
    names = [check_image(name) for name in names]
    title = f"Save {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
    return await _begin(actor, SAVE, title, {"names": names}, ", ".join(names))


async def container_export(actor: Actor, ref: str, name: str) -> Download:
    """The whole file system of a container as a tar. Raises BadInput, NotFound, Forbidden."""
    container = await aresolve_container(actor, ref)
    return await _begin(actor, EXPORT, f"Export {name}", {"id": container}, container)


async def _begin(actor: Actor, kind: JobKind, title: str, params: dict[str, Any], target: str) -> Download:
    """Queue the job and wait until the Engine has agreed, so that a refusal is a page and not a broken
    file.
    """
    download = Download()
    token = f"{kind.name}:{id(download)}"  # twice the same download is two downloads
    job = await sync_to_async(submit)(
        actor, kind, title, params, target=target, token=token, needs_upload=True
    )
    runner.attach_upload(str(job.id), download)
    try:
        await download.opened()
    except BaseException:
        download.abandon()
        runner.detach_upload(str(job.id), download)
        raise
    return download


async def _opened(ctx: JobContext, opening: Any) -> ByteStream:
    download = ctx.sink()
    try:
        stream: ByteStream = await opening
    except Exception as error:
        download.refuse(error)
        raise
    download.accept()
    return stream


async def _send(ctx: JobContext, stream: ByteStream) -> dict[str, int]:
    download, last = ctx.sink(), b""
    async with stream:
        async for piece in stream:
            if not await download.put(piece):
                raise JobFailed("The browser broke the download off.")
            last = piece if len(piece) >= _BLOCK else (last + piece)[-_BLOCK:]
            if ctx.due():
                ctx.progress(message=bytes_iec(download.sent), rate=ctx.meter.rate(download.sent))
    # The Engine tells of a failure in the middle by text after what it has sent: a whole tar ends in zeros.
    if last[-_BLOCK:].strip(b"\0"):
        raise JobFailed("The Engine broke off in the middle; what was saved is not complete.")
    ctx.progress(message=bytes_iec(download.sent))
    download.complete()
    return {"bytes": download.sent}


async def pieces(download: Download) -> AsyncGenerator[bytes, None]:
    """What a response streams. Ending early, for whatever reason, ends the job."""
    try:
        async for piece in download:
            yield piece
    finally:
        download.abandon()
