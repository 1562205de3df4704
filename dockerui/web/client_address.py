"""Where a request comes from, for the lock-out."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The peer's address; X-Forwarded-For counts only when a trusted proxy sends it, and then its last entry."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if peer in settings.DOCKERUI_TRUSTED_PROXIES:
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        return forwarded[-1].strip() or peer
    return peer
