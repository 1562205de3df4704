"""How the list of volumes is sorted, and the heads of its table that sort it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from dockerui.services.volumes import VolumeView

_COLUMNS: tuple[tuple[str, str, Callable[[VolumeView], Any]], ...] = (
    ("name", "Name", lambda volume: volume.name),
    ("used", "Used by", lambda volume: len(volume.users)),
    ("size", "Size", lambda volume: -1 if volume.size is None else volume.size),
    ("driver", "Driver", lambda volume: volume.driver),
    ("project", "Project", lambda volume: volume.project),
    ("created", "Created", lambda volume: volume.created),
)
_LARGEST_FIRST = ("used", "size", "created")


@dataclass(frozen=True)
class Column:
    """A head; `query` sorts by it, or the other way round. `sorted` is a value of aria-sort."""

    key: str
    label: str
    sorted: str
    query: str


def sort(volumes: list[VolumeView], by: str, *, measure: bool, query: QueryDict) -> list[Column]:
    """Sort in place, and tell what the table's heads are; an unknown `by` sorts by name."""
    keys = {name: key for name, _label, key in _COLUMNS if measure or name != "size"}
    name, down = by.removeprefix("-"), by.startswith("-")
    name = name if name in keys else "name"
    volumes.sort(key=keys[name], reverse=down)
    order = "descending" if down else "ascending"
    return [
        Column(key, label, order if key == name else "none", _query(query, key, order if key == name else ""))
        for key, label, _key in _COLUMNS
        if key in keys
    ]


def _query(query: QueryDict, key: str, order: str) -> str:
    down = order == "ascending" or (not order and key in _LARGEST_FIRST)
    asked = query.copy()
    asked["sort"] = f"-{key}" if down else key
    return asked.urlencode()
