"""Uploads that find no room: on the Engine's disk, or on the server's own while it collects them."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.engine import Engine
from dockerui.engine.errors import ApiError
from dockerui.services import file_extract, file_upload, spool, volume_helper
from dockerui.services.errors import BadInput
from dockerui.services.file_places import Place
from dockerui.services.spool import Spool, settled
from tests.support.accounts import make_user
from tests.support.silent_engine import SilentEngine

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
async def admin() -> Actor:
    return Actor.for_user(await sync_to_async(make_user)("mira", "admin"), "")


@pytest.fixture
async def small_volume(engine: Engine, labels: dict[str, str]) -> AsyncIterator[str]:
    """A volume that holds a megabyte."""
    if engine.server.is_podman:
        pytest.skip("Podman mounts such a volume in running containers only")
    name = f"full-{uuid.uuid4().hex[:8]}"
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    body = {"Name": name, "Labels": labels, "Driver": "local", "DriverOpts": options}
    await asyncio.to_thread(engine.volume_create, body)
    yield name
    await asyncio.to_thread(volume_helper.release, name)


async def sent(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.usefixtures("app_on_engine")
async def test_the_engine_s_full_disk_is_told_in_words(admin: Actor, small_volume: str) -> None:
    place = await volume_helper.volume_place(admin, small_volume)
    head = json.dumps({"files": [{"path": "large", "size": 3_000_000}]}).encode() + b"\n"
    with pytest.raises(ApiError, match="The disk is full") as told:
        await file_upload.file_upload(admin, place, "/", sent(head, bytes(3_000_000)), None)
    assert "no space left on device" in str(told.value)


async def test_a_server_without_room_takes_no_archive(
    admin: Actor, silent_engine: SilentEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=spool.ROOM + 1000))
    with pytest.raises(BadInput, match="has room for 1000 B only"):
        await file_extract.tar_extract(admin, Place("a" * 64, ""), "/", sent(b"x"), 5000)
    assert silent_engine.calls == 0


async def test_a_disk_that_fills_up_while_an_upload_comes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: open("/dev/full", "r+b", buffering=0))  # noqa: SIM115
    with pytest.raises(BadInput, match="No space left on device"):
        await settled(sent(bytes(spool.PIECE), b"more"), None)
    held = Spool()
    await held.add(b"little")
    with pytest.raises(BadInput, match="cannot keep the upload"):
        await held.flush()
    held.close()
