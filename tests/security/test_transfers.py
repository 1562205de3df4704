"""Downloads and uploads end with the login that began them, and their names cannot forge a header."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dockerui.access import Actor
from dockerui.access.roles import permissions_of
from dockerui.engine.errors import StreamCut
from dockerui.services import allowed, downloads
from dockerui.services.uploads import Download

ADMIN = Actor("user", 1, "mira", permissions_of("admin"), "key")
VIEWER = Actor("user", 1, "mira", permissions_of("viewer"), "key")
OTHER = Actor("user", 2, "otto", permissions_of("admin"), "key")


class Source:
    """Endless pieces; knows whether it was let go."""

    def __init__(self) -> None:
        self.closed = False

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x"
        finally:
            self.closed = True


@pytest.mark.parametrize("later", [{}, {"key": VIEWER}, {"key": OTHER}], ids=["gone", "viewer", "other"])
async def test_a_transfer_ends_with_the_right_to_it(
    later: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"key": ADMIN}
    monkeypatch.setattr(allowed, "CHECK_EVERY", 0.0)
    monkeypatch.setattr(allowed, "actors_of", lambda keys: {k: known[k] for k in keys if k in known})
    source = Source()
    transfer = allowed.while_allowed(ADMIN, "container.export", source.pieces())
    assert [await anext(transfer) for _ in range(3)] == [b"x"] * 3
    known.clear()
    known.update(later)
    with pytest.raises(StreamCut):
        await anext(transfer)
    assert source.closed


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=1", '"; filename=x.exe', "../../etc/passwd", "x" * 5000]
)
def test_an_exports_name_is_a_containers_name_or_none(
    name: str, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = []

    async def export(actor: Actor, ref: str, title: str) -> Download:
        titles.append(title)
        return Download()

    monkeypatch.setattr(downloads, "container_export", export)
    answer: Any = admin_client.get(f"/containers/{'ab' * 32}/export", {"name": name})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="abababababab.tar"'
    assert titles == ["abababababab"]
    assert set(answer.headers) >= {"Content-Security-Policy", "X-Content-Type-Options"}


def test_every_long_answer_and_every_long_body_ends_with_its_login() -> None:
    short = {"audit.py", "events.py"}  # what the database and the Engine's memory hold, sent at once
    for source in Path("dockerui/web").rglob("*.py"):
        text = source.read_text()
        long = "StreamingHttpResponse(" in text or "aiter(body)" in text
        assert not long or source.name in short or "while_allowed(" in text, source
