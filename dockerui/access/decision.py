"""The one decision: may this actor do that?"""

from __future__ import annotations

from dockerui.access.actor import Actor
from dockerui.access.permissions import PERMISSIONS


class Forbidden(Exception):
    """The actor may not. The text is for the person."""


def authorise(actor: Actor, permission: str, target: str | None = None) -> None:
    """Raises Forbidden unless the actor has the permission, LookupError for one that nobody declared."""
    if permission not in PERMISSIONS:
        raise LookupError(f"permission {permission!r} is not declared")
    if permission not in actor.permissions:
        raise Forbidden(f"Your role does not allow this ({permission}).")


def may(actor: Actor, permission: str) -> bool:
    """Whether `authorise` would let it pass."""
    return permission in PERMISSIONS and permission in actor.permissions
