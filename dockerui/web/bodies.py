"""Request bodies that flow: an upload reaches its view as it arrives, and the sender waits when the view
does.

Django reads every body into memory or a temporary file before it looks at the request. A body that is no form
(`application/x-tar`, `application/octet-stream`) is left on the wire here: the view, which must be a
coroutine, reads it with `body_of(request)`. Any other view sees an empty body.

Forms and JSON stay as Django has them, but for their size: Django would write whatever a stranger sends to
the disk before it asks who that is. More than `DATA_UPLOAD_MAX_MEMORY_SIZE` is answered with 413.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest

from dockerui.services.errors import BadInput
from dockerui.services.uploads import UploadCut

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

STREAMED = (b"application/x-tar", b"application/octet-stream")
_KEY = "dockerui.body"
_TOO_LARGE = b"This is larger than any form of dockerui.\n"
_HEADERS = (
    (b"Content-Type", b"text/plain; charset=utf-8"),
    (b"Content-Length", str(len(_TOO_LARGE)).encode()),
    (b"Content-Security-Policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"X-Content-Type-Options", b"nosniff"),
    (b"Cache-Control", b"no-store"),
)


class TooLarge(Exception):
    """The body of a form or of JSON is over the limit."""


class RequestBody:
    """The body of one request, to be read once. `length` in bytes is None where the sender does not say."""

    def __init__(self, receive: Receive, length: int | None) -> None:
        self._receive = receive
        self._head_taken = False
        self._gone = asyncio.Event()
        self.length = length
        self.complete = False

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Pieces as they arrive. Raises UploadCut when the sender goes away before the end."""
        while not self.complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._gone.set()
                raise UploadCut
            self.complete = not message.get("more_body", False)
            if self.complete:
                self._gone.set()  # from now on Django itself may wait for the disconnect
            if data := message.get("body"):
                yield data

    async def for_django(self) -> Message:
        """What Django receives: an empty body, then the disconnect."""
        if not self._head_taken:
            self._head_taken = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return await self._receive() if self.complete else {"type": "http.disconnect"}


class StreamingHandler(ASGIHandler):
    """Django's handler, with bodies that flow where they are not forms, and that end where they are."""

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Any) -> None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if headers.get(b"content-type", b"").split(b";")[0].strip().lower() in STREAMED:
            body = RequestBody(receive, int(length) if length.isdigit() else None)
            await super().handle({**scope, _KEY: body}, body.for_django, send)
            return
        try:
            await super().handle(scope, _limited(receive, length), send)
        except TooLarge:
            await send({"type": "http.response.start", "status": 413, "headers": list(_HEADERS)})
            await send({"type": "http.response.body", "body": _TOO_LARGE})


def _limited(receive: Receive, length: bytes) -> Receive:
    """`receive` for a body of at most `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes, whatever its `length` says."""
    most = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    declared = int(length) if length.isdigit() and len(length) < 20 else most + bool(length)
    size = 0

    async def limited() -> Message:
        nonlocal size
        if declared > most:
            raise TooLarge
        message = await receive()
        size += len(message.get("body") or b"")
        if size > most:
            raise TooLarge
        return message

    return limited


def body_of(request: HttpRequest) -> RequestBody:
    """The body that is still on its way. Raises BadInput for a request that has none of that kind."""
    body = getattr(request, "scope", {}).get(_KEY)
    if not isinstance(body, RequestBody):
        raise BadInput("Send the file itself as the body, as application/x-tar or application/octet-stream.")
    return body
