"""Files and folders of containers and volumes on their way to a browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from dockerui.access import Actor
from dockerui.engine.aio import ByteStream
from dockerui.engine.api.container_files import read_path_stat
from dockerui.engine.errors import StreamCut
from dockerui.engine.protocol.tar import BLOCK
from dockerui.engine.protocol.tarfiles import FileDecoder
from dockerui.services.errors import BadInput
from dockerui.services.file_entries import from_stat
from dockerui.services.file_places import Place, name_of
from dockerui.services.files import note_read, open_archive

_LAST = 2 * BLOCK  # zeros at the end of a whole tar


@dataclass(frozen=True)
class FileDownload:
    """A file itself, or a folder as a tar (`size` None). `pieces` is to be read once."""

    name: str
    size: int | None
    pieces: AsyncGenerator[bytes, None]


async def file_download(actor: Actor, place: Place, path: str) -> FileDownload:
    """What is at `path`, as it comes from the Engine. Raises NotFound, BadInput, Forbidden."""
    stream = await open_archive(actor, place, path)
    try:
        kind = from_stat(read_path_stat(stream.headers)).kind
        if kind not in ("file", "folder"):
            raise BadInput("Only files and folders can be downloaded; open what the link points to.")
        await note_read(actor, place, path)
        name = name_of(path) or "root"
        if kind == "folder":
            return FileDownload(f"{name}.tar", None, _folder(place, stream))
        decoder, first = FileDecoder(), b""
        while decoder.member is None:  # its size is in the header
            data = await stream.read()
            if not data:
                raise StreamCut("the file is cut short")
            first = decoder.feed(data)
        return FileDownload(name, decoder.member.size, _file(place, stream, decoder, first))
    except BaseException:
        await stream.aclose()
        raise


async def _folder(place: Place, stream: ByteStream) -> AsyncGenerator[bytes, None]:
    async with stream:
        last = b""
        async for piece in stream:
            place.touch()
            last = piece if len(piece) >= _LAST else (last + piece)[-_LAST:]
            yield piece
        # Engines tell of a failure in the middle by ending the stream.
        if len(last) < _LAST or last[-_LAST:].strip(b"\0"):
            raise StreamCut("the Engine broke off in the middle of the folder")


async def _file(
    place: Place, stream: ByteStream, decoder: FileDecoder, first: bytes
) -> AsyncGenerator[bytes, None]:
    async with stream:
        if first:
            yield first
        async for data in stream:
            place.touch()
            if content := decoder.feed(data):
                yield content
            if decoder.complete:
                return
        decoder.end()
