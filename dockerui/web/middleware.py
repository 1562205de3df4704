"""What every response gets, errors included."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from dockerui.services.sessions import SEEN, STARTED, is_over

Next = Callable[[HttpRequest], HttpResponseBase]
_SEEN_EVERY = 60.0  # seconds between two writes of the session


class RequestIdMiddleware:
    """A number per request, in the log and on error pages, so that one finds the other."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class HeadersMiddleware:
    """Pages are nobody's to cache or to frame; static files set their own caching."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("X-Frame-Options", "DENY")  # type: ignore[attr-defined]
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")  # type: ignore[attr-defined]
        response.setdefault(  # type: ignore[attr-defined]
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store")  # type: ignore[attr-defined]
        return response


class SessionLimitsMiddleware:
    """End a login that is idle or old. Websocket traffic passes by here not at all, so it does not keep one alive."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = time.time()
            request.session.setdefault(STARTED, now)
            if is_over(request.session, now):
                logout(request)
            elif now - float(request.session.get(SEEN, 0)) > _SEEN_EVERY:
                request.session[SEEN] = now
        return self.get_response(request)
