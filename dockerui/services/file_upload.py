"""Files and folders from a browser into a container or volume.

What comes is a line of JSON, `{"files": [{"path", "size", "mtime", "replace"}], "folders": ["path"]}`, and
then the contents of all files one after the other. The whole list is checked before anything goes to the
Engine, and the tar is made here: nothing in it is the sender's but names, sizes and bytes.
"""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from dockerui.access import Actor
from dockerui.engine.protocol.tarfiles import END, NewFile, header, padding
from dockerui.engine.protocol.tarnames import Limits, TarCheck, show
from dockerui.services import strict_json
from dockerui.services.errors import BadInput
from dockerui.services.file_entries import from_member
from dockerui.services.file_places import Place, join
from dockerui.services.file_put import NOTHING, left_behind, put
from dockerui.services.files import exists, header_of
from dockerui.services.spool import settled
from dockerui.services.upload_body import Body
from dockerui.services.uploads import CUT, UploadCut

MOST_FILES = 5_000
MOST_BYTES = 1 << 40
_LONGEST_LIST = 1 << 20


@dataclass(frozen=True)
class Sent:
    """One file of an upload: `mtime` in seconds since 1970; `replace` says that the person knows of the old
    one.
    """

    path: str
    size: int
    mtime: int
    replace: bool


@dataclass(frozen=True)
class Manifest:
    files: tuple[Sent, ...]
    folders: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all contents."""
        return sum(file.size for file in self.files)


async def file_upload(
    actor: Actor, place: Place, folder: str, pieces: AsyncIterator[bytes], length: int | None
) -> Manifest:
    """Put files and folders into an existing folder; new ones belong to whoever owns that.

    Raises BadInput before anything was sent to the Engine for a list that is wrong; NotFound, Conflict.
    """
    body = Body(pieces)
    try:
        manifest = await asyncio.to_thread(parse, await body.line(_LONGEST_LIST))
    except UploadCut:
        raise BadInput(f"{CUT} {NOTHING}") from None
    owner = await header_of(actor, place, folder)
    if owner.type != "5":
        raise BadInput(f"{folder} is not a folder.")
    fresh = [path async for path in _new_folders(actor, place, folder, manifest)]
    old = await _kept(actor, place, folder, manifest)
    made = [
        NewFile(path.encode(), folder=True, mode=0o755, uid=owner.uid, gid=owner.gid, mtime=owner.mtime)
        for path in fresh
    ]
    files = [
        old.get(file.path)
        or NewFile(file.path.encode(), file.size, uid=owner.uid, gid=owner.gid, mtime=file.mtime)
        for file in manifest.files
    ]
    try:
        body = Body(await settled(body.rest(), length))
    except UploadCut:
        raise BadInput(f"{CUT} {NOTHING}") from None
    detail = {"files": len(manifest.files), "bytes": manifest.size, "first": _first(manifest)}
    done = Done()
    await put(actor, place, folder, _tar(made, files, body, done), detail, done.left)
    return manifest


def parse(line: bytes) -> Manifest:
    """The list of an upload. Raises BadInput."""
    given = strict_json.loads(line.decode("utf-8", "replace"), what="list of files")
    if not isinstance(given, dict) or set(given) - {"files", "folders"}:
        raise BadInput("The list of files is not as it should be.")
    files = tuple(_file(entry) for entry in _list(given.get("files", [])))
    folders = tuple(_path(entry) for entry in _list(given.get("folders", [])))
    if not files and not folders:
        raise BadInput("There is nothing to upload.")
    _check_names(files, folders)
    files = tuple(replace(file, path=_plain(file.path)) for file in files)
    if len({file.path for file in files}) != len(files):
        raise BadInput("A file is in the list twice.")
    wanted = _with_parents(files, folders)
    if not all(file.path for file in files) or not (files or wanted):
        raise BadInput("A name in the list of files is not as it should be.")  # such as "."
    return Manifest(files, wanted)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_FILES:
        raise BadInput(f"At most {MOST_FILES} files and folders can be uploaded at once.")
    return value


def _file(entry: Any) -> Sent:
    if not isinstance(entry, dict) or set(entry) - {"path", "size", "mtime", "replace"}:
        raise BadInput("The list of files is not as it should be.")
    size, mtime = _whole(entry.get("size"), MOST_BYTES), _whole(entry.get("mtime", 0), 1 << 33)
    return Sent(_path(entry.get("path")), size, mtime, entry.get("replace") is True)


def _whole(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadInput("A size or a time in the list of files is not as it should be.")
    return value


def _path(value: Any) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise BadInput("A name in the list of files is not as it should be.")
    if any(len(name.encode("utf-8", "replace")) > 255 for name in value.split("/")):
        raise BadInput(f"{show(value.encode('utf-8', 'replace'))}: a name has at most 255 bytes.")
    return value


def _check_names(files: Iterable[Sent], folders: Iterable[str]) -> None:
    """What holds for archives from elsewhere (security rule R16) holds for the one that will be made."""
    check = TarCheck(Limits(members=2 * MOST_FILES))
    try:
        for folder in folders:
            check.feed(header(NewFile(folder.encode(), folder=True)))
        for file in files:
            check.feed(header(NewFile(file.path.encode())))
    except UnicodeEncodeError:
        raise BadInput("A name in the list of files holds half a character.") from None


def _with_parents(files: Iterable[Sent], folders: Iterable[str]) -> tuple[str, ...]:
    """All folders that must be there, those above first."""
    wanted: set[str] = set()
    for path in [*map(_plain, folders), *(posixpath.dirname(file.path) for file in files)]:
        parts = [part for part in path.split("/") if part]
        wanted.update("/".join(parts[: i + 1]) for i in range(len(parts)))
    return tuple(sorted(wanted))


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


async def _new_folders(actor: Actor, place: Place, folder: str, manifest: Manifest) -> AsyncIterator[str]:
    """Those that are not there. A header for one that is would change its owner and permissions."""
    missing: set[str] = set()
    for path in manifest.folders:
        above = posixpath.dirname(path)
        entry = None if above in missing else await exists(actor, place, join(folder, path))
        if entry is None:
            missing.add(path)
            yield path
        elif entry.kind not in ("folder", "link"):
            raise BadInput(f"{show(path.encode())} is a {entry.kind} there, not a folder.")


async def _kept(actor: Actor, place: Place, folder: str, manifest: Manifest) -> dict[str, NewFile]:
    """How to write the files that replace others: with the permissions and owners of those."""
    kept: dict[str, NewFile] = {}
    for file in manifest.files:
        if not file.replace or not (await exists(actor, place, join(folder, file.path))):
            continue
        old = await header_of(actor, place, join(folder, file.path))
        if from_member(old, b"").kind == "file":
            kept[file.path] = NewFile(
                file.path.encode(),
                file.size,
                mode=old.mode & 0o1777,
                uid=old.uid,
                gid=old.gid,
                mtime=file.mtime,
            )
    return kept


class Done:
    """How far an upload is: `whole` files have gone to the Engine, and part of one that is `under_way`."""

    def __init__(self) -> None:
        self.whole = 0
        self.under_way = ""

    def left(self) -> str:
        """What is there if nothing more comes, in words."""
        return left_behind(self.whole, "file", self.under_way)


async def _tar(folders: list[NewFile], files: list[NewFile], body: Body, done: Done) -> AsyncIterator[bytes]:
    for made in folders:
        yield header(made)
    for number, file in enumerate(files):
        done.under_way = show(file.path)
        yield header(file)
        async for piece in body.take(file.size):
            yield piece
        if fill := padding(file.size):
            yield fill
        done.whole, done.under_way = number + 1, ""
        if number % 100 == 99:
            await asyncio.sleep(0)  # many small files must not keep everybody else waiting
    await body.end()
    yield END


def _first(manifest: Manifest) -> str:
    return manifest.files[0].path if manifest.files else manifest.folders[0]
