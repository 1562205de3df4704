"""An archive from a browser, extracted in a container or volume (security rule R16).

Of a bad archive nothing is extracted. There are two ways to that:

* A script sends the archive alone. All of it is kept on disk and looked through to its end before the Engine
  gets a byte.
* A page sends the archive's headers first, without the contents between them, and then the archive. They are
  looked through, and the archive goes on to the Engine while it comes, as long as its headers are the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from dockerui.access import Actor
from dockerui.engine.protocol.tarnames import BadArchive, Limits, TarCheck
from dockerui.engine.protocol.taroutline import Follower, Outline
from dockerui.services.errors import BadInput
from dockerui.services.file_places import Place
from dockerui.services.file_put import NOTHING, left_behind, put
from dockerui.services.files import stat
from dockerui.services.spool import Spool, check_room, settled
from dockerui.services.upload_body import Body
from dockerui.services.uploads import CUT, UploadCut
from dockerui.services.words import bytes_iec

LIMITS = Limits(members=100_000, size=8 << 30)
LONGEST_LIST = 256 << 20


async def tar_extract(
    actor: Actor,
    place: Place,
    folder: str,
    pieces: AsyncIterator[bytes],
    length: int | None,
    limits: Limits = LIMITS,
) -> TarCheck:
    """Extract an uncompressed tar into an existing folder, with the owners and permissions that it names.

    Raises BadArchive (with nothing extracted), BadInput, NotFound, Conflict, Forbidden.
    """
    _check_length(length, limits)
    check_room(length)
    await _check_folder(actor, place, folder)
    spool, check = Spool(), TarCheck(limits)
    try:
        async for piece in pieces:
            check.feed(piece)
            await spool.add(piece)
        check.end()
        await put(actor, place, folder, spool.read(), _detail(check.members, check.size))
    except UploadCut:
        raise BadInput(f"{CUT} {NOTHING}") from None
    finally:
        spool.close()
    return check


async def tar_check(
    actor: Actor, place: Place, folder: str, pieces: AsyncIterator[bytes], limits: Limits = LIMITS
) -> Outline:
    """Look through the headers of an archive that is to be extracted into that folder; nothing is changed.

    Raises BadArchive, BadInput, NotFound, Forbidden.
    """
    outline = Outline(limits)
    try:
        await _read_outline(outline, pieces)
    except UploadCut:
        raise BadInput(CUT) from None
    await _check_folder(actor, place, folder)
    return outline


async def tar_extract_listed(
    actor: Actor,
    place: Place,
    folder: str,
    pieces: AsyncIterator[bytes],
    length: int | None,
    listed: int,
    limits: Limits = LIMITS,
) -> Outline:
    """`tar_extract` of a body that has the archive's headers first, `listed` bytes of them.

    Raises BadArchive while nothing is extracted; later BadInput, which says what is there. NotFound,
    Conflict, Forbidden.
    """
    body, outline = Body(pieces), Outline(limits)
    if listed > LONGEST_LIST:
        raise BadInput(f"The list of an archive has at most {bytes_iec(LONGEST_LIST)}.")
    rest = None if length is None else length - listed
    _check_length(rest, limits)
    try:
        await _read_outline(outline, body.take(listed))
        if rest is not None and rest < outline.size:
            raise BadArchive("the archive is cut short")
        await _check_folder(actor, place, folder)
        passing = _Passing(outline, await settled(_followed(outline, body), rest))
    except UploadCut:
        raise BadInput(f"{CUT} {NOTHING}") from None
    detail = _detail(outline.members, outline.content)
    await put(actor, place, folder, aiter(passing), detail, passing.left)
    return outline


class _Passing:
    """The archive on its way to the Engine, which knows how far it is."""

    def __init__(self, outline: Outline, pieces: AsyncIterator[bytes]) -> None:
        self._outline = outline
        self._pieces = pieces
        self._at = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self._at += len(piece)
            yield piece

    def left(self) -> str:
        """What is there if nothing more comes, in words."""
        return left_behind(self._outline.whole(self._at), "member", self._outline.under_way(self._at))


async def _read_outline(outline: Outline, pieces: AsyncIterator[bytes]) -> None:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > LONGEST_LIST:
            raise BadInput(f"The list of an archive has at most {bytes_iec(LONGEST_LIST)}.")
        outline.feed(piece)
    outline.end()


async def _followed(outline: Outline, body: Body) -> AsyncIterator[bytes]:
    """The archive behind its list, as far as it is the one of the list. Raises BadArchive, UploadCut."""
    follower = Follower(outline)
    async for piece in body.rest():
        if good := follower.feed(piece):
            yield good
        if follower.wrong:
            raise BadArchive(follower.wrong)
    follower.end()


async def _check_folder(actor: Actor, place: Place, folder: str) -> None:
    if (await stat(actor, place, folder)).kind != "folder":
        raise BadInput(f"{folder} is not a folder.")


def _check_length(length: int | None, limits: Limits) -> None:
    if (length or 0) > limits.size + (limits.members << 11):
        raise BadInput(f"An archive has at most {bytes_iec(limits.size)} of content.")


def _detail(members: int, size: int) -> dict[str, object]:
    return {"members": members, "bytes": size, "what": "archive"}
