"""Text files edited in the browser."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from dockerui.access import Actor
from dockerui.engine.errors import NotFound
from dockerui.engine.protocol.tarfiles import END, NewFile, header, padding
from dockerui.engine.protocol.tarnames import show
from dockerui.services.errors import BadInput
from dockerui.services.file_entries import from_member
from dockerui.services.file_places import Place, name_of, parent
from dockerui.services.file_put import put
from dockerui.services.file_text import version_of, written
from dockerui.services.files import header_of, open_archive, read_file

_PERMISSIONS = 0o1777  # as when a program writes it, setuid and setgid go


class Changed(Exception):
    """The file is not what it was when it was opened; `version` is what it is now, empty when it is gone."""

    def __init__(self, version: str) -> None:
        super().__init__("The file has changed since you opened it.")
        self.version = version


async def text_save(actor: Actor, place: Place, path: str, text: str, *, version: str, newline: str) -> str:
    """Write a text file, with the permissions and owners it has; `version` is empty for a new one.

    Returns the version that it has now. Raises Changed, BadInput, NotFound (the folder), Conflict, Forbidden.
    """
    content = written(text, newline)
    now = await _current(actor, place, path)
    if (now[0] if now else "") != version:
        raise Changed(now[0] if now else "")
    made = now[1] if now else await new_file(actor, place, path)
    file = NewFile(
        path=made.path, size=len(content), mode=made.mode, uid=made.uid, gid=made.gid, mtime=int(time.time())
    )
    detail = {"file": name_of(path), "bytes": len(content), "what": "edit" if now else "new file"}
    await put(actor, place, parent(path), _tar(file, content), detail)
    return version_of(content)


async def new_file(actor: Actor, place: Place, path: str) -> NewFile:
    """A file that is not there yet: it belongs to whoever owns its folder. Raises NotFound, BadInput."""
    name = name_of(path)
    if not name or not name.isprintable():
        raise BadInput(f"{show(name.encode())} is no name for a file.")
    folder = await header_of(actor, place, parent(path))
    return NewFile(path=name.encode(), uid=folder.uid, gid=folder.gid)


async def _current(actor: Actor, place: Place, path: str) -> tuple[str, NewFile] | None:
    """The version of what is there, and how to write it again; None when nothing is."""
    try:
        stream = await open_archive(actor, place, path)
    except NotFound:
        return None
    async with stream:
        member, content = await read_file(stream)
    if from_member(member, b"").kind != "file":
        raise BadInput("Only files can be edited; open what the link points to.")
    file = NewFile(
        path=name_of(path).encode(), mode=member.mode & _PERMISSIONS, uid=member.uid, gid=member.gid
    )
    # One that has grown beyond what is shown is another one.
    return version_of(content) if content is not None else "too large", file


async def _tar(file: NewFile, content: bytes) -> AsyncIterator[bytes]:
    yield header(file) + content + padding(file.size) + END
