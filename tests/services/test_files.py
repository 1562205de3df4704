"""Files of containers and volumes, on the real Engine: looked at, edited, uploaded, downloaded."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
import uuid
from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async

from dockerui.access import Actor, Forbidden
from dockerui.audit.models import AuditEntry
from dockerui.engine import Engine
from dockerui.engine import errors as engine_errors
from dockerui.engine.errors import InvalidArgument
from dockerui.engine.protocol.tarnames import Limits
from dockerui.services import (
    file_download,
    file_edit,
    file_extract,
    file_upload,
    files,
    spool,
    volume_helper,
    volumes,
)
from dockerui.services.errors import BadInput
from dockerui.services.file_list import Bounds
from dockerui.services.file_places import Place
from dockerui.services.files import Found
from dockerui.services.uploads import UploadCut
from tests.support.accounts import make_user
from tests.support.silent_engine import SilentEngine
from tests.support.tars import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("app_on_engine")]
MakeContainer = Callable[..., str]

SETUP = """
mkdir -p /app/conf /app/none; echo 'a=1' > /app/conf/x.ini; printf 'one\\r\\ntwo\\r\\n' > /app/crlf.txt
chmod 640 /app/conf/x.ini; chown -R 1000:50 /app; ln -s conf /app/c; ln -s /app/conf/x.ini /app/conf/abs
ln -s nowhere /app/dangling; mkfifo /app/pipe; head -c 2000000 /dev/zero > /app/big; printf 'a\\0b' > /app/bin
touch '/app/ü "quoted" <b>.txt'
"""


@pytest.fixture
def docker(engine: Engine) -> None:
    """For what Podman does differently: it keeps owners to itself, and writes into a read-only root."""
    if engine.server.is_podman:
        pytest.skip("Podman does this in another way")


@pytest.fixture
async def admin() -> Actor:
    return Actor.for_user(await sync_to_async(make_user)("mira", "admin"), "")


@pytest.fixture
async def viewer() -> Actor:
    return Actor.for_user(await sync_to_async(make_user)("vera", "viewer"), "")


@pytest.fixture
async def place(make_container: MakeContainer, aengine: object) -> Place:
    """A stopped container with some files."""
    container = await asyncio.to_thread(make_container, "sh", "-c", SETUP)
    await aengine.container_wait(container)  # type: ignore[attr-defined]
    return Place(container, container)


@pytest.fixture
async def volume(engine: Engine, labels: dict[str, str]) -> AsyncIterator[str]:
    name = f"files-{uuid.uuid4().hex[:8]}"
    await asyncio.to_thread(engine.volume_create, {"Name": name, "Labels": labels})
    yield name
    await asyncio.to_thread(volume_helper.release, name)


async def sent(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def cut(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    raise UploadCut


def listing(found: Found) -> dict[str, str]:
    assert found.listing is not None
    return {entry.name: entry.kind for entry in found.listing.entries}


async def upload(
    actor: Actor, place: Place, folder: str, contents: dict[str, bytes], *folders: str, replace: bool = False
) -> None:
    entries = [
        {"path": path, "size": len(data), "mtime": 1_700_000_000, "replace": replace}
        for path, data in contents.items()
    ]
    head = json.dumps({"files": entries, "folders": list(folders)}).encode() + b"\n"
    body = head + b"".join(contents.values())
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    await file_upload.file_upload(actor, place, folder, sent(*pieces), len(body))


# -- looking -------------------------------------------------------------------------------------------------


async def test_a_folder_of_a_stopped_container_is_listed(admin: Actor, place: Place, engine: Engine) -> None:
    found = await files.browse(admin, place, "/app")
    assert listing(found) == {
        "conf": "folder", "none": "folder", "big": "file", "bin": "file", "c": "link", "crlf.txt": "file",
        "dangling": "link", "pipe": "fifo", 'ü "quoted" <b>.txt': "file",
    }  # fmt: skip
    assert found.listing is not None
    entries = {entry.name: entry for entry in found.listing.entries}
    podman = engine.server.is_podman  # which keeps owners to itself
    owner = (None, None) if podman else (1000, 50)
    assert (entries["conf"].uid, entries["conf"].gid, entries["conf"].things) == (*owner, 2)
    assert (entries["big"].size, entries["crlf.txt"].permissions) == (2_000_000, "-rw-r--r--")
    assert entries["c"].link == "conf"
    assert (found.entry.uid, found.listing.broken_off) == (owner[0], "")


async def test_the_root_of_a_running_container_is_listed(admin: Actor, make_container: MakeContainer) -> None:
    container = await asyncio.to_thread(make_container)
    found = await files.browse(admin, Place(container, container), "/")
    assert {"bin", "etc", "tmp"} <= set(listing(found))


@pytest.mark.usefixtures("docker")
async def test_a_text_is_shown_and_that_is_written_down(admin: Actor, place: Place) -> None:
    found = await files.browse(admin, place, "/app/conf/x.ini")
    assert found.text is not None
    assert (found.text.text, found.entry.octal, found.entry.uid) == ("a=1\n", "0640", 1000)
    [row] = await sync_to_async(list)(AuditEntry.objects.filter(action="container.archive_get"))
    assert (row.target, row.outcome, row.detail) == (place.container, "done", {"path": "/app/conf/x.ini"})


@pytest.mark.parametrize(
    ("path", "why"), [("/app/big", "larger"), ("/app/bin", "binary"), ("/app/pipe", "fifo")]
)
async def test_what_is_no_text_says_why(admin: Actor, place: Place, path: str, why: str) -> None:
    found = await files.browse(admin, place, path)
    assert found.text is None
    assert why in found.why or found.entry.kind == why


@pytest.mark.usefixtures("docker")
@pytest.mark.parametrize(
    ("path", "target"),
    [("/app/c", "/app/conf"), ("/app/conf/abs", "/app/conf/x.ini"), ("/app/dangling", "/app/nowhere")],
)
async def test_a_link_says_where_it_leads(admin: Actor, place: Place, path: str, target: str) -> None:
    assert (await files.browse(admin, place, path)).target == target


@pytest.mark.parametrize("path", ["/nope", "/app/nope/x", "/app/crlf.txt/x", "/app/crlf.txt/x/y"])
async def test_what_is_not_there_is_not_found(admin: Actor, place: Place, path: str) -> None:
    with pytest.raises(engine_errors.NotFound):
        await files.browse(admin, place, path)


async def test_a_root_that_is_too_large_says_so_and_shows_what_is_usually_there(
    admin: Actor, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SHORT", Bounds(seconds=5, size=1 << 40, members=10))
    found = await files.browse(admin, place, "/")
    assert found.listing is not None
    assert found.listing.broken_off
    assert {"app", "etc", "tmp"} <= set(listing(found))


async def test_a_viewer_reaches_no_file_and_the_engine_hears_nothing(
    viewer: Actor, silent_engine: SilentEngine
) -> None:
    place = Place("a" * 64, "a" * 64)
    for attempt in (
        files.browse(viewer, place, "/"),
        file_download.file_download(viewer, place, "/etc/passwd"),
        file_edit.text_save(viewer, place, "/x", "", version="", newline="LF"),
        file_extract.tar_extract(viewer, place, "/", sent(b""), 0),
        upload(viewer, place, "/", {"x": b""}),
        volume_helper.volume_place(viewer, "data"),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert silent_engine.calls == 0


# -- editing -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("docker")
async def test_an_edited_file_keeps_its_permissions_and_owner(admin: Actor, place: Place) -> None:
    before = (await files.browse(admin, place, "/app/conf/x.ini")).text
    assert before is not None
    await file_edit.text_save(
        admin, place, "/app/conf/x.ini", "a=2\r\nb=ü\r\n", version=before.version, newline=before.newline
    )
    found = await files.browse(admin, place, "/app/conf/x.ini")
    assert found.text is not None
    assert found.text.text == "a=2\nb=ü\n"
    assert (found.entry.octal, found.entry.uid, found.entry.gid) == ("0640", 1000, 50)
    rows = AuditEntry.objects.filter(action="container.archive_put")
    assert await sync_to_async(lambda: [row.outcome for row in rows.order_by("pk")])() == ["started", "done"]


async def test_a_file_that_changed_meanwhile_is_not_overwritten(admin: Actor, place: Place) -> None:
    before = (await files.browse(admin, place, "/app/crlf.txt")).text
    assert before is not None
    await upload(admin, place, "/app", {"crlf.txt": b"somebody else\n"}, replace=True)
    with pytest.raises(file_edit.Changed) as changed:
        await file_edit.text_save(admin, place, "/app/crlf.txt", "mine", version=before.version, newline="LF")
    now = (await files.browse(admin, place, "/app/crlf.txt")).text
    assert now is not None
    assert (now.text, now.version) == ("somebody else\n", changed.value.version)


@pytest.mark.usefixtures("docker")
async def test_a_new_file_belongs_to_the_owner_of_its_folder(admin: Actor, place: Place) -> None:
    await file_edit.text_save(admin, place, "/app/new.txt", "hello", version="", newline="LF")
    found = await files.browse(admin, place, "/app/new.txt")
    assert (found.entry.octal, found.entry.uid, found.entry.gid) == ("0644", 1000, 50)
    with pytest.raises(file_edit.Changed):
        await file_edit.text_save(admin, place, "/app/new.txt", "again", version="", newline="LF")


@pytest.mark.parametrize("path", ["/app/conf", "/app/c"])
async def test_only_files_are_edited(admin: Actor, place: Place, path: str) -> None:
    with pytest.raises(BadInput):
        await file_edit.text_save(admin, place, path, "x", version="", newline="LF")


async def test_what_is_mounted_by_itself_cannot_be_replaced_and_says_so(
    admin: Actor, make_container: MakeContainer
) -> None:
    container = await asyncio.to_thread(make_container)
    place = Place(container, container)
    hosts = (await files.browse(admin, place, "/etc/hosts")).text
    assert hosts is not None
    with pytest.raises(engine_errors.ApiError, match=r"mounted|Engine"):
        await file_edit.text_save(admin, place, "/etc/hosts", "x", version=hosts.version, newline="LF")


# -- uploading -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("docker")
async def test_files_and_folders_arrive_and_belong_to_the_owner_of_the_folder(
    admin: Actor, place: Place
) -> None:
    await upload(
        admin, place, "/app", {"up/a.txt": b"a" * 5000, "up/deep/ü.txt": b"", "top": b"t"}, "up/empty", "conf"
    )
    assert listing(await files.browse(admin, place, "/app/up")) == {
        "deep": "folder", "empty": "folder", "a.txt": "file",
    }  # fmt: skip
    found = await files.browse(admin, place, "/app/up/a.txt")
    assert found.text is not None
    assert (found.text.text, found.entry.uid, int(found.entry.mtime)) == ("a" * 5000, 1000, 1_700_000_000)
    assert (await files.browse(admin, place, "/app/up/deep")).entry.uid == 1000
    conf = await files.browse(admin, place, "/app/conf")  # was there: stays as it was
    assert set(listing(conf)) == {"x.ini", "abs"}


@pytest.mark.usefixtures("docker")
async def test_a_replaced_file_keeps_its_permissions_and_owner(admin: Actor, place: Place) -> None:
    await upload(admin, place, "/app", {"conf/x.ini": b"new"}, replace=True)
    found = await files.browse(admin, place, "/app/conf/x.ini")
    assert found.text is not None
    assert (found.text.text, found.entry.octal, found.entry.gid) == ("new", "0640", 50)


BAD_LISTS = [
    "nonsense", "[]", "{}", '{"files": [], "folders": []}', '{"files": 1}', '{"files": [{"path": "a"}]}',
    '{"files": [{"path": "../x", "size": 0}]}', '{"files": [{"path": "/etc/x", "size": 0}]}',
    '{"files": [{"path": "a/../../x", "size": 0}]}', '{"files": [{"path": "a", "size": -1}]}',
    '{"files": [{"path": "a", "size": true}]}', '{"files": [{"path": "a", "size": 1e3}]}',
    '{"files": [{"path": "a\\u0000b", "size": 0}]}', '{"files": [{"path": "a\\nb", "size": 0}]}',
    '{"files": [{"path": "\\ud800", "size": 0}]}', '{"files": [{"path": "", "size": 0}]}',
    '{"files": [{"path": "a", "size": 0}, {"path": "a/b", "size": 0}]}',
    '{"files": [{"path": "a", "size": 0}, {"path": "./a", "size": 0}]}',
    '{"files": [{"path": "a", "size": 0, "mode": 4755}]}', '{"files": [], "folders": [".."]}',
    '{"files": [], "folders": ["."]}', '{"files": [], "folders": ["./"]}',
    '{"files": [{"path": ".", "size": 0}]}',
    json.dumps({"files": [{"path": "x" * 256, "size": 0}]}),
    json.dumps({"files": [{"path": f"f{i}", "size": 0} for i in range(5001)]}),
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_LISTS, ids=lambda text: text[:40])
async def test_a_list_that_is_wrong_is_refused_before_the_engine_hears_of_it(
    admin: Actor, silent_engine: SilentEngine, text: str
) -> None:
    body = text.encode() + b"\n"
    with pytest.raises((InvalidArgument, BadInput)):
        await file_upload.file_upload(admin, Place("a" * 64, ""), "/", sent(body), len(body))
    assert silent_engine.calls == 0


async def test_an_upload_that_breaks_off_leaves_nothing_behind(admin: Actor, place: Place) -> None:
    head = b'{"files": [{"path": "half", "size": 1000}]}\n'
    with pytest.raises(BadInput, match="cut off"):
        await file_upload.file_upload(admin, place, "/app", cut(head, b"x" * 500), 1500)
    assert "half" not in listing(await files.browse(admin, place, "/app"))


async def test_a_large_upload_that_comes_fast_goes_straight_through(
    admin: Actor, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "SMALL", 100_000)
    monkeypatch.setattr(spool, "FAST", 0.0)
    await upload(admin, place, "/app", {"large": b"0123456789" * 50_000})
    made = await file_download.file_download(admin, place, "/app/large")
    assert b"".join([piece async for piece in made.pieces]) == b"0123456789" * 50_000


async def test_an_upload_longer_than_its_list_is_refused(admin: Actor, place: Place) -> None:
    head = b'{"files": [{"path": "long", "size": 3}]}\n'
    with pytest.raises(BadInput, match="longer"):
        await file_upload.file_upload(admin, place, "/app", sent(head, b"123456"), 50)


@pytest.mark.parametrize(("name", "folders"), [("conf", ()), ("crlf.txt/x", ())])
async def test_nothing_takes_the_place_of_another_kind(
    admin: Actor, place: Place, name: str, folders: tuple[str, ...]
) -> None:
    with pytest.raises((engine_errors.Conflict, BadInput)):
        await upload(admin, place, "/app", {name: b"x"}, *folders)
    assert (await files.browse(admin, place, "/app/conf")).listing is not None


@pytest.mark.usefixtures("docker")
async def test_a_read_only_container_says_so(admin: Actor, make_container: MakeContainer) -> None:
    container = await asyncio.to_thread(make_container, HostConfig={"ReadonlyRootfs": True})
    with pytest.raises(engine_errors.ApiError, match="read-only"):
        await upload(admin, Place(container, container), "/tmp", {"x": b"x"})


# -- archives ------------------------------------------------------------------------------------------------

REG, LNK, SYM, DIR = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE
CHR, FIFO = tarfile.CHRTYPE, tarfile.FIFOTYPE
GOOD = ("good", REG, b"first")
BAD_TARS = {
    "parent": build(GOOD, ("../x", REG, b"")),
    "absolute": build(GOOD, ("/etc/x", REG, b"")),
    "through a link": build(GOOD, ("l", SYM, "sub"), ("l/x", REG, b"")),
    "link out": build(GOOD, ("l", SYM, "/etc")),
    "device": build(GOOD, ("null", CHR, b"")),
    "fifo": build(GOOD, ("p", FIFO, b"")),
    "setuid": build(GOOD, ("su", REG, b""), mode=0o4755),
    "truncated": build(GOOD, ("x", REG, b"y" * 5000))[:3000],
    "without its end": build(GOOD)[:1024],
    "many": build(*((f"f{i}", REG, b"") for i in range(30))),
    "large": build(GOOD, ("x", REG, b"y" * 50_000)),
    "compressed": b"\x1f\x8b\x08" + bytes(2000),
    "html": b"<html>" * 1000,
    "nothing": b"",
}


@pytest.mark.parametrize("name", BAD_TARS)
async def test_of_a_bad_archive_nothing_is_extracted(admin: Actor, place: Place, name: str) -> None:
    data, limits = BAD_TARS[name], Limits(members=20, size=40_000)
    pieces = sent(*(data[at : at + 700] for at in range(0, len(data), 700)))
    with pytest.raises(InvalidArgument):
        await file_extract.tar_extract(admin, place, "/app/none", pieces, len(data), limits)
    assert listing(await files.browse(admin, place, "/app/none")) == {}


@pytest.mark.usefixtures("docker")
async def test_a_good_archive_is_extracted_with_its_owners(admin: Actor, place: Place) -> None:
    data = build(("d", DIR, b""), ("d/a", REG, b"text"), ("d/l", SYM, "a"), uid=5, gid=6, mode=0o750)
    check = await file_extract.tar_extract(admin, place, "/app/none", sent(data), len(data))
    assert (check.members, check.size) == (3, 4)
    found = await files.browse(admin, place, "/app/none/d/a")
    assert (found.entry.uid, found.entry.gid, found.entry.octal) == (5, 6, "0750")


@pytest.mark.parametrize("folder", ["/nope", "/app/crlf.txt"])
async def test_an_archive_needs_a_folder_that_is_there(admin: Actor, place: Place, folder: str) -> None:
    data = build(GOOD)
    with pytest.raises((engine_errors.NotFound, BadInput)):
        await file_extract.tar_extract(admin, place, folder, sent(data), len(data))


# -- downloading ---------------------------------------------------------------------------------------------


async def test_a_file_comes_as_itself(admin: Actor, place: Place) -> None:
    made = await file_download.file_download(admin, place, "/app/big")
    assert (made.name, made.size) == ("big", 2_000_000)
    assert b"".join([piece async for piece in made.pieces]) == bytes(2_000_000)


async def test_a_folder_comes_as_a_tar(admin: Actor, place: Place) -> None:
    made = await file_download.file_download(admin, place, "/app/conf")
    data = b"".join([piece async for piece in made.pieces])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert sorted(tar.getnames()) == ["conf", "conf/abs", "conf/x.ini"]
    assert made.name == "conf.tar"


@pytest.mark.parametrize("path", ["/app/c", "/app/pipe"])
async def test_links_and_pipes_are_not_downloaded(admin: Actor, place: Place, path: str) -> None:
    with pytest.raises(BadInput):
        await file_download.file_download(admin, place, path)


# -- volumes -------------------------------------------------------------------------------------------------


async def test_a_volume_is_shown_through_a_container_that_never_runs(
    admin: Actor, engine: Engine, volume: str
) -> None:
    place = await volume_helper.volume_place(admin, volume)
    assert listing(await files.browse(admin, place, "/")) == {}
    await upload(admin, place, "/", {"a/b.txt": b"kept"})
    helper = await asyncio.to_thread(engine.container_inspect, place.container)
    assert (helper["State"]["Status"], helper["State"]["StartedAt"][:4]) == ("created", "0001")
    assert helper["Config"]["Labels"][volume_helper.LABEL] == "1"
    assert helper["HostConfig"]["NetworkMode"] == "none"
    assert engine.server.is_podman or helper["HostConfig"]["CapDrop"] == ["ALL"]  # Podman names each
    assert helper["HostConfig"]["ReadonlyRootfs"] is True

    await asyncio.to_thread(volume_helper.release, volume)
    again = await volume_helper.volume_place(admin, volume)
    assert again.container != place.container
    text = (await files.browse(admin, again, "/a/b.txt")).text
    assert text is not None
    assert text.text == "kept"


async def test_a_helper_that_somebody_removed_is_made_again(
    admin: Actor, engine: Engine, volume: str
) -> None:
    place = await volume_helper.volume_place(admin, volume)
    assert (await volume_helper.volume_place(admin, volume)).container == place.container
    await asyncio.to_thread(engine.container_remove, place.container, force=True)
    again = await volume_helper.volume_place(admin, volume)
    assert listing(await files.browse(admin, again, "/")) == {}


@pytest.mark.usefixtures("docker")
async def test_what_leads_out_of_the_volume_is_neither_followed_nor_written(
    admin: Actor, volume: str
) -> None:
    place = await volume_helper.volume_place(admin, volume)
    await upload(admin, place, "/", {"in/x": b"x"})
    links = build(("out", SYM, "in"))
    await file_extract.tar_extract(admin, place, "/", sent(links), len(links))
    assert (await files.browse(admin, place, "/out")).target == "/in"
    outside = Place(place.container, volume)
    with pytest.raises(engine_errors.ApiError, match="read-only"):
        await upload(admin, outside, "/etc", {"x": b"x"})


async def test_a_way_over_a_link_out_of_the_volume_is_none(
    admin: Actor, volume: str, make_container: MakeContainer, engine: Engine
) -> None:
    links = "mkdir /d/in; echo x > /d/in/x; ln -s in /d/ok; ln -s ../../etc /d/in/out"
    binds = {"Binds": [f"{volume}:/d"]}
    maker = await asyncio.to_thread(make_container, "sh", "-c", links, HostConfig=binds)
    await asyncio.to_thread(engine.container_wait, maker)
    place = await volume_helper.volume_place(admin, volume)
    for path in ("/", "/in", "/ok/x", "/in/out", "/not/there"):
        await files.check_way(admin, place, path)
    for path in ("/in/out/passwd", "/ok/out/deep/x"):
        with pytest.raises(engine_errors.NotFound, match="outside of the volume"):
            await files.check_way(admin, place, path)


async def test_helpers_go_when_they_are_idle_and_when_a_server_starts(
    admin: Actor, engine: Engine, volume: str
) -> None:
    place = await volume_helper.volume_place(admin, volume)
    await asyncio.to_thread(volume_helper.remove_idle)
    assert await asyncio.to_thread(engine.container_inspect, place.container)
    await asyncio.to_thread(volume_helper.remove_idle, 0.0)
    with pytest.raises(engine_errors.NotFound):
        await asyncio.to_thread(engine.container_inspect, place.container)

    left = await volume_helper.volume_place(admin, volume)
    volume_helper._helpers.clear()  # as after a crash
    await asyncio.to_thread(volume_helper.remove_left)
    with pytest.raises(engine_errors.NotFound):
        await asyncio.to_thread(engine.container_inspect, left.container)


async def test_a_volume_that_is_open_can_be_removed(admin: Actor, engine: Engine, volume: str) -> None:
    await volume_helper.volume_place(admin, volume)
    assert (await sync_to_async(volumes.volume_inspect)(admin, volume))[0].users == ()
    await sync_to_async(volumes.volume_remove)(admin, volume)
    with pytest.raises(engine_errors.NotFound):
        await asyncio.to_thread(engine.volume_inspect, volume)


async def test_a_volume_that_is_not_there_is_not_made(admin: Actor, engine: Engine) -> None:
    name = f"files-{uuid.uuid4().hex[:8]}"
    with pytest.raises(engine_errors.NotFound):
        await volume_helper.volume_place(admin, name)
    with pytest.raises(engine_errors.NotFound):
        await asyncio.to_thread(engine.volume_inspect, name)


@pytest.mark.parametrize("name", ["../x", "a b", "", "x" * 300])
async def test_a_name_that_no_volume_has_is_refused(
    admin: Actor, silent_engine: SilentEngine, name: str
) -> None:
    with pytest.raises(BadInput):
        await volume_helper.volume_place(admin, name)
    assert silent_engine.calls == 0


async def test_the_image_of_the_helper_can_be_chosen(
    admin: Actor, engine: Engine, volume: str, settings: object
) -> None:
    settings.DOCKERUI_HELPER_IMAGE = "busybox:test"  # type: ignore[attr-defined]
    place = await volume_helper.volume_place(admin, volume)
    helper = await asyncio.to_thread(engine.container_inspect, place.container)
    assert helper["Config"]["Image"].endswith("busybox:test")


async def test_an_image_that_is_not_there_is_not_pulled(admin: Actor, volume: str, settings: object) -> None:
    settings.DOCKERUI_HELPER_IMAGE = "nobody/has:this"  # type: ignore[attr-defined]
    with pytest.raises(BadInput, match="pulled first"):
        await volume_helper.volume_place(admin, volume)
