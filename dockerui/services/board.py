"""The state behind a live list: the rows as they are now, numbered revisions, what changed since each.

No tasks and no Engine here. `snapshot` is replaced, never changed, so any thread may read it; everything else
belongs to the event loop that feeds the board.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dockerui.services.container_row import Row, settled

TOMBSTONES = 2048  # removed containers remembered, so that whoever missed less than that needs no whole list


@dataclass(frozen=True)
class Group:
    """The roll-up of one compose project."""

    name: str
    running: int
    total: int


@dataclass(frozen=True)
class Snapshot:
    """All rows at one revision. Revisions of another `epoch` have nothing to do with these.

    `problem` says why the rows may be out of date; empty while they are live.
    """

    rows: Mapping[str, Row]
    epoch: str = ""
    revision: int = 0
    problem: str = ""

    @property
    def seen(self) -> str:
        """What a browser gives back to continue from here."""
        return f"{self.epoch}.{self.revision}" if self.epoch else ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many containers there are in each condition."""
        by_badge = Counter(row.badge for row in self.rows.values())
        by_state = Counter(row.state for row in self.rows.values())
        return {
            "all": len(self.rows),
            "up": by_state["running"],
            "running": by_badge["running"] + by_badge["starting"],
            "unhealthy": by_badge["unhealthy"],
            "paused": by_badge["paused"],
            "restarting": by_badge["restarting"],
            "exited": by_state["exited"] + by_state["created"] + by_state["dead"],
            "stopped": by_state["exited"] + by_state["created"] + by_state["dead"],
        }

    @cached_property
    def groups(self) -> dict[str, Group]:
        """The compose projects by name; containers outside any are under the empty name."""
        totals = Counter(row.project for row in self.rows.values())
        running = Counter(row.project for row in self.rows.values() if row.state == "running")
        return {name: Group(name, running[name], totals[name]) for name in sorted(totals)}


@dataclass(frozen=True, eq=False)
class Change:
    """What a viewer at an earlier revision lacks. `whole`: `rows` are all there are, forget any other.

    `gone` are ids with the project they were in.
    """

    snapshot: Snapshot
    rows: tuple[Row, ...]
    gone: tuple[tuple[str, str], ...] = ()
    whole: bool = False

    @property
    def groups(self) -> dict[str, Group | None]:
        """The projects that changed, as they are now; None where nothing is left."""
        names = {row.project for row in self.rows} | {project for _, project in self.gone}
        return {name: self.snapshot.groups.get(name) for name in sorted(names)}


@dataclass
class _Entry:
    row: Row
    revision: int


@dataclass
class Board:
    """Rows with revisions. Every method but `snapshot` is for the loop's own thread."""

    snapshot: Snapshot = field(default_factory=lambda: Snapshot({}, secrets.token_hex(4)))
    failure: BaseException | None = None
    _entries: dict[str, _Entry] = field(default_factory=dict)
    _gone: OrderedDict[str, tuple[int, str]] = field(default_factory=OrderedDict)
    _forgotten: int = 0  # the newest revision whose removals are no longer all remembered
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _changes: dict[int, Change] = field(default_factory=dict)

    def replace(self, rows: Iterable[Row]) -> None:
        """These are all the rows there are."""
        fresh = {row.id: row for row in rows}
        self._update(fresh.values(), [id_ for id_ in self._entries if id_ not in fresh])

    def merge(self, asked: Collection[str], rows: Iterable[Row]) -> None:
        """These are the rows there are among the ids that were asked for."""
        fresh = {row.id: row for row in rows}
        self._update(fresh.values(), [id_ for id_ in asked if id_ not in fresh and id_ in self._entries])

    def report(self, problem: str) -> None:
        """Say that the rows may be out of date, and why; an empty text takes it back."""
        if problem != self.snapshot.problem:
            self._publish(problem)

    def fail(self, error: BaseException) -> None:
        """There will be no rows any more, because of `error`: whoever asks gets it raised."""
        self.failure = error
        self._tell()

    @property
    def is_filled(self) -> bool:
        """Whether there was a list at all."""
        return self.snapshot.revision > 0 and self.failure is None

    async def first(self) -> None:
        """Wait until the board is filled or says what keeps it from it."""
        while self.snapshot.revision == 0 and self.failure is None:
            await self._news.wait()
        if self.failure is not None:
            raise self.failure

    def since(self, seen: str) -> Change | None:
        """What whoever has seen `Snapshot.seen` lacks; None if nothing. One object for all who ask."""
        if self.failure is not None:
            raise self.failure
        if self.snapshot.revision == 0:
            return None
        epoch, _, number = seen.partition(".")
        revision = int(number) if epoch == self.snapshot.epoch and number.isdecimal() else -1
        if revision == self.snapshot.revision:
            return None
        if revision < self._forgotten or revision > self.snapshot.revision:
            revision = -1
        if revision not in self._changes:
            self._changes[revision] = self._change(revision)
        return self._changes[revision]

    async def news(self, seen: str) -> None:
        """Wait until there is something that `seen` lacks."""
        while self.failure is None and (self.snapshot.revision == 0 or seen == self.snapshot.seen):
            await self._news.wait()

    def _change(self, revision: int) -> Change:
        if revision < 0:
            return Change(self.snapshot, tuple(self.snapshot.rows.values()), whole=True)
        rows = tuple(entry.row for entry in self._entries.values() if entry.revision > revision)
        gone = tuple((id_, project) for id_, (at, project) in self._gone.items() if at > revision)
        return Change(self.snapshot, rows, gone)

    def _update(self, fresh: Iterable[Row], gone: Iterable[str]) -> None:
        revision, changed = self.snapshot.revision + 1, False
        for row in fresh:
            entry = self._entries.get(row.id)
            row = settled(row, entry.row if entry else None)
            if entry is None or entry.row != row:
                self._entries[row.id] = _Entry(row, revision)
                self._gone.pop(row.id, None)
                changed = True
        for id_ in gone:
            self._gone[id_] = (revision, self._entries.pop(id_).row.project)
            changed = True
        while len(self._gone) > TOMBSTONES:
            self._forgotten = self._gone.popitem(last=False)[1][0]
        if changed or self.snapshot.problem or self.snapshot.revision == 0:
            self._publish("")

    def _publish(self, problem: str) -> None:
        rows = {id_: entry.row for id_, entry in self._entries.items()}
        self.snapshot = Snapshot(rows, self.snapshot.epoch, self.snapshot.revision + 1, problem)
        self._changes.clear()
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
