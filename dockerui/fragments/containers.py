"""Rows of the containers list: the page's HTML is the live update's HTML, and each version is rendered once."""

from __future__ import annotations

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

_rows: dict[str, tuple[str, str]] = {}


def row_html(row: Row) -> str:
    """`templates/containers/_row.html` for the row; rendered again only when its version changes."""
    cached = _rows.get(row.id)
    if cached is not None and cached[0] == row.version:
        return cached[1]
    html = _template("containers/_row.html").render(Context(_context(row)))
    if len(_rows) >= CACHED_ROWS:
        _rows.clear()
    _rows[row.id] = (row.version, html)
    return html


def group_html(group: Group) -> str:
    """`templates/containers/_group.html`: the header row of a compose project."""
    return _template("containers/_group.html").render(Context({"group": group, "sprite": _sprite()}))


def table_html(snapshot: Snapshot, view: ListView) -> str:
    """All table bodies of the page, one per project, rows in the asked order."""
    rows = sorted(snapshot.rows.values(), key=_order(view), reverse=view.descending)
    if not view.grouped:
        return f'<tbody data-group="*">{_join(rows, view)}</tbody>'
    bodies: dict[str, list[Row]] = {name: [] for name in sorted(snapshot.groups, key=lambda name: (not name, name))}
    for row in rows:
        bodies[row.project].append(row)
    return "".join(
        _body(snapshot.groups[name], members, view) for name, members in bodies.items()
    )


def _body(group: Group, rows: list[Row], view: ListView) -> str:
    shown = any(view.shows(row) for row in rows)
    opening = _template("containers/_body.html").render(Context({"name": group.name, "hidden": not shown}))
    return f"{opening}{group_html(group)}{_join(rows, view)}</tbody>"


def _join(rows: Iterable[Row], view: ListView) -> str:
    if view.view == "all" and not view.q:
        return "".join(map(row_html, rows))
    hidden = '<tr hidden class="row"'
    return "".join(
        row_html(row) if view.shows(row) else row_html(row).replace('<tr class="row"', hidden, 1) for row in rows
    )


def _order(view: ListView) -> Callable[[Row], Any]:
    """What to sort by; the values that only the browser has (CPU, memory) start in the order of names."""
    match view.sort:
        case "state":
            return lambda row: (row.badge, row.name.lower())
        case "created":
            return lambda row: (row.created, row.name.lower())
        case "image":
            return lambda row: (row.image, row.name.lower())
        case _:
            return lambda row: row.name.lower()


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
