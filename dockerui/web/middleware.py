"""What every request and response gets, errors included."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from dockerui.logs import request_number
from dockerui.services.sessions import SEEN, is_over, seen_every

Next = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """A number per request, in the log and on error pages, so that one finds the other."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = uuid.uuid4().hex[:12]
        setattr(request, "request_id", number)  # noqa: B010  (HttpRequest has no such field for mypy)
        token = request_number.set(number)
        try:
            response = self.get_response(request)
        finally:
            request_number.reset(token)
        response.headers["X-Request-Id"] = number
        return response


class HeadersMiddleware:
    """Pages are nobody's to cache or to frame; static files set their own caching."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        if settings.SECURE:
            # Behind a proxy that ends TLS, Django alone cannot tell that the browser came by it.
            headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
        if not request.path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
        return response


class SessionLimitsMiddleware:
    """End a login that is idle or old. Only requests count as use: what a websocket carries does not."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = time.time()
            if is_over(request.session, now):
                logout(request)
            elif now - float(request.session[SEEN]) > seen_every():
                request.session[SEEN] = now
        return self.get_response(request)
