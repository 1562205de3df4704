"""The live containers list: one board per Engine and query, kept right by the Engine's events.

A board is filled by one list call and then follows the event feed. The containers that events name are looked
up together in one call, each at most four times a second; a moment later they are looked at once more, since
the Engine tells some events before its list knows of them. Whenever events may have been lost, and once a
minute, everything is listed anew and compared. Viewers and pages share a board; it outlives the last of them
by a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from dockerui.access import Actor, authorise
from dockerui.services import background, hub
from dockerui.services.board import Board, Snapshot
from dockerui.services.board_keeper import BoardKeeper
from dockerui.services.container_row import rows_of
from dockerui.services.containers_list import ListQuery
from dockerui.services.door import perform

LINGER = 60.0  # seconds a board outlives its last viewer or page
MOST_BOARDS = 32  # with more, pages of rare filters ask the Engine themselves
FIRST_LIST = 10.0  # seconds a page waits for a board to be filled


class Boards:
    """The boards of one Engine on one loop."""

    def __init__(self, streams: hub.Streams) -> None:
        self._streams = streams
        self._keepers: dict[ListQuery, BoardKeeper] = {}
        self._viewers: dict[ListQuery, int] = {}
        self._timers: dict[ListQuery, asyncio.TimerHandle] = {}

    def peek(self, query: ListQuery) -> Board | None:
        """The board if it is there; from any thread."""
        keeper = self._keepers.get(query)
        return keeper.board if keeper else None

    @property
    def full(self) -> bool:
        """Whether there are so many boards that a page should not add another."""
        return len(self._keepers) >= MOST_BOARDS

    @asynccontextmanager
    async def watch(self, query: ListQuery) -> AsyncIterator[Board]:
        """The board, for as long as the context lasts and a while longer."""
        keeper = self._keepers.get(query)
        if keeper is None:
            keeper = self._keepers[query] = BoardKeeper(self._streams.aengine, self._streams.events, query)
        self._viewers[query] = self._viewers.get(query, 0) + 1
        self._stop_timer(query)
        try:
            yield keeper.board
        finally:
            self._viewers[query] -= 1
            self.linger(query)

    async def aclose(self) -> None:
        """Stop all boards."""
        for query in list(self._timers):
            self._stop_timer(query)
        for keeper in self._keepers.values():
            await keeper.aclose()
        self._keepers.clear()

    def linger(self, query: ListQuery) -> None:
        """Let the board go in a while unless somebody watches it."""
        if self._viewers.get(query) == 0 and query in self._keepers:
            self._stop_timer(query)
            wait = 0.0 if self._keepers[query].board.failure else LINGER
            self._timers[query] = self._streams.loop.call_later(wait, self._drop, query)

    async def filled(self, query: ListQuery) -> Snapshot:
        """The board's snapshot once there is one. Raises what the Engine answered instead of a list."""
        async with self.watch(query) as board:
            await board.first()
            return board.snapshot

    def _stop_timer(self, query: ListQuery) -> None:
        timer = self._timers.pop(query, None)
        if timer is not None:
            timer.cancel()

    def _drop(self, query: ListQuery) -> None:
        del self._viewers[query]
        self._timers.pop(query, None)
        self._keepers.pop(query).stop()


def boards(streams: hub.Streams) -> Boards:
    """The boards that belong to the streams."""
    found: Boards | None = streams.extra.get("boards")
    if found is None:
        found = streams.extra["boards"] = Boards(streams)
        streams.closers.append(found.aclose)
    return found


@asynccontextmanager
async def containers(actor: Actor, query: ListQuery) -> AsyncIterator[Board]:
    """The live board of a query. Raises Forbidden."""
    authorise(actor, "container.list")
    async with boards(hub.streams(actor)).watch(query) as board:
        yield board


def container_snapshot(actor: Actor, query: ListQuery) -> Snapshot:
    """What a page shows, for threads: from the live board if there is one, else by a call of its own.

    Raises Forbidden, and EngineError when there is nothing to show.
    """
    authorise(actor, "container.list")
    streams = hub.home(actor)
    if streams is not None:
        snapshot = _from_board(boards(streams), streams, query)
        if snapshot is not None:
            return snapshot
    listed = perform(
        actor,
        "container_list",
        call=lambda engine: engine.container_list(
            all=True,
            limit=query.limit,
            size=query.size or None,
            filters=query.engine_filters,
            **query.bounds,
        ),
    )
    return Snapshot({row.id: row for row in rows_of(listed, sized=query.size)})


def names(actor: Actor) -> dict[str, str]:
    """The names of all containers by full id, as far as this process has them at hand; from any thread."""
    streams = hub.home(actor)
    board = boards(streams).peek(ListQuery()) if streams else None
    return {row.id: row.name for row in board.snapshot.rows.values()} if board else {}


def _from_board(found: Boards, streams: hub.Streams, query: ListQuery) -> Snapshot | None:
    board = found.peek(query)
    if board is not None and board.is_filled and not board.snapshot.problem:
        streams.loop.call_soon_threadsafe(found.linger, query)
        return board.snapshot
    if board is None and found.full:
        return None
    filled = asyncio.run_coroutine_threadsafe(found.filled(query), streams.loop)
    with suppress(TimeoutError):
        snapshot = filled.result(FIRST_LIST)
        return None if snapshot.problem else snapshot
    filled.cancel()
    return None


@background.worker("containers", roles={background.WEB})
async def keep_list_warm() -> None:
    """Keep the unfiltered list live while the server runs: pages render from it and searches look into it."""
    async with boards(await hub.found(Actor.system())).watch(ListQuery()):
        await asyncio.Event().wait()
