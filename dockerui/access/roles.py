"""Roles and what they grant."""

from __future__ import annotations

from functools import cache

from dockerui.access.permissions import PERMISSIONS

ADMIN, VIEWER = "admin", "viewer"


@cache
def permissions_of(role: str) -> frozenset[str]:
    """What a role grants: an admin everything, a viewer what only reads; an unknown role nothing."""
    if role == ADMIN:
        return frozenset(PERMISSIONS)
    if role == VIEWER:
        return frozenset(name for name, permission in PERMISSIONS.items() if permission.reads)
    return frozenset()
