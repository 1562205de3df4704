"""The live board follows a real Engine, and stays right when events are lost or the Engine restarts."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import NotFound
from dockerui.services import board_keeper
from dockerui.services.board import Board
from dockerui.services.board_keeper import BoardKeeper
from dockerui.services.container_row import Row
from dockerui.services.containers_list import ListQuery, make_query
from dockerui.streams import EventFeed, Hub
from tests.scripted_engine import Call, ScriptedEngine
from tests.support.engine import MakeContainer

Watch = Callable[[AsyncEngine, ListQuery], Board]


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    """Start boards; stopped at the end."""
    hubs: list[Hub] = []
    keepers: list[BoardKeeper] = []

    def start(aengine: AsyncEngine, query: ListQuery) -> Board:
        hubs.append(Hub())
        keepers.append(BoardKeeper(aengine, EventFeed(aengine, hubs[-1]), query))
        return keepers[-1].board

    yield start
    for keeper in keepers:
        keeper.stop()
    for hub in hubs:
        await hub.aclose()


async def until(board: Board, condition: Callable[[dict[str, Row]], object], seconds: float = 5.0) -> None:
    """Wait until the rows are as they should be."""
    async with asyncio.timeout(seconds):
        while not condition(dict(board.snapshot.rows)):
            await board.news(board.snapshot.seen)


async def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return await asyncio.to_thread(function, *args, **kwargs)


def mine(labels: dict[str, str], **filters: list[str]) -> ListQuery:
    return make_query({"label": [f"{key}={value}" for key, value in labels.items()], **filters})


class TestOnARealEngine:
    async def test_it_shows_what_is_there(
        self, watch: Watch, aengine: AsyncEngine, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        id_ = await in_thread(make_container, Labels={"com.docker.compose.project": "shop"})
        board = watch(aengine, mine(labels))
        await board.first()
        row = board.snapshot.rows[id_]
        assert (row.state, row.project, row.image) == ("running", "shop", "busybox:test")
        assert time.time() - row.since < 5

    async def test_it_follows_a_container_through_its_life(
        self,
        watch: Watch,
        aengine: AsyncEngine,
        engine: Engine,
        make_container: MakeContainer,
        labels: dict[str, str],
    ) -> None:
        board = watch(aengine, mine(labels))
        await board.first()
        id_ = await in_thread(make_container, start=False)
        await until(board, lambda rows: id_ in rows and rows[id_].state == "created")
        await in_thread(engine.container_start, id_)
        await until(board, lambda rows: rows[id_].state == "running")
        await in_thread(engine.container_pause, id_)
        await until(board, lambda rows: rows[id_].state == "paused")
        await in_thread(engine.container_unpause, id_)
        await in_thread(engine.container_rename, id_, name=f"renamed-{id_[:8]}")
        await until(
            board, lambda rows: rows[id_].name == f"renamed-{id_[:8]}" and rows[id_].state == "running"
        )
        await in_thread(engine.container_kill, id_)
        await until(board, lambda rows: rows[id_].state == "exited")
        assert board.snapshot.rows[id_].exit_code == 137
        await in_thread(engine.container_remove, id_)
        await until(board, lambda rows: id_ not in rows)

    async def test_an_end_by_itself_is_seen_though_the_event_precedes_the_list(
        self, watch: Watch, aengine: AsyncEngine, make_container: MakeContainer, labels: dict[str, str]
    ) -> None:
        board = watch(aengine, mine(labels))
        await board.first()
        ids = [await in_thread(make_container, "sh", "-c", f"sleep 0.{i}; exit {i}") for i in range(1, 5)]
        await until(board, lambda rows: all(id_ in rows and rows[id_].state == "exited" for id_ in ids))
        assert [board.snapshot.rows[id_].exit_code for id_ in ids] == [1, 2, 3, 4]

    async def test_every_change_of_one_container_arrives(
        self,
        watch: Watch,
        aengine: AsyncEngine,
        engine: Engine,
        make_container: MakeContainer,
        labels: dict[str, str],
    ) -> None:
        id_ = await in_thread(make_container)
        board = watch(aengine, mine(labels))
        await board.first()
        for action, state in ((engine.container_pause, "paused"), (engine.container_unpause, "running")) * 3:
            await in_thread(action, id_)
            await until(board, lambda rows, state=state: rows[id_].state == state)  # type: ignore[misc]

    async def test_the_engine_does_the_filtering(
        self,
        watch: Watch,
        aengine: AsyncEngine,
        engine: Engine,
        make_container: MakeContainer,
        labels: dict[str, str],
    ) -> None:
        id_ = await in_thread(make_container)
        other = await in_thread(make_container)
        board = watch(aengine, mine(labels, status=["running"]))
        await until(board, lambda rows: set(rows) == {id_, other})
        await in_thread(engine.container_kill, id_)
        await until(board, lambda rows: set(rows) == {other})
        await in_thread(engine.container_start, id_)
        await until(board, lambda rows: set(rows) == {id_, other})

    async def test_a_board_of_the_newest_stays_right(
        self,
        watch: Watch,
        aengine: AsyncEngine,
        engine: Engine,
        make_container: MakeContainer,
        labels: dict[str, str],
    ) -> None:
        query = make_query({"label": [f"{k}={v}" for k, v in labels.items()]}, limit=2)
        board = watch(aengine, query)
        await board.first()
        ids = [await in_thread(make_container, start=False) for _ in range(3)]
        await until(board, lambda rows: set(rows) == set(ids[1:]))
        await in_thread(engine.container_remove, ids[2])
        await until(board, lambda rows: set(rows) == set(ids[:2]))

    async def test_a_storm_leaves_it_right(
        self,
        watch: Watch,
        aengine: AsyncEngine,
        engine: Engine,
        make_container: MakeContainer,
        labels: dict[str, str],
    ) -> None:
        board = watch(aengine, mine(labels))
        await board.first()

        def storm() -> set[str]:
            kept = set()
            for i in range(60):
                id_ = make_container(start=i % 10 == 0)
                if i % 2:
                    engine.container_remove(id_, force=True)
                else:
                    kept.add(id_)
            return kept

        kept = await in_thread(storm)
        await until(board, lambda rows: set(rows) == kept)
        await asyncio.sleep(1)
        assert set(board.snapshot.rows) == kept


SUMMARY = {"Image": "i", "ImageID": "sha256:1", "Created": 1, "Labels": {}, "Ports": [], "State": "running"}


def summary(n: int, state: str = "running", status: str = "Up 5 minutes") -> dict[str, Any]:
    return {**SUMMARY, "Id": f"{n:064x}", "Names": [f"/c{n}"], "State": state, "Status": status}


def event(n: int, action: str, at: int) -> bytes:
    actor = {"ID": f"{n:064x}", "Attributes": {"name": f"c{n}"}}
    document = {
        "Type": "container",
        "Action": action,
        "Actor": actor,
        "timeNano": (1_700_000_000 + at) * 10**9,
    }
    return json.dumps(document).encode() + b"\n"


class Script:
    """A scripted list and event stream."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self.engine = engine
        self.rows: dict[int, dict[str, Any]] = {}
        self.streams: list[Call] = []
        self.queries: list[dict[str, Any]] = []
        self.hold: asyncio.Event | None = None
        engine.on("GET", "/events")(self.events)
        engine.on("GET", "/containers/json")(self.list)

    async def events(self, call: Call) -> None:
        await call.head()
        self.streams.append(call)
        await call.wait_gone()

    async def list(self, call: Call) -> None:
        filters = json.loads(call.query.get("filters", "{}"))
        self.queries.append(filters)
        found = [row for row in self.rows.values() if not filters.get("id") or row["Id"] in filters["id"]]
        if self.hold is not None:
            await self.hold.wait()
        await call.reply(found)

    async def tell(self, n: int, action: str, at: int = 0) -> None:
        await self.streams[-1].send(event(n, action, at))


@pytest.fixture
def script(scripted_engine: ScriptedEngine) -> Script:
    return Script(scripted_engine)


class TestFaults:
    async def test_a_filter_that_the_engine_refuses_is_told(self, watch: Watch, script: Script) -> None:
        script.engine.answers("GET", "/containers/json", {"message": "no such container: x"}, 404)
        board = watch(script.engine.aengine, make_query({"before": ["x"]}))
        with pytest.raises(NotFound, match="no such container: x"):
            await asyncio.wait_for(board.first(), 5)

    async def test_changes_of_several_containers_are_one_call(self, watch: Watch, script: Script) -> None:
        script.rows = {n: summary(n) for n in range(20)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        script.hold = asyncio.Event()
        await script.tell(0, "start", 1)  # this call is held while the others come
        await script.engine.until(lambda: len(script.queries) == 2)
        for n in range(1, 20):
            script.rows[n] = summary(n, "exited", "Exited (1) 1 second ago")
            await script.tell(n, "die", 1)
        await asyncio.sleep(0.05)
        script.hold.set()
        await until(board, lambda rows: sum(row.state == "exited" for row in rows.values()) == 19)
        assert len(script.queries[2]["id"]) == 19

    async def test_one_container_is_looked_at_now_and_then_only(self, watch: Watch, script: Script) -> None:
        script.rows = {1: summary(1)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        began = time.monotonic()
        for i in range(100):
            await script.tell(1, "health_status: healthy", i)
            await asyncio.sleep(0.01)
        spans = (time.monotonic() - began) / board_keeper.PER_OBJECT
        assert len(script.queries) <= 1 + spans + 2  # the list, and one look in each span, begun or ending

    async def test_what_was_removed_during_a_call_does_not_come_back(
        self, watch: Watch, script: Script
    ) -> None:
        script.rows = {1: summary(1), 2: summary(2)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        script.hold = asyncio.Event()
        await script.tell(1, "start", 1)
        await script.engine.until(lambda: len(script.queries) == 2)  # its answer still has container 1
        await script.tell(1, "destroy", 2)
        await until(board, lambda rows: len(rows) == 1)
        script.hold.set()
        await asyncio.sleep(0.5)
        assert [row.name for row in board.snapshot.rows.values()] == ["c2"]

    async def test_it_says_that_the_engine_is_away_and_lists_anew_when_it_is_back(
        self, watch: Watch, script: Script
    ) -> None:
        script.rows = {1: summary(1), 2: summary(2)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        await script.engine.stop()
        async with asyncio.timeout(5):
            while not board.snapshot.problem:
                await board.news(board.snapshot.seen)
        assert len(board.snapshot.rows) == 2  # still shown, as out of date
        script.rows = {2: summary(2, "exited", "Exited (0) 1 second ago"), 3: summary(3)}
        await script.engine.start()
        await until(board, lambda rows: {row.name for row in rows.values()} == {"c2", "c3"}, 10)
        assert board.snapshot.problem == ""

    async def test_a_stalled_list_does_not_stop_removals(self, watch: Watch, script: Script) -> None:
        script.rows = {1: summary(1), 2: summary(2)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        script.hold = asyncio.Event()
        await script.tell(1, "die", 1)
        await script.tell(2, "destroy", 1)
        await until(board, lambda rows: len(rows) == 1)
        script.hold.set()

    async def test_it_reconciles_what_no_event_told(
        self, watch: Watch, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(board_keeper, "RECONCILE", 0.1)
        script.rows = {1: summary(1)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        script.rows = {2: summary(2)}
        await until(board, lambda rows: [row.name for row in rows.values()] == ["c2"])

    async def test_a_look_that_finds_nothing_new_tells_nobody(
        self, watch: Watch, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(board_keeper, "RECONCILE", 0.05)
        script.rows = {1: summary(1)}
        board = watch(script.engine.aengine, ListQuery())
        await board.first()
        revision = board.snapshot.revision
        await script.engine.until(lambda: len(script.queries) > 4)
        assert board.snapshot.revision == revision

    @pytest.mark.parametrize("answer", [b"[{", b'{"message":"hello"}', b"\xff\xfe"])
    async def test_garbage_is_a_problem_that_passes(
        self, watch: Watch, script: Script, answer: bytes
    ) -> None:
        broken = True

        @script.engine.on("GET", "/containers/json")
        async def list_(call: Call) -> None:
            if broken:
                await call.head(200, {"Content-Type": "application/json"}, then=answer)
            else:
                await call.reply([summary(1)])

        board = watch(script.engine.aengine, ListQuery())
        async with asyncio.timeout(5):
            while not board.snapshot.problem:
                await board.news(board.snapshot.seen)
        broken = False
        await until(board, lambda rows: len(rows) == 1)
