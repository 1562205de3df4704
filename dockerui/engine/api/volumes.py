"""Volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerui.engine.operation import body, filter_, operation, query, ref

from .base import Caller, mapping

_NAME = ref("name", "Volume name")

VOLUME_LIST = operation(
    "volume_list",
    "GET",
    "/volumes",
    filter_("name", "Part of the name"),
    filter_("dangling", "true: not in use; false: in use"),
    filter_("driver", "Part of the driver's name"),
    filter_("label", "`key` or `key=value`", since="1.25"),
    doc="List volumes.",
)
VOLUME_CREATE = operation(
    "volume_create",
    "POST",
    "/volumes/create",
    body("Name", doc="Name; the Engine makes one up when there is none"),
    body("Driver", doc="Volume driver, local when absent"),
    body("DriverOpts", "map", "Options of the driver, text to text"),
    body("Labels", "map", "Labels, text to text"),
    body("ClusterVolumeSpec", "object", "A volume of the swarm (CSI)", since="1.42"),
    doc="Create a volume.",
)
VOLUME_INSPECT = operation("volume_inspect", "GET", "/volumes/{name}", _NAME, doc="All about a volume.")
VOLUME_REMOVE = operation(
    "volume_remove",
    "DELETE",
    "/volumes/{name}",
    _NAME,
    query("force", "bool", "Also when its driver is gone", since="1.25"),
    doc="Remove a volume and what is in it.",
)
VOLUME_PRUNE = operation(
    "volume_prune",
    "POST",
    "/volumes/prune",
    filter_("all", "true: also named ones (before API 1.42 they always are)", since="1.42"),
    filter_("label", "`key` or `key=value`", since="1.29"),
    filter_("label!", "Not `key` or not `key=value`", since="1.29"),
    since="1.25",
    doc="Remove unused volumes.",
)


class VolumeApi(Caller):
    """Calls about volumes."""

    def volume_list(self, *, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """`Volumes` (never null here) and `Warnings` (may be null).

        `GET /volumes`
        """
        found = mapping(self.json(VOLUME_LIST, query={"filters": filters}))
        return {**found, "Volumes": found.get("Volumes") or []}

    def volume_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a volume, or return the one of that name and driver. Raises Conflict for another driver.

        `POST /volumes/create`
        """
        return mapping(self.json(VOLUME_CREATE, body=body))

    def volume_inspect(self, name: str) -> dict[str, Any]:
        """All about a volume; `Labels` and `Options` may be null. Raises NotFound.

        `GET /volumes/{name}`
        """
        return mapping(self.json(VOLUME_INSPECT, path={"name": name}))

    def volume_remove(self, name: str, *, force: bool | None = None) -> None:
        """Remove a volume. Raises Conflict when it is in use; NotFound, unless `force` (API 1.25).

        `DELETE /volumes/{name}`
        """
        self.call(VOLUME_REMOVE, path={"name": name}, query={"force": force})

    def volume_prune(self, *, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Remove unused volumes; return `VolumesDeleted` (may be null) and `SpaceReclaimed` in bytes.

        Before API 1.42 named volumes go too; since then only with `filters={"all": "true"}`.

        `POST /volumes/prune`, API 1.25
        """
        return mapping(self.json(VOLUME_PRUNE, query={"filters": filters}))
