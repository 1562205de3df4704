"""Request bodies that flow: an upload reaches its view as it arrives, and the sender waits when the view
does.

Django reads every body into memory or a temporary file before it looks at the request. A body that is no form
(`application/x-tar`, `application/octet-stream`) is left on the wire here: the view, which must be a
coroutine, reads it with `body_of(request)`. Forms and JSON stay as Django has them. Any other view sees an
empty body.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest

from dockerui.services.errors import BadInput
from dockerui.services.uploads import UploadCut

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

STREAMED = (b"application/x-tar", b"application/octet-stream")
_KEY = "dockerui.body"


class RequestBody:
    """The body of one request, to be read once. `length` in bytes is None where the sender does not say."""

    def __init__(self, receive: Receive, length: int | None) -> None:
        self._receive = receive
        self._head_taken = False
        self._gone = asyncio.Event()
        self.length = length
        self.complete = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
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
    """Django's handler, with bodies that flow where they are not forms."""

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Any) -> None:
        headers = dict(scope["headers"])
        if headers.get(b"content-type", b"").split(b";")[0].strip().lower() in STREAMED:
            length = headers.get(b"content-length", b"")
            body = RequestBody(receive, int(length) if length.isdigit() else None)
            scope, receive = {**scope, _KEY: body}, body.for_django
        await super().handle(scope, receive, send)


def body_of(request: HttpRequest) -> RequestBody:
    """The body that is still on its way. Raises BadInput for a request that has none of that kind."""
    body = getattr(request, "scope", {}).get(_KEY)
    if not isinstance(body, RequestBody):
        raise BadInput("Send the file itself as the body, as application/x-tar or application/octet-stream.")
    return body
