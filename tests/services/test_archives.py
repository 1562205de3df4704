"""Archives that are extracted while they come, on the real Engine: behind a list of their headers."""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.audit.models import AuditEntry
from dockerui.engine import errors as engine_errors
from dockerui.engine.protocol.tarnames import BadArchive, Limits
from dockerui.services import file_extract, file_upload, files, spool
from dockerui.services.errors import BadInput
from dockerui.services.file_places import Place
from dockerui.services.uploads import UploadCut
from tests.support.accounts import make_user
from tests.support.silent_engine import SilentEngine
from tests.support.tars import Entry, build, headers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("app_on_engine")]
MakeContainer = Callable[..., str]
REG, SYM, DIR = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
PIECE = 1000
GOOD: list[Entry] = [(name, REG, name.encode() * 1000) for name in ("one", "two", "three")]
BAD: Entry = ("../bad", REG, b"bad" * 1000)


@pytest.fixture
async def admin() -> Actor:
    return Actor.for_user(await sync_to_async(make_user)("mira", "admin"), "")


@pytest.fixture
async def place(make_container: MakeContainer, aengine: object) -> Place:
    """A stopped container with an empty folder and a file."""
    container = await asyncio.to_thread(make_container, "sh", "-c", "mkdir /in; touch /file")
    await aengine.container_wait(container)  # type: ignore[attr-defined]
    return Place(container, container)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is collected: the first piece goes to the Engine."""
    monkeypatch.setattr(spool, "SMALL", 0)
    monkeypatch.setattr(spool, "FAST", 0.0)


async def sent(*pieces: bytes, cut: bool = False) -> AsyncIterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), PIECE):
            yield piece[at : at + PIECE]
    if cut:
        raise UploadCut


async def extract(
    actor: Actor, place: Place, listed: bytes, body: bytes, *, cut: bool = False, limits: Limits | None = None
) -> None:
    length = None if cut else len(listed) + len(body)
    pieces = sent(listed, body, cut=cut)
    await file_extract.tar_extract_listed(
        actor, place, "/in", pieces, length, len(listed), limits or file_extract.LIMITS
    )


async def there(actor: Actor, place: Place) -> dict[str, int]:
    """What is in the folder, with sizes."""
    try:
        found = (await files.browse(actor, place, "/in")).listing
    except engine_errors.StreamCut:  # as Podman is now and then, after an archive that was broken off
        found = (await files.browse(actor, place, "/in")).listing
    assert found is not None
    return {entry.name: entry.size or 0 for entry in found.entries}


async def comes_to(actor: Actor, place: Place, wanted: dict[str, int]) -> None:
    """Wait for the Engine: it still extracts what it has got when the sender is gone."""
    async with asyncio.timeout(30):
        while await there(actor, place) != wanted:
            pass  # each look is a call


async def written_down() -> list[tuple[str, str]]:
    """How the calls ended that are in the audit log, and why."""
    rows = AuditEntry.objects.filter(action="container.archive_put").order_by("pk")
    return await sync_to_async(lambda: [(row.outcome, str(row.detail.get("error", ""))) for row in rows])()


WHOLE = {"one": 3000, "two": 3000, "three": 5000}


@pytest.mark.parametrize("collected", [True, False])
async def test_an_archive_behind_its_list_is_extracted(
    admin: Actor, place: Place, collected: bool, request: pytest.FixtureRequest
) -> None:
    if not collected:
        request.getfixturevalue("at_once")
    data = build(*GOOD)
    outline = await file_extract.tar_check(admin, place, "/in", sent(headers(data)))
    assert (outline.members, outline.content) == (3, 11_000)
    assert await there(admin, place) == {}
    await extract(admin, place, headers(data), data)
    assert await there(admin, place) == WHOLE
    assert await written_down() == [("started", ""), ("done", "")]


BAD_LISTS = {
    "parent": headers(build(*GOOD, BAD)),
    "through a link": headers(build(("l", SYM, "x"), ("l/x", REG, b"x"))),
    "device": headers(build(("null", tarfile.CHRTYPE, b""))),
    "setuid": headers(build(*GOOD, mode=0o4755)),
    "pax": headers(build(("x", REG, b""), pax_headers={"path": "/etc/x"})),
    "attributes": headers(build(*GOOD, pax_headers={"SCHILY.xattr.security.capability": "x"})),
    "too many": headers(build(*((f"f{n}", REG, b"") for n in range(30)))),
    "too large": headers(build(("x", REG, bytes(50_000)))),
    "with a content": build(*GOOD),
    "without its end": headers(build(*GOOD))[:-1024],
    "compressed": b"\x1f\x8b\x08" + bytes(2000),
    "html": b"<html>" * 1000,
    "nothing": b"",
}


@pytest.mark.parametrize("name", BAD_LISTS)
async def test_a_bad_list_is_refused_before_the_engine_hears_of_it(
    admin: Actor, silent_engine: SilentEngine, name: str
) -> None:
    place, limits = Place("a" * 64, ""), Limits(members=20, size=40_000)
    with pytest.raises(BadArchive):
        await file_extract.tar_check(admin, place, "/in", sent(BAD_LISTS[name]), limits)
    with pytest.raises(BadArchive):
        await extract(admin, place, BAD_LISTS[name], build(*GOOD), limits=limits)
    assert silent_engine.calls == 0


async def test_a_list_may_not_be_endless(
    admin: Actor, silent_engine: SilentEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_extract, "LONGEST_LIST", 2000)
    listed = headers(build(*GOOD))
    with pytest.raises(BadInput, match="at most"):
        await file_extract.tar_check(admin, Place("a" * 64, ""), "/in", sent(listed))
    with pytest.raises(BadInput, match="at most"):
        await extract(admin, Place("a" * 64, ""), listed, build(*GOOD))
    assert silent_engine.calls == 0


async def test_an_archive_shorter_than_its_list_is_refused_before_anything_is_sent(
    admin: Actor, silent_engine: SilentEngine
) -> None:
    data = build(*GOOD)
    with pytest.raises(BadArchive, match="cut short"):
        await extract(admin, Place("a" * 64, ""), headers(data), data[:8000])
    assert silent_engine.calls == 0


@pytest.mark.parametrize("folder", ["/nope", "/file"])
async def test_it_needs_a_folder_that_is_there(admin: Actor, place: Place, folder: str) -> None:
    with pytest.raises((engine_errors.NotFound, BadInput)):
        await file_extract.tar_check(admin, place, folder, sent(headers(build(*GOOD))))


async def test_of_a_small_archive_that_is_another_one_nothing_is_extracted(
    admin: Actor, place: Place
) -> None:
    listed = headers(build(*GOOD, ("good", REG, BAD[2])))
    with pytest.raises(BadArchive, match="from “good” on"):
        await extract(admin, place, listed, build(*GOOD, BAD))
    assert await there(admin, place) == {}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("lies_at", [0, 1, 3])
async def test_who_lies_is_cut_off_before_the_member_reaches_the_engine(
    admin: Actor, place: Place, lies_at: int
) -> None:
    honest: Entry = ("good", REG, BAD[2])
    listed = headers(build(*GOOD[:lies_at], honest, *GOOD[lies_at:]))
    with pytest.raises((BadArchive, BadInput), match="from “good” on") as told:
        await extract(admin, place, listed, build(*GOOD[:lies_at], BAD, *GOOD[lies_at:]))
    names = [name for name, _, _ in GOOD[:lies_at]]
    await comes_to(admin, place, {name: WHOLE[name] for name in names})
    if lies_at:
        assert f"{lies_at} member" in str(told.value)
        assert await written_down() == [("started", ""), ("failed", str(told.value))]
    with pytest.raises(engine_errors.NotFound):
        await files.stat(admin, place, "/bad")


@pytest.mark.usefixtures("at_once")
async def test_what_follows_the_end_never_reaches_the_engine(admin: Actor, place: Place) -> None:
    data = build(*GOOD)
    with pytest.raises(BadInput, match=r"after its end\. 3 members are there"):
        await extract(admin, place, headers(data), data + build(BAD))
    await comes_to(admin, place, WHOLE)


@pytest.mark.usefixtures("at_once")
async def test_an_archive_that_breaks_off_is_told_with_what_is_there(admin: Actor, place: Place) -> None:
    data = build(*GOOD)
    with pytest.raises(BadInput, match="cut off") as told:
        await extract(admin, place, headers(data), data[:9000], cut=True)
    assert "“three” is there in part" in str(told.value)
    assert "2 members are there before it" in str(told.value)
    assert await written_down() == [("started", ""), ("failed", str(told.value))]
    await comes_to(admin, place, {**WHOLE, "three": 9000 - data.index(b"threethree")})


async def test_a_small_archive_that_breaks_off_leaves_nothing(admin: Actor, place: Place) -> None:
    data = build(*GOOD)
    for body in (data[:9000], b""):
        with pytest.raises(BadInput, match="Nothing of it was written"):
            await extract(admin, place, headers(data), body, cut=True)
    assert await there(admin, place) == {}


@pytest.mark.usefixtures("at_once")
async def test_a_large_file_that_breaks_off_is_named(admin: Actor, place: Place) -> None:
    head = b'{"files": [{"path": "a", "size": 10}, {"path": "half", "size": 100000}]}\n'
    with pytest.raises(BadInput, match=r"“half” is there in part.* 1 file is there before it"):
        await file_upload.file_upload(admin, place, "/in", sent(head, bytes(60_000), cut=True), None)
    await comes_to(admin, place, {"a": 10, "half": 60_000 - 10})


@pytest.mark.usefixtures("at_once")
async def test_a_page_that_goes_away_is_written_down_with_what_it_left(admin: Actor, place: Place) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield b'{"files": [{"path": "half", "size": 100000}]}\n'
        yield bytes(50_000)
        reached.set()
        await never.wait()

    running = asyncio.create_task(file_upload.file_upload(admin, place, "/in", stalling(), None))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (_, (outcome, why)) = await written_down()
    assert outcome == "cancelled"
    assert "“half” is there in part" in why
