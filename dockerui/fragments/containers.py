"""Rows of the containers list: page and live update share their HTML, and each version is rendered once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.template import Context, Template
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse

from dockerui.services.board import Group, Snapshot
from dockerui.services.container_row import Row
from dockerui.services.containers_list import ListView
from dockerui.services.words import bytes_iec

CACHED_ROWS = 20_000
STATE_ORDER = ("unhealthy", "restarting", "dead", "starting", "running", "paused", "removing", "exited")

_DIGITS = re.compile(r"([0-9]+)")

_rows: dict[tuple[str, bool], tuple[str, str]] = {}


def row_html(row: Row) -> str:
    """`templates/containers/_row.html` for the row; rendered again only when its version changes."""
    key = (row.id, row.size_rw is not None)
    cached = _rows.get(key)
    if cached is not None and cached[0] == row.version:
        return cached[1]
    html = _template("containers/_row.html").render(Context(_context(row)))
    if len(_rows) >= CACHED_ROWS:
        _rows.clear()
    _rows[key] = (row.version, html)
    return html


def group_html(group: Group) -> str:
    """`templates/containers/_group.html`: the header row of a compose project."""
    return _template("containers/_group.html").render(Context({"group": group, "sprite": _sprite()}))


def table_html(snapshot: Snapshot, view: ListView) -> str:
    """All table bodies of the page, one per project, in the order that frontend/src/core/table.ts keeps."""
    rows = sorted(snapshot.rows.values(), key=lambda row: natural(row.name))
    if view.sort != "name" or view.descending:
        rows.sort(key=_order(view.sort), reverse=view.descending)
    if not view.grouped:
        return f"{_opening('', hidden=not any(map(view.shows, rows)))}{_join(rows, view)}</tbody>"
    bodies: dict[str, list[Row]] = {}
    for row in rows:
        bodies.setdefault(row.project, []).append(row)
    names = list(bodies)
    if view.sort == "name":
        names.sort(key=natural, reverse=view.descending)
        names.sort(key=lambda name: name == "")
    return "".join(_body(snapshot.groups[name], bodies[name], view) for name in names)


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sort key that ignores case and orders `web-2` before `web-10`."""
    parts = _DIGITS.split(text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def _body(group: Group, rows: list[Row], view: ListView) -> str:
    hidden = not any(map(view.shows, rows))
    return f"{_opening(group.name, hidden=hidden)}{group_html(group)}{_join(rows, view)}</tbody>"


def _opening(project: str, *, hidden: bool) -> str:
    return _template("containers/_body.html").render(Context({"name": project, "hidden": hidden}))


def _join(rows: Iterable[Row], view: ListView) -> str:
    if view.view == "all" and not view.q:
        return "".join(map(row_html, rows))
    return "".join(
        row_html(row) if view.shows(row) else row_html(row).replace("<tr ", "<tr hidden ", 1) for row in rows
    )


def _order(sort: str) -> Callable[[Row], Any]:
    """What to sort by; what only the browser has (CPU, memory, network) starts in the order of names."""
    match sort:
        case "state":
            return lambda row: STATE_ORDER.index(row.badge) if row.badge in STATE_ORDER else -1
        case "created":
            return lambda row: row.created
        case "image":
            return lambda row: natural(row.image)
        case _:
            return lambda row: natural(row.name)


def _context(row: Row) -> dict[str, Any]:
    more = row.ports[3:]
    return {
        "row": row,
        "base": f"{reverse('container-list')}{row.id}/",
        "sprite": _sprite(),
        "since": _iso(row.since),
        "created": _iso(row.created),
        "networks": ", ".join(row.networks),
        "mounts": "\n".join(row.mounts),
        "more_count": len(more),
        "more_ports": ", ".join(f"{port.public} → {port.private}/{port.protocol}" for port in more),
        "size_rw": bytes_iec(row.size_rw) if row.size_rw is not None else "",
        "size_root": bytes_iec(row.size_root) if row.size_root is not None else "",
    }


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z") if seconds else ""


@cache
def _template(name: str) -> Template:
    backend: Any = get_template(name)
    template: Template = backend.template
    return template


@cache
def _sprite() -> str:
    return static("dist/icons.svg")
