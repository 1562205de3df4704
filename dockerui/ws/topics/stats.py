"""Topics `stats` and `totals`: what containers use, once a second, the latest value only.

`stats` for a list, with `{"ids":[full id, …]}`; the op `watch` with other `ids` changes the set:

    {"ev":"usage","rows":{id:[cpu, memory, limit, rx, tx], …},"history":{id:[cpu, …], …}}
        figures that changed (null: unknown, `[]`: it does not run) and, for ids that are new, the CPU before

`stats` for one container, with `{"id":full id,"history":"10m"|"6h"|"7d"}`; the op `range` asks for another
history:

    {"ev":"history","step":s,"t":[…],"cpu":[…],"memory":[…],"rx":[…],"tx":[…],"read":[…],"write":[…],"pids":[…]}
    {"ev":"sample","t":s,"cpu":…,"memory":…,"memory_limit":…,"rx":…,"tx":…,"read":…,"write":…,"pids":…}
    {"ev":"stopped"}                it does not run; samples follow when it does again

`totals` has no arguments: {"ev":"totals","cpu","cpus","memory","memory_total","rx","tx","read","write"} over
all running containers, with the past minute as `history` in the first one.

CPU is in per cent of one CPU (`totals`: of all), memory in bytes, rates in bytes a second, times in Unix
seconds.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.stats import Usage
from dockerui.services import stats
from dockerui.services.door import FULL_ID
from dockerui.services.errors import BadInput
from dockerui.streams import StatsWatch
from dockerui.ws.topic import ChannelHandle, Topic

MOST_IDS = 500
TOGETHER = 0.25  # seconds to gather: containers are sampled at different moments of a second


class StatsTopic(Topic):
    """Figures for the rows of a list, or for one container's charts."""

    name: ClassVar[str] = "stats"
    permission: ClassVar[str] = "container.stats"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.single = "id" in args
        self.ids = _ids([args["id"]] if self.single else args.get("ids", []))
        self.range = _range(args.get("history", "10m"))
        self._told: set[str] = set()
        self._watch: StatsWatch | None = None

    async def run(self) -> str | None:
        with stats.watch(self.actor, self.ids) as self._watch:
            if self.single:
                await self._send_history()
                await self._samples(self._watch)
            else:
                await self._rows(self._watch)
        return None

    async def on_message(self, op: str, message: dict[str, Any]) -> None:
        if op == "watch" and not self.single:
            self.ids = _ids(message.get("ids"))
            self._told.intersection_update(self.ids)
            if self._watch is not None:
                self._watch.watch(self.ids)
        elif op == "range" and self.single:
            self.range = _range(message.get("range"))
            await self._send_history()
        else:
            await super().on_message(op, message)

    async def _rows(self, watch: StatsWatch) -> None:
        async for figures in watch:
            rows = {id_: _tuple(usage) for id_, usage in figures.items() if id_ in self.ids}
            fresh = rows.keys() - self._told
            self._told |= fresh
            history = stats.sparks(self.actor, fresh)
            await self.ch.send("usage", rows=rows, **({"history": history} if history else {}))
            await asyncio.sleep(TOGETHER)

    async def _samples(self, watch: StatsWatch) -> None:
        async for figures in watch:
            for usage in figures.values():
                if usage is None:
                    await self.ch.send("stopped")
                else:
                    await self.ch.send("sample", **_sample(usage))

    async def _send_history(self) -> None:
        (container,) = self.ids
        past = stats.history(self.actor, container, stats.RANGES[self.range])
        await self.ch.send("history", step=past.step, t=past.t, **past.columns)


class TotalsTopic(Topic):
    """The sums above the list."""

    name: ClassVar[str] = "totals"
    permission: ClassVar[str] = "container.stats"

    async def run(self) -> str | None:
        totals = stats.totals(self.actor)
        async with totals.looked_at():
            sums = await totals.next()
            await self.ch.send("totals", **sums, history=list(totals.past)[:-1])
            while True:
                await self.ch.send("totals", **await totals.next())


def _ids(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(
        isinstance(id_, str) and FULL_ID.fullmatch(id_) for id_ in value
    ):
        raise BadInput("ids must be a list of full container ids.")
    if len(value) > MOST_IDS:
        raise BadInput(f"At most {MOST_IDS} containers can be watched at once.")
    return frozenset(value)


def _range(value: object) -> str:
    if not isinstance(value, str) or value not in stats.RANGES:
        raise BadInput(f"history must be one of {', '.join(stats.RANGES)}.")
    return value


def _tuple(usage: Usage | None) -> list[float | None]:
    if usage is None:
        return []
    cpu = None if usage.cpu_percent is None else round(usage.cpu_percent, 2)
    return [cpu, usage.memory, usage.memory_limit, _whole(usage.rx_rate), _whole(usage.tx_rate)]


def _sample(usage: Usage) -> dict[str, float | None]:
    return {
        "t": usage.read_ns / 1e9,
        "cpu": usage.cpu_percent,
        "memory": usage.memory,
        "memory_limit": usage.memory_limit,
        "rx": usage.rx_rate,
        "tx": usage.tx_rate,
        "read": usage.blk_read_rate,
        "write": usage.blk_write_rate,
        "pids": usage.pids,
    }


def _whole(rate: float | None) -> int | None:
    return None if rate is None else round(rate)
