"""Files of containers and volumes: look, open, download. Only archive calls are made: nothing runs in there.

While the Engine sends or takes an archive it holds the container's lock: every other call about the same
container waits. So each stream here is read to its end or closed before the next call, and reading is
bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from asgiref.sync import sync_to_async

from dockerui import audit
from dockerui.access import Actor
from dockerui.engine.aio import AsyncEngine, ByteStream
from dockerui.engine.api.container_files import CONTAINER_ARCHIVE_INFO, read_path_stat
from dockerui.engine.errors import ApiError, EngineError, NotFound, ServerError, StreamCut
from dockerui.engine.protocol.tar import Member
from dockerui.engine.protocol.tarfiles import FileDecoder
from dockerui.services.door import aengine_for, aperform
from dockerui.services.file_entries import Entry, from_member, from_stat
from dockerui.services.file_list import LONG, SHORT, Listing, read_folder
from dockerui.services.file_places import Place, join, parent
from dockerui.services.file_text import MOST, TextFile, text_of

_ATTEMPTS = 3
# Where a system keeps things, to look up by name when its root is too large to list.
_USUAL = (
    *("app", "bin", "boot", "data", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc"),
    *("root", "run", "sbin", "srv", "sys", "tmp", "usr", "var"),
)


class Circle(NotFound):
    """Links on the way lead back to themselves: there is nothing at their end."""


@dataclass(frozen=True)
class Found:
    """What is at a path: a folder has a `listing`, a link a `target` (None when it leads out of the place).

    A file has its `text`, or `why` there is none to show.
    """

    path: str
    entry: Entry
    listing: Listing | None = None
    text: TextFile | None = None
    why: str = ""
    target: str | None = None


async def browse(actor: Actor, place: Place, path: str, *, patient: bool = False) -> Found:
    """What is at `path`; `patient` reads a large folder much longer. Raises NotFound, Forbidden."""
    try:
        stream = await open_archive(actor, place, path)
    except ServerError as error:
        return await _special(actor, place, path, error)
    async with stream:
        entry = from_stat(read_path_stat(stream.headers))
        if entry.kind == "link":
            return Found(path, entry, target=place.shown(entry.link))
        if entry.kind == "folder":
            listing = await read_folder(stream, LONG if patient else SHORT)
        else:
            member, content = await read_file(stream)
    if entry.kind == "folder":
        if listing.broken_off:
            listing = await _with_known(actor, place, path, listing)
        return _as_told(actor, Found(path, listing.folder, listing=listing))
    if content is None:
        text, why = None, f"It is larger than {MOST >> 20} MiB."
    elif entry.kind != "file":
        text, why = None, _nothing(entry.kind)
    else:
        text, why = text_of(content)
    if text is not None:
        await note_read(actor, place, path)
    entry = from_member(member, member.name.rpartition(b"/")[2])
    return _as_told(actor, Found(path, entry, text=text, why=why))


async def open_archive(actor: Actor, place: Place, path: str) -> ByteStream:
    """The Engine's tar of what is at `path`. Raises NotFound, Forbidden."""
    inside = place.inside(path)

    async def get(engine: AsyncEngine) -> ByteStream:
        with _circles():
            return await engine.container_archive_get(place.container, path=inside)

    return await aperform(actor, "container_archive_get", target=place.target, call=get)


async def stat(actor: Actor, place: Place, path: str) -> Entry:
    """What is at `path`, without its owners. Raises NotFound, Forbidden."""
    inside = place.inside(path)

    async def head(engine: AsyncEngine) -> Entry:
        with _circles():
            answer = await engine.call(
                CONTAINER_ARCHIVE_INFO, path={"id": place.container}, query={"path": inside}
            )
        return from_stat(read_path_stat(answer.headers))

    return await aperform(actor, "container_archive_info", target=place.target, call=head)


async def exists(actor: Actor, place: Place, path: str) -> Entry | None:
    """`stat`, or None when nothing is there."""
    try:
        return await stat(actor, place, path)
    except NotFound:
        return None


async def check_way(actor: Actor, place: Place, path: str) -> None:
    """Raise NotFound when a link on the way to `path` leads out of the place: what is behind is not its own.

    The Engine follows links in the middle of a path by itself.
    """
    at = parent(path)
    while place.root and at != "/":
        entry = await exists(actor, place, at)
        if entry is not None and entry.kind == "link" and place.shown(entry.link) is None:
            raise NotFound(404, f"{at} is a link to {entry.link}, which is outside of the volume")
        at = parent(at)


async def header_of(actor: Actor, place: Place, path: str) -> Member:
    """The tar header of what is at `path`: with its owners. Raises NotFound, Forbidden."""
    # Podman sends nothing now and then, just after a container stopped or another archive was broken off.
    for _ in range(_ATTEMPTS):
        decoder = FileDecoder()
        async with await open_archive(actor, place, path) as stream:
            while decoder.member is None and (data := await stream.read()):
                decoder.feed(data)
        if decoder.member is not None:
            return decoder.member
    raise StreamCut("the Engine sent nothing of what is there")


async def read_file(stream: ByteStream) -> tuple[Member, bytes | None]:
    """A file's header, and its content unless it is too large to be shown."""
    decoder, content = FileDecoder(), bytearray()
    while not decoder.complete and (data := await stream.read()):
        content += decoder.feed(data)
        if decoder.member and decoder.member.size > MOST:
            return decoder.member, None
    decoder.end()
    assert decoder.member is not None
    return decoder.member, bytes(content)


async def note_read(actor: Actor, place: Place, path: str) -> None:
    """Write down who was shown the content of what; it is not shown when that fails."""
    await sync_to_async(audit.record)(actor, "container.archive_get", place.target, "done", {"path": path})


@contextmanager
def _circles() -> Iterator[None]:
    """Docker says "too many links" and Podman "too many levels of symbolic links", as failures of theirs."""
    try:
        yield
    except ServerError as error:
        if "too many l" in error.message and "links" in error.message:
            raise Circle(404, "the links there lead in a circle") from error
        raise


async def _special(actor: Actor, place: Place, path: str, error: ApiError) -> Found:
    """The Engine fails at sockets, which a tar cannot hold, and below what is no folder."""
    try:
        entry = await stat(actor, place, path)
    except ServerError:
        at = parent(path)
        while at != "/":
            try:
                above = await stat(actor, place, at)
            except (ServerError, NotFound):
                at = parent(at)
                continue
            if above.kind != "folder":
                raise NotFound(404, f"{at} is not a folder") from None
            break
        raise error from None
    if entry.kind in ("file", "folder", "link"):
        raise error
    return Found(path, entry, why=_nothing(entry.kind))


def _nothing(kind: str) -> str:
    return f"It is a {kind}, which holds nothing to show."


def _as_told(actor: Actor, found: Found) -> Found:
    """Podman gives everything to root on its way out: what it says of owners is not shown as true."""
    if not aengine_for(actor).engine.server.is_podman:
        return found
    listing = found.listing
    if listing is not None:
        entries = tuple(replace(entry, uid=None, gid=None) for entry in listing.entries)
        listing = replace(listing, entries=entries)
    return replace(found, entry=replace(found.entry, uid=None, gid=None), listing=listing)


async def _with_known(actor: Actor, place: Place, path: str, listing: Listing) -> Listing:
    """Of a root that was not listed to its end, what is usually there is looked up by name."""
    if path != "/" or place.root:
        return listing
    seen = {entry.name for entry in listing.entries}
    asked = [exists(actor, place, join(path, name)) for name in _USUAL if name not in seen]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    more = [answer for answer in answers if isinstance(answer, Entry)]
    failed = [a for a in answers if isinstance(a, BaseException) and not isinstance(a, EngineError)]
    if failed:
        raise failed[0]
    entries = sorted(
        (*listing.entries, *more), key=lambda entry: (entry.kind != "folder", entry.name.lower())
    )
    return Listing(listing.folder, tuple(entries), listing.broken_off)
