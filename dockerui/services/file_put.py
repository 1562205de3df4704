"""Writing into a container or volume: one way for everything, and the Engine's refusals in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from dockerui.access import Actor
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import ApiError, Conflict, StreamCut
from dockerui.engine.protocol.tarnames import BadArchive
from dockerui.services.door import aperform
from dockerui.services.errors import BadInput, sentence
from dockerui.services.file_places import Place
from dockerui.services.uploads import CUT, UploadCut

NOTHING = "Nothing of it was written."

# The Engine answers all of these with status 500 and the words of the kernel or of its tar reader.
_WORDS = (
    (
        "device or resource busy",
        "It is mounted into the container by itself, so it cannot be replaced there.",
    ),
    ("no space left on device", "The disk is full. What was being written is not complete."),
    ("read-only", "It is read-only there: the container, or what is mounted, was made so."),
    ("cannot overwrite directory", "A folder of that name is there; a file cannot take its place."),
    ("cannot overwrite non-directory", "A file of that name is there; a folder cannot take its place."),
    ("not a directory", "That is not a folder."),
    ("file exists", "Something else of that name is there; a file and a folder do not replace each other."),
    ("disk quota exceeded", "The disk quota is used up. What was being written is not complete."),
)


async def put(
    actor: Actor,
    place: Place,
    folder: str,
    tar: AsyncIterator[bytes],
    detail: dict[str, Any],
    left: Callable[[], str] = lambda: "",
) -> None:
    """Extract the tar into an existing folder; nothing replaces a folder by a file, or a file by a folder.

    `left` says what is there when `tar` breaks off: it goes into the error and into the audit log. Raises
    NotFound, Conflict, Forbidden, BadInput, and what `tar` raises.
    """
    inside = place.inside(folder)

    async def send(engine: AsyncEngine) -> None:
        try:
            await engine.container_archive_put(
                place.container, path=inside, body=_sent(place, tar, left), no_overwrite_dir_non_dir=True
            )
        except ApiError as error:
            raise _in_words(error) from error

    await aperform(
        actor,
        "container_archive_put",
        target=place.target,
        call=send,
        detail={"path": folder, **detail},
        left=left,
    )


def left_behind(whole: int, what: str, under_way: str) -> str:
    """In words: `whole` files or members have gone to the Engine, and a part of the one that is `under_way`.

    The Engine keeps what it has, and has no call that deletes it.
    """
    if not whole and not under_way:
        return NOTHING
    before = f"{whole} {what} is" if whole == 1 else f"{whole} {what}s are"
    if not under_way:
        return f"{before} there."
    rest = f" {before} there before it." if whole else ""
    return f"{under_way} is there in part: upload it again, or delete it from inside of the container.{rest}"


async def _sent(place: Place, tar: AsyncIterator[bytes], left: Callable[[], str]) -> AsyncIterator[bytes]:
    try:
        async for piece in tar:
            place.touch()
            yield piece
    except UploadCut:
        raise BadInput(f"{CUT} {left()}".strip()) from None
    except BadArchive as error:
        raise BadInput(f"{sentence(str(error))} {left()}".strip()) from None
    except StreamCut as error:
        raise StreamCut(f"{error}. {left()}".strip()) from None


def _in_words(error: ApiError) -> ApiError:
    if error.status in (400, 404, 409):
        return error
    message = error.message.lower()
    words = next((words for part, words in _WORDS if part in message), "")
    return Conflict(409, f"{words} (Engine: {error.message})") if words else error
