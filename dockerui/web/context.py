"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dockerui.access import PERMISSIONS
from dockerui.services import engines
from dockerui.web.navigation import menu


def shell(request: HttpRequest) -> dict[str, Any]:
    """Actor, menu and Engine for templates/base.html; nothing for pages of people who are not logged in."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "actor": actor,
        "menu": menu(actor, request.path),
        "endpoint": engines.default().endpoint,
        "denied": " ".join(sorted(PERMISSIONS.keys() - actor.permissions)),
    }
