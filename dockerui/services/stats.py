"""What containers use: live figures, their history, and the sum over all that run.

Figures come from the shared stats feed: a sample a second while somebody looks at a container, one in fifteen
seconds for history while nobody does. The sums are made once a second for all who look; with many running
containers those that nobody looks at count with their last slow sample.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final

from dockerui.access import Actor, authorise
from dockerui.engine.api.system import SYSTEM_INFO
from dockerui.engine.errors import EngineError
from dockerui.engine.protocol.stats import Usage
from dockerui.services import background, hub, live
from dockerui.services.board import Board
from dockerui.services.containers_list import ListQuery
from dockerui.streams import History, StatsFeed, StatsSampler, StatsWatch

RANGES: Final = {"10m": 600, "6h": 6 * 3600, "7d": 7 * 86_400}  # seconds a chart reaches back
POINTS = 1500  # of one chart
SPARK_SECONDS = 48
WATCHED_FOR_SUMS = 40  # running containers that are sampled every second for the sums alone
FRESH = 45.0  # seconds a slow sample counts
KEPT = 60  # seconds of sums
SEEDED = 100  # containers whose remembered figures the first sums are made of
FIELDS: Final = ("cpu", "memory", "rx", "tx", "read", "write")

Sums = dict[str, float | None]


def watch(actor: Actor, ids: Collection[str]) -> StatsWatch:
    """Watch containers by full id; close the watch in the end. Raises Forbidden."""
    authorise(actor, "container.stats")
    return hub.streams(actor).stats.watch(ids)


def history(actor: Actor, container: str, seconds: int, points: int = POINTS) -> History:
    """What is remembered of a container, by full id. Raises Forbidden."""
    authorise(actor, "container.stats")
    return hub.streams(actor).stats.history.query(
        container, until_ns=time.time_ns(), seconds=seconds, points=points
    )


def sparks(actor: Actor, ids: Collection[str]) -> dict[str, list[float | None]]:
    """CPU of the last seconds, for the small lines in a list; containers without any are left out."""
    found = {id_: history(actor, id_, SPARK_SECONDS).columns["cpu"] for id_ in ids}
    return {id_: cpu for id_, cpu in found.items() if cpu}


class Totals:
    """The sums over all running containers, made while anybody looks."""

    def __init__(self, streams: hub.Streams) -> None:
        self.past: deque[Sums] = deque(maxlen=KEPT)
        self._streams = streams
        self._viewers = 0
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._host: Sums = {"cpus": None, "memory_total": None}

    @asynccontextmanager
    async def looked_at(self) -> AsyncIterator[None]:
        """Keep the sums going for as long as the context lasts."""
        self._viewers += 1
        if self._task is None or self._task.done():
            self.past.clear()
            self._task = asyncio.create_task(self._run(), name="stats sums")
        try:
            yield
        finally:
            self._viewers -= 1
            if not self._viewers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def next(self) -> Sums:
        """The next sums."""
        await self._news.wait()
        return self.past[-1]

    async def _run(self) -> None:
        await self._ask_host()
        async with live.boards(self._streams).watch(ListQuery()) as board:
            with self._streams.stats.watch(()) as watching:
                self._seed(_running(board))
                while True:
                    running = _running(board)
                    watching.watch(running if len(running) <= WATCHED_FOR_SUMS else ())
                    self.past.append({**self._host, **_sum(self._streams.stats, running, self._host["cpus"])})
                    news, self._news = self._news, asyncio.Event()
                    news.set()
                    await asyncio.sleep(1)

    def _seed(self, running: Collection[str]) -> None:
        """Begin with what is remembered of the last minute."""
        seconds: dict[int, list[tuple[float | None, ...]]] = {}
        for id_ in list(running)[:SEEDED]:
            past = self._streams.stats.history.query(id_, until_ns=time.time_ns(), seconds=KEPT)
            for t, *values in zip(past.t, *(past.columns[field] for field in FIELDS), strict=True):
                seconds.setdefault(t, []).append(tuple(values))
        for _, found in sorted(seconds.items()):
            self.past.append(_add_up(found, self._host["cpus"]))

    async def _ask_host(self) -> None:
        try:
            info = await self._streams.aengine.json(SYSTEM_INFO)
        except EngineError:
            return  # the sums go without what they are a part of
        self._host = {"cpus": info.get("NCPU"), "memory_total": info.get("MemTotal")}


def totals(actor: Actor) -> Totals:
    """The sums over the actor's Engine. Raises Forbidden."""
    authorise(actor, "container.stats")
    streams = hub.streams(actor)
    found: Totals = streams.extra.setdefault("totals", Totals(streams))
    return found


def _running(board: Board) -> list[str]:
    return [row.id for row in board.snapshot.rows.values() if row.state == "running"]


def _sum(feed: StatsFeed, running: Collection[str], cpus: float | None) -> Sums:
    """CPU as a share of the whole host where its CPUs are known, 100 being all of it; else 100 is one CPU."""
    oldest = time.time_ns() - int(FRESH * 1e9)
    found = [usage for usage in map(feed.latest, running) if usage is not None and usage.read_ns > oldest]
    return _add_up(list(map(_values, found)), cpus)


def _add_up(rows: Collection[tuple[float | None, ...]], cpus: float | None) -> Sums:
    columns = [_total(column) for column in zip(*rows, strict=True)] or [None] * len(FIELDS)
    sums = dict(zip(FIELDS, columns, strict=True))
    if cpus and sums["cpu"] is not None:
        sums["cpu"] /= cpus
    return sums


def _values(usage: Usage) -> tuple[float | None, ...]:
    return (
        usage.cpu_percent,
        usage.memory,
        usage.rx_rate,
        usage.tx_rate,
        usage.blk_read_rate,
        usage.blk_write_rate,
    )


def _total(values: Collection[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


@background.worker("stats", roles={background.WEB})
async def keep_history() -> None:
    """Sample slowly what nobody looks at, so that charts begin before their page was opened."""
    streams = await hub.found(Actor.system())
    await StatsSampler(streams.stats, streams.aengine, streams.events).run()
