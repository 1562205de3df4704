"""A websocket is accepted only from our own pages: scheme, host and port must match (security rule R7).

Channels' own validator compares host names only, so that a container's page on another port of our host would
pass; and a cookie goes there by itself, so a handshake without an Origin is refused too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings

Scope = dict[str, Any]
App = Callable[[Scope, Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[Any]]


class SameOrigin:
    """ASGI middleware that answers 403 to handshakes from elsewhere."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(
        self, scope: Scope, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]
    ) -> Any:
        if allowed(scope):
            return await self.app(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def allowed(scope: Scope) -> bool:
    """Whether the handshake has exactly one Origin, and it is ours."""
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    if len(origins) != 1:
        return False
    origin = origins[0].decode("latin-1").lower()
    if settings.DOCKERUI_URL:
        return bool(origin == settings.DOCKERUI_URL.lower())
    # No public address is set: ours is what the browser used to get here.
    hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
    scheme = "https" if settings.SECURE or scope.get("scheme") == "wss" else "http"
    return len(hosts) == 1 and origin == f"{scheme}://{hosts[0]}"
