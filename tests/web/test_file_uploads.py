"""Archives as pages send them, through the whole application: answers, and senders that go away."""

from __future__ import annotations

import asyncio
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from dockerui.audit.models import AuditEntry
from dockerui.engine import Engine
from dockerui.services import spool
from dockerui.web.bodies import StreamingHandler
from tests.support.tars import build, headers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("app_on_engine")]
REG = tarfile.REGTYPE
TOKEN = "t" * 32
GOOD = build(("one", REG, b"1" * 3000), ("two", REG, b"2" * 90_000))
BAD = build(("one", REG, b"1" * 3000), ("../two", REG, b"2"))


class Sender:
    """Posts a body in pieces; one that is `cut` goes away instead of sending its end."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path

    async def post(
        self, pieces: Iterable[bytes], *, cut: bool = False, **query: str
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and answer; status 0 when there was none."""
        waiting: Iterator[bytes | None] = iter([*pieces, None])
        still_there = asyncio.Event()
        answer: list[Mapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            piece = next(waiting, b"")
            if piece is None and cut:
                return {"type": "http.disconnect"}
            if piece == b"":
                await still_there.wait()
            return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

        async def send(message: Mapping[str, Any]) -> None:
            answer.append(message)

        await StreamingHandler()(self._scope(query), receive, send)
        if not answer:
            return 0, {}
        body = b"".join(message.get("body", b"") for message in answer[1:])
        return answer[0]["status"], json.loads(body)

    def _scope(self, query: Mapping[str, str]) -> dict[str, Any]:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self._client.cookies.items())
        sent = {
            "host": "testserver", "origin": "http://testserver", "accept": "application/json",
            "content-type": "application/x-tar", "x-csrftoken": TOKEN,
            "cookie": f"{cookies}; dockerui-csrf={TOKEN}",
        }  # fmt: skip
        return {
            "type": "http", "method": "POST", "path": self._path, "raw_path": self._path.encode(),
            "query_string": urlencode({"path": "/in", **query}).encode(), "http_version": "1.1",
            "scheme": "http", "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }  # fmt: skip


@pytest.fixture
def sender(admin_client: Client, make_container: Callable[..., str], engine: Engine) -> Sender:
    container = make_container("sh", "-c", "mkdir /in")
    while engine.container_inspect(container)["State"]["Running"]:
        pass  # each look is a call: it waits for the Engine, not for a clock
    return Sender(admin_client, f"/containers/{container}/files/extract")


def cut_up(data: bytes) -> list[bytes]:
    return [data[at : at + 1000] for at in range(0, len(data), 1000)]


async def test_headers_are_looked_through_and_an_archive_follows_them(sender: Sender) -> None:
    listed = headers(GOOD)
    told = {"members": 2, "bytes": 93_000}
    assert await sender.post(cut_up(listed), check="1") == (200, told)
    assert await sender.post(cut_up(listed + GOOD), list=str(len(listed))) == (200, told)
    assert await sender.post(cut_up(GOOD)) == (200, told)


async def test_what_is_wrong_is_told_in_the_same_words_in_each_way(sender: Sender) -> None:
    listed = headers(BAD)
    answers = [
        await sender.post(cut_up(listed), check="1"),
        await sender.post(cut_up(listed + BAD), list=str(len(listed))),
        await sender.post(cut_up(BAD)),
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 400
    assert "leads out of its folder" in answers[0][1]["message"]


@pytest.mark.parametrize("size", ["x", "-1", "", "9" * 13, "1e3", str(1 << 38)])
async def test_the_size_of_a_list_is_a_number_within_bounds(sender: Sender, size: str) -> None:
    assert (await sender.post([GOOD], list=size))[0] == 400


async def test_who_goes_away_in_the_middle_is_written_down_with_what_is_there(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "SMALL", 0)
    monkeypatch.setattr(spool, "FAST", 0.0)
    listed = headers(GOOD)
    body = listed + GOOD[:50_000]
    await asyncio.gather(sender.post(cut_up(body), cut=True, list=str(len(listed))), return_exceptions=True)
    rows = AuditEntry.objects.filter(action="container.archive_put").order_by("pk")
    started, ended = await sync_to_async(lambda: [(row.outcome, row.detail) for row in rows])()
    assert started[0] == "started"
    assert ended[0] in ("failed", "cancelled")
    assert "“two” is there in part" in ended[1]["error"]
    assert "1 member is there before it" in ended[1]["error"]
