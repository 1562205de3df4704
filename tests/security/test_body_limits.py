"""A stranger cannot fill the disk: Django keeps a request's body before it asks who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dockerui.web.bodies import StreamingHandler

PIECE = bytes(64 << 10)


class Sender:
    """A client that sends for ever; counts how much was taken."""

    def __init__(self) -> None:
        self.taken = 0
        self.answer: list[Mapping[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.taken += len(PIECE)
        assert self.taken < 64 << 20, "the body has no limit"
        return {"type": "http.request", "body": PIECE, "more_body": True}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.answer.append(message)


def scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http", "method": "POST", "path": "/login", "raw_path": b"/login", "query_string": b"",
        "headers": list(headers), "http_version": "1.1", "scheme": "http",
    }  # fmt: skip


@pytest.mark.parametrize("kind", [b"multipart/form-data; boundary=x", b"application/json", b"text/plain"])
async def test_an_endless_body_is_cut_off(kind: bytes, settings: Any) -> None:
    sender = Sender()
    await StreamingHandler()(scope((b"content-type", kind)), sender.receive, sender.send)
    assert sender.answer[0]["status"] == 413
    assert dict(sender.answer[0]["headers"])[b"X-Content-Type-Options"] == b"nosniff"
    assert sender.taken <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE + len(PIECE)


@pytest.mark.parametrize("length", [b"99999999999", b"9" * 5000, b"-1", b"x"])
async def test_a_body_that_says_so_is_refused_unread(length: bytes) -> None:
    sender = Sender()
    await StreamingHandler()(scope((b"content-length", length)), sender.receive, sender.send)
    assert sender.answer[0]["status"] == 413
    assert sender.taken == 0
