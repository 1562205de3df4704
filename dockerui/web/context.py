"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dockerui.access import PERMISSIONS, Actor
from dockerui.services import engine_facts, engines
from dockerui.web.navigation import menu


def shell(request: HttpRequest) -> dict[str, Any]:
    """Actor, menu and Engine for templates/base.html; nothing for strangers. Never asks the Engine."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "actor": actor,
        "denied": " ".join(sorted(PERMISSIONS.keys() - actor.permissions)),
        **side(actor, request.path),
    }


def side(actor: Actor, path: str) -> dict[str, Any]:
    """The sidebar of the page at `path`, with what is known of the Engine."""
    facts = engine_facts.known()
    return {
        "menu": menu(actor, path, facts.counts if facts else {}),
        "facts": facts,
        "endpoint": engines.known_endpoint(),
        "path": path,
    }
