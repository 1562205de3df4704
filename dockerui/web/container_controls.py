"""What surrounds the table of containers: summary, quick views, the filter form, chips, columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dockerui.services.board import Snapshot
from dockerui.services.containers_list import HEALTHS, ISOLATIONS, SINGLE, STATES, ListQuery, ListView

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Column:
    """A column of the table; `sort` is empty where it cannot be sorted by, `hidden` until somebody asks for
    it.
    """

    key: str
    label: str
    sort: str = ""
    right: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Field:
    """A filter in the form: `choices` to tick (`many`) or to choose from, else free text."""

    key: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    values: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the text inputs hold: one for each value and an empty one where another may be added."""
        return self.values if self.values and self.key in SINGLE else (*self.values, "")


COLUMNS = (
    Column("name", "Name", "name"),
    Column("state", "State", "state"),
    Column("cpu", "CPU", "cpu"),
    Column("mem", "Memory", "memory"),
    Column("net", "Network", "network", right=True),
    Column("ports", "Ports"),
    Column("created", "Created", "created", hidden=True),
    Column("networks", "Networks", hidden=True),
    Column("mounts", "Mounts", hidden=True),
)
SIZE = Column("size", "Size", right=True)
FIELDS = (
    Field("status", "State", choices=STATES, many=True),
    Field("health", "Health", choices=HEALTHS, many=True),
    Field("name", "Name", "part of a name, or ^/web$"),
    Field("label", "Label", "key or key=value"),
    Field("ancestor", "Image", "nginx, nginx:1.27 or an id"),
    Field("network", "Network", "name or id"),
    Field("volume", "Volume", "name, or where it is mounted"),
    Field("exited", "Exit code", "137"),
    Field("publish", "Published port", "443, 8000-8100/tcp"),
    Field("expose", "Exposed port", "80/tcp"),
    Field("before", "Created before", "container name or id"),
    Field("since", "Created after", "container name or id"),
    Field("id", "Id", "its first digits"),
    Field("is-task", "Swarm task", choices=("true", "false")),
    Field("isolation", "Isolation (Windows)", choices=ISOLATIONS),
)
KPIS = (
    {"key": "cpu", "label": "CPU", "tone": ""},
    {"key": "memory", "label": "Memory", "tone": "mem"},
    {"key": "network", "label": "Network", "tone": "net"},
    {"key": "block", "label": "Block I/O", "tone": "io"},
)


def controls(query: ListQuery, view: ListView, snapshot: Snapshot) -> dict[str, Any]:
    """The template's context for everything but the rows."""
    counts, values = snapshot.counts, dict(query.filters)
    return {
        "query": query,
        "view": view,
        "counts": counts,
        "listed": bool(snapshot.rows),
        "shown": any(view.shows(row) for row in snapshot.rows.values()),
        "split": [(name, counts[name]) for name in ("unhealthy", "restarting", "paused", "exited")],
        "kpis": KPIS,
        "views": [
            (name, name.capitalize(), counts[name]) for name in ("all", "running", "unhealthy", "stopped")
        ],
        "columns": (*COLUMNS, SIZE) if query.size else COLUMNS,
        "fields": [_filled(field, values.get(field.key, ())) for field in FIELDS],
        "chips": _chips(query.pairs, view.pairs),
        "kept": view.pairs,
    }


def _filled(field: Field, values: tuple[str, ...]) -> Field:
    return Field(field.key, field.label, field.hint, field.choices, field.many, values)


def _chips(pairs: Pairs, kept: Pairs) -> list[dict[str, str]]:
    return [
        {"key": key, "value": value, "without": urlencode([p for p in pairs if p != (key, value)] + kept)}
        for key, value in pairs
    ]
