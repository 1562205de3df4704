"""The one decision: may this actor do that?"""

from __future__ import annotations

from dockerui.access.actor import Actor
from dockerui.access.permissions import PERMISSIONS


class Forbidden(Exception):
    """The actor may not. The text is for the person."""


def authorise(actor: Actor, permission: str, target: str | None = None) -> None:
    """Return if the actor may, else raise Forbidden; LookupError for a permission that nobody declared.

    `target` is the full id of what it is about. Roles grant for all objects alike, so far.
    """
    if permission not in PERMISSIONS:
        raise LookupError(f"permission {permission!r} is not declared")
    if permission not in actor.permissions:
        raise Forbidden(f"Your role does not include this ({permission}).")


def may(actor: Actor, permission: str) -> bool:
    """Whether `authorise` would let it pass."""
    try:
        authorise(actor, permission)
    except Forbidden:
        return False
    return True
