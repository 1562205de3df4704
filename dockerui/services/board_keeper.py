"""Keeps one board right: lists, follows the events, looks up what changed (live.py says how and why)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.api.containers import CONTAINER_LIST
from dockerui.engine.errors import ApiError, EngineError, InvalidArgument, NotSupported, ServerError
from dockerui.engine.protocol.events import Event
from dockerui.services.board import Board
from dockerui.services.container_row import Row, changed_at, rows_of
from dockerui.services.containers_list import ListQuery
from dockerui.services.errors import for_everybody
from dockerui.streams.backoff import Backoff
from dockerui.streams.events import Down, EventFeed, FeedItem
from dockerui.streams.subscription import Gap

log = logging.getLogger(__name__)

PER_OBJECT = 0.25  # seconds between two looks at the same container
LOOK_AGAIN = 0.3  # seconds after which a changed container is looked at once more
NOT_YET = 0.015  # seconds to wait, doubling, when the list does not know yet what an event told
NOT_YET_TRIES = 7
RECONCILE = 60.0
REST = 0.25  # seconds of rest at most between two calls; otherwise as long as the call took
AT_ONCE = 64  # ids in one call; with more, listing everything is cheaper

_QUIET = frozenset(
    {
        "attach",
        "detach",
        "top",
        "resize",
        "copy",
        "export",
        "commit",
        "archive-path",
        "extract-to-dir",
        "kill",
    }
)
_STATE_CHANGES = frozenset({"start", "die", "pause", "unpause"})


@dataclass
class _Expected:
    """What events told of a container and its row must show; `tries` is how often the list did not yet."""

    states: frozenset[str] = frozenset()
    health: str = ""
    name: str = ""
    tries: int = 0

    def told(self, event: Event) -> None:
        """Take in another event."""
        self.tries = 0
        match event.action:
            case "start" | "restart" | "unpause":
                self.states = frozenset({"running"})
            case "pause":
                self.states = frozenset({"paused"})
            case "die":
                self.states = frozenset({"exited", "restarting", "dead", "removing", "created"})
            case "health_status":
                self.health = event.detail
            case "rename":
                self.name = event.name

    def is_met(self, row: Row) -> bool:
        """Whether the row shows all of it."""
        return (
            (not self.states or row.state in self.states)
            and (not self.health or not row.health or row.health == self.health)
            and (not self.name or row.name == self.name)
        )


class BoardKeeper:
    """The task behind a board. Runs from the beginning until `stop`."""

    def __init__(self, aengine: AsyncEngine, events: EventFeed, query: ListQuery) -> None:
        self.board = Board()
        self._aengine = aengine
        self._events = events
        self._query = query
        self._due: dict[str, float] = {}  # containers to look at, and when
        self._again: set[str] = set()  # those that are looked at once more after an event
        self._looked: dict[str, float] = {}
        self._told: dict[str, int] = {}  # second of the last change of state an event told
        self._expected: dict[str, _Expected] = {}
        self._gone: set[str] = set()  # removed while a call was under way
        self._all_due: float | None = None
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="containers board")

    def stop(self) -> None:
        """Stop following."""
        self._task.cancel()

    async def aclose(self) -> None:
        """Stop following and wait until it has stopped."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow())
                group.create_task(self._refresh())
        except* EngineError as failures:
            self.board.fail(failures.exceptions[0])
        except* Exception as failures:
            log.exception("a live list failed")
            self.board.fail(failures.exceptions[0])

    # -- what the events say ------------------------------------------------------------------------------

    async def _follow(self) -> None:
        with self._events.subscribe() as feed:
            while batch := await feed.batch():
                for item in batch:
                    self._take(item)
                self._wake.set()

    def _take(self, item: FeedItem | Gap) -> None:
        if isinstance(item, Event):
            self._note(item)
        elif isinstance(item, Down):
            self.board.report(f"The Engine is away: {for_everybody(item.error)}")
        else:
            self._all_due = 0.0

    def _note(self, event: Event) -> None:
        if event.type == "container":
            if event.action not in _QUIET and not event.action.startswith("exec_"):
                self._note_container(event)
        elif event.type == "network" and event.action in ("connect", "disconnect"):
            self._look_at(event.attributes.get("container", ""))
        elif event.type == "image" and event.action in ("tag", "untag", "delete"):
            self._list_all_in(1.0)  # rows show an image's name only while it has one

    def _note_container(self, event: Event) -> None:
        if event.action == "destroy" and self._query.by_object:
            self._forget(event.id)
            return
        if event.action in _STATE_CHANGES:
            self._told[event.id] = event.time_ns // 10**9
        self._expected.setdefault(event.id, _Expected()).told(event)
        self._look_at(event.id)

    def _look_at(self, container: str) -> None:
        if not self._query.by_object:
            self._list_all_in(0.0)
        elif container:
            self._due[container] = max(time.monotonic(), self._looked.get(container, 0.0) + PER_OBJECT)
            self._again.add(container)

    def _list_all_in(self, seconds: float) -> None:
        due = max(time.monotonic() + seconds, self._looked.get("", 0.0) + PER_OBJECT)
        self._all_due = due if self._all_due is None else min(self._all_due, due)

    def _forget(self, container: str) -> None:
        self._gone.add(container)
        for known in (self._due, self._looked, self._told, self._expected):
            known.pop(container, None)
        self._again.discard(container)
        self.board.merge([container], [])

    # -- looking --------------------------------------------------------------------------------------------

    async def _refresh(self) -> None:
        backoff = Backoff()
        while True:
            await self._until_due()
            started = time.monotonic()
            try:
                await self._look()
            except EngineError as error:
                if _is_final(error):
                    raise
                self.board.report(f"The Engine does not list its containers: {for_everybody(error)}")
                await backoff.wait()
                self._all_due = 0.0
            else:
                backoff.reset()
                # In a storm of events the Engine has better things to do than to list for us all the time.
                await asyncio.sleep(min(REST, time.monotonic() - started))

    async def _until_due(self) -> None:
        while True:
            self._wake.clear()
            due = min(self._due.values(), default=float("inf"))
            due = due if self._all_due is None else min(due, self._all_due)
            reconcile = self._looked[""] + RECONCILE if "" in self._looked else float("inf")
            wait = min(due, reconcile) - time.monotonic()
            if wait <= 0:
                if due > reconcile:
                    self._all_due = 0.0
                return
            try:
                async with asyncio.timeout(wait if wait < float("inf") else None):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        now = time.monotonic()
        ids = [container for container, due in self._due.items() if due <= now]
        if (self._all_due is not None and self._all_due <= now) or len(ids) > AT_ONCE:
            await self._look_at_all()
        elif ids:
            await self._look_at_some(ids)

    async def _look_at_all(self) -> None:
        self._all_due = None
        before = dict(self._due)
        self._count(before)
        self._gone.clear()
        rows = await self._list(self._query.engine_filters)
        self.board.replace(row for row in rows if row.id not in self._gone)
        self._looked[""] = time.monotonic()
        self._settle([id_ for id_, due in before.items() if self._due.get(id_) == due], rows)
        self._looked = {
            id_: at for id_, at in self._looked.items() if not id_ or id_ in self.board.snapshot.rows
        }

    async def _look_at_some(self, ids: list[str]) -> None:
        before = {id_: self._due[id_] for id_ in ids}
        self._count(ids)
        self._gone.clear()
        rows = await self._list({**self._query.engine_filters, "id": ids})
        asked = [id_ for id_ in ids if id_ not in self._gone]
        self.board.merge(asked, (row for row in rows if row.id not in self._gone))
        self._settle([id_ for id_ in asked if self._due.get(id_) == before[id_]], rows)

    def _count(self, ids: Iterable[str]) -> None:
        """Only looks that events caused count for their rate: the next event must not wait for the others."""
        now = time.monotonic()
        for id_ in self._again.intersection(ids):
            if id_ not in self._expected or not self._expected[id_].tries:
                self._looked[id_] = now

    def _settle(self, ids: Collection[str], rows: Collection[Row]) -> None:
        """These were looked at, and no event has named them since: done, or to be looked at again?"""
        now = time.monotonic()
        found = {row.id: row for row in rows}
        for id_ in ids:
            expected, row = self._expected.get(id_), found.get(id_)
            if expected and row and expected.tries < NOT_YET_TRIES and not expected.is_met(row):
                self._due[id_] = now + NOT_YET * 2**expected.tries
                expected.tries += 1
            elif id_ in self._again:
                self._again.discard(id_)
                self._due[id_] = now + LOOK_AGAIN
            else:
                self._due.pop(id_, None)
                self._expected.pop(id_, None)

    async def _list(self, filters: dict[str, list[str]]) -> list[Row]:
        query: dict[str, Any] = {"all": True, "limit": self._query.limit, "filters": filters}
        query |= self._query.bounds
        if self._query.size:
            query["size"] = True
        rows = rows_of(await self._aengine.json(CONTAINER_LIST, query=query), sized=self._query.size)
        return [self._exact(row) for row in rows]

    def _exact(self, row: Row) -> Row:
        """Give the row the time an event told, unless the list speaks of another change of state."""
        told = self._told.get(row.id)
        if told is None or abs(told - row.since) > max(row.grain, 2) * 1.5:
            return row
        return changed_at(row, told)


def _is_final(error: EngineError) -> bool:
    """Whether asking again would get the same answer: a filter this Engine does not take."""
    if isinstance(error, (InvalidArgument, NotSupported)):
        return True
    return isinstance(error, ApiError) and not isinstance(error, ServerError)
