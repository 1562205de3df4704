"""Roles and what they grant."""

from __future__ import annotations

from functools import cache
from typing import Final

from dockerui.access.permissions import PERMISSIONS

ADMIN, VIEWER = "admin", "viewer"

# An allow-list: what a new version adds is for admins until somebody decides otherwise. Nothing here changes
# anything, reaches into a container or shows its files.
_VIEWER: Final = frozenset(
    {"home.read", "account.self", "job.list", "event.read"}
    | {"container.list", "container.inspect", "container.logs", "container.stats", "container.top"}
    | {"container.changes", "container.wait"}
    | {"image.list", "image.inspect", "image.history", "image.search"}
    | {"network.list", "network.inspect", "volume.list", "volume.inspect"}
    | {"system.ping", "system.version", "system.info", "system.df"}
)


@cache
def permissions_of(role: str) -> frozenset[str]:
    """What a role grants: an admin everything, a viewer what only shows; an unknown role nothing."""
    return {ADMIN: frozenset(PERMISSIONS), VIEWER: _VIEWER}.get(role, frozenset())
