"""An archive from a browser, extracted in a container or volume (security rule R16).

All of it is kept on disk and looked through to its end before the Engine gets a byte: of a bad archive
nothing is extracted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from dockerui.access import Actor
from dockerui.engine.protocol.tarnames import Limits, TarCheck
from dockerui.services.errors import BadInput
from dockerui.services.file_places import Place
from dockerui.services.file_put import put
from dockerui.services.files import stat
from dockerui.services.spool import Spool, check_room
from dockerui.services.uploads import CUT, UploadCut
from dockerui.services.words import bytes_iec

LIMITS = Limits(members=100_000, size=8 << 30)


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
    if (length or 0) > limits.size + (limits.members << 11):
        raise BadInput(f"An archive has at most {bytes_iec(limits.size)} of content.")
    check_room(length)
    if (await stat(actor, place, folder)).kind != "folder":
        raise BadInput(f"{folder} is not a folder.")
    spool, check = Spool(), TarCheck(limits)
    try:
        async for piece in pieces:
            check.feed(piece)
            await spool.add(piece)
        check.end()
        detail = {"members": check.members, "bytes": check.size, "what": "archive"}
        await put(actor, place, folder, spool.read(), detail)
    except UploadCut:
        raise BadInput(CUT) from None
    finally:
        spool.close()
    return check
