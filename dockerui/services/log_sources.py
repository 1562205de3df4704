"""Which containers a merged log view shows: those that were named, or all of a compose project."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor, authorise
from dockerui.engine.errors import NotFound
from dockerui.services import live
from dockerui.services.board import Snapshot
from dockerui.services.container_row import Row
from dockerui.services.containers_list import ListQuery
from dockerui.services.errors import BadInput

MOST_SOURCES = 24  # each is a channel of the tab's socket
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")


@dataclass(frozen=True)
class LogSource:
    """A container of a merged view."""

    id: str
    name: str
    state: str


def project_name(value: Any) -> str:
    """The name of a compose project. Raises BadInput."""
    if not isinstance(value, str) or not _PROJECT.fullmatch(value):
        raise BadInput("That is not the name of a compose project.")
    return value


def of_project(actor: Actor, project: str) -> list[LogSource]:
    """The containers of a project, in the order of their names. Raises NotFound when there are none."""
    authorise(actor, "container.logs")
    found = _members(live.container_snapshot(actor, ListQuery()), project)
    if not found:
        raise NotFound(404, f"there is no container of a project {project}")
    return found


def of_containers(actor: Actor, refs: Sequence[str]) -> list[LogSource]:
    """The containers by their full ids, short ids or names. Raises BadInput, NotFound."""
    authorise(actor, "container.logs")
    if not 1 <= len(refs) <= MOST_SOURCES:
        raise BadInput(f"Choose one to {MOST_SOURCES} containers.")
    rows = live.container_snapshot(actor, ListQuery()).rows.values()
    found = {source.id: source for source in (_source(_find(rows, ref)) for ref in refs)}
    return list(found.values())


async def watch(actor: Actor, project: str) -> AsyncGenerator[list[LogSource], None]:
    """The containers of a project now, and again whenever there are others or one has another state."""
    authorise(actor, "container.logs")
    seen, told = "", None
    async with live.containers(actor, ListQuery()) as board:
        while True:
            await board.news(seen)
            if board.failure is not None:
                raise board.failure
            seen = board.snapshot.seen
            members = _members(board.snapshot, project)
            if members != told:
                told = members
                yield members


def _members(snapshot: Snapshot, project: str) -> list[LogSource]:
    members = [row for row in snapshot.rows.values() if row.project == project]
    return [_source(row) for row in sorted(members, key=lambda row: row.name)[:MOST_SOURCES]]


def _find(rows: Collection[Row], ref: str) -> Row:
    """Full id, then exact name, then the beginning of an id, as the Engine looks a reference up."""
    for matches in (
        [row for row in rows if row.id == ref],
        [row for row in rows if row.name == ref],
        [row for row in rows if len(ref) >= 4 and row.id.startswith(ref)],
    ):
        if matches:
            return matches[0]
    raise NotFound(404, f"no such container: {ref[:80]}")


def _source(row: Row) -> LogSource:
    return LogSource(row.id, row.name, row.state)
