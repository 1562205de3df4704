"""Figures of containers over time, in fixed memory: 1 s for 10 minutes, 10 s for 6 hours, 60 s for 7 days. No
I/O.

Each container has three tiers of slots, one per step. A slot holds seven 32-bit floats; slots are kept in
pages of sixty, made when they are needed. A rate is the mean between two samples, so it is written into every
slot between them, whatever the pace of sampling; a coarse slot is the mean of its seconds. A slot without a
value is a gap.

A page takes at most `PAGE_BYTES`. A container that has run for a week has 218 of them, 0.4 MB; all containers
together stay within the budget (64 MiB: 160 containers for a week, 1,000 for about a day): beyond it the
oldest page of all goes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dockerui.engine.protocol.stats import Usage

FIELDS: Final = ("cpu", "memory", "rx", "tx", "read", "write", "pids")
BUDGET: Final = 64 << 20
PAGE_BYTES: Final = 1920
_WIDTH = len(FIELDS)
_SLOTS = 60
_EMPTY = array("f", [math.nan]) * (_SLOTS * _WIDTH)
_SECOND = 10**9


@dataclass(frozen=True)
class Step:
    """One tier: a slot every `seconds`, `slots` of them."""

    seconds: int
    slots: int


STEPS: Final = (Step(1, 600), Step(10, 2160), Step(60, 10080))


@dataclass(frozen=True)
class History:
    """Equally long columns, oldest first: `t` in Unix seconds, None where nothing is known.

    `step` is the number of seconds between points; cpu is a percentage of one CPU, memory is in bytes, rx,
    tx, read and write in bytes a second, pids a number.
    """

    step: int
    t: list[int]
    columns: dict[str, list[float | None]]


class _Tier:
    """The slots of one container at one step."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.pages: dict[int, array[float]] = {}
        self._slot = -1  # the slot that is being filled, and how many seconds are in each of its means
        self._seconds = [0] * _WIDTH

    def add(self, second: int, values: tuple[float, ...]) -> int:
        """Add one second's values; returns by how many pages the tier has grown."""
        slot = second // self.step.seconds
        page_number, index = divmod(slot, _SLOTS)
        before = len(self.pages)
        page = self.pages.get(page_number)
        if page is None:
            page = self.pages[page_number] = _EMPTY[:]
            oldest = page_number - self.step.slots // _SLOTS
            for number in [number for number in self.pages if number < oldest]:
                del self.pages[number]
        if slot != self._slot:
            self._slot, self._seconds = slot, [0] * _WIDTH
        self._mix(page, index * _WIDTH, values)
        return len(self.pages) - before

    def _mix(self, page: array[float], at: int, values: tuple[float, ...]) -> None:
        for field, value in enumerate(values):
            if value != value:  # NaN: not known
                continue
            self._seconds[field] += 1
            n = self._seconds[field]
            page[at + field] = value if n == 1 else page[at + field] + (value - page[at + field]) / n

    def row(self, slot: int) -> array[float] | None:
        """The values of a slot; None when nothing is known."""
        page = self.pages.get(slot // _SLOTS)
        if page is None:
            return None
        at = slot % _SLOTS * _WIDTH
        return page[at : at + _WIDTH]


class StatsHistory:
    """What is remembered of all containers, within `budget` bytes."""

    def __init__(self, *, budget: int = BUDGET) -> None:
        self._budget = budget // PAGE_BYTES
        self._series: dict[str, tuple[_Tier, ...]] = {}
        self._pages = 0

    @property
    def size(self) -> int:
        """Bytes in use, at most."""
        return self._pages * PAGE_BYTES

    @property
    def ids(self) -> set[str]:
        """The containers that are remembered."""
        return set(self._series)

    def add(self, id: str, usage: Usage, since_ns: int | None = None) -> None:
        """Remember figures that hold from `since_ns` (the sample before) to `usage.read_ns`."""
        tiers = self._series.get(id)
        if tiers is None:
            tiers = self._series[id] = tuple(map(_Tier, STEPS))
        values = _values(usage)
        last = usage.read_ns // _SECOND
        first = last if since_ns is None else min(last, since_ns // _SECOND + 1)
        for second in range(max(first, last - STEPS[0].slots), last + 1):
            for tier in tiers:
                self._pages += tier.add(second, values)
        while self._pages > self._budget and self._drop_oldest():
            pass

    def forget(self, id: str) -> None:
        """The container is gone."""
        for tier in self._series.pop(id, ()):
            self._pages -= len(tier.pages)

    def query(self, id: str, *, until_ns: int, seconds: int, points: int = 1500) -> History:
        """The `seconds` before `until_ns`, in the finest step that reaches so far, as at most `points`
        points.

        Begins with the first value known; empty when there is none.
        """
        step = next((s for s in STEPS if s.seconds * s.slots >= seconds), STEPS[-1])
        factor = max(1, math.ceil(min(seconds, step.seconds * step.slots) / step.seconds / max(1, points)))
        width = step.seconds * factor
        end = until_ns // _SECOND // width + 1
        tiers = self._series.get(id)
        rows: list[tuple[int, list[float | None]]] = []
        if tiers is not None:
            tier = tiers[STEPS.index(step)]
            for wide in range(end - math.ceil(seconds / width), end):
                found = filter(None, (tier.row(slot) for slot in range(wide * factor, (wide + 1) * factor)))
                row = _mean(found)
                if rows or any(value is not None for value in row):
                    rows.append((wide * width, row))
        while rows and all(value is None for value in rows[-1][1]):
            rows.pop()
        columns = {name: [row[field] for _, row in rows] for field, name in enumerate(FIELDS)}
        return History(width, [time for time, _ in rows], columns)

    def _drop_oldest(self) -> bool:
        """Make room: the page that reaches back farthest goes, whosever it is."""
        oldest: tuple[int, _Tier, int] | None = None
        for tiers in self._series.values():
            for tier in tiers:
                if len(tier.pages) < 2:
                    continue  # the page that is being filled stays
                number = next(iter(tier.pages))
                start = number * _SLOTS * tier.step.seconds
                if oldest is None or start < oldest[0]:
                    oldest = (start, tier, number)
        if oldest is None:
            return False
        del oldest[1].pages[oldest[2]]
        self._pages -= 1
        return True


def _values(usage: Usage) -> tuple[float, ...]:
    known = (
        usage.cpu_percent,
        usage.memory,
        usage.rx_rate,
        usage.tx_rate,
        usage.blk_read_rate,
        usage.blk_write_rate,
        usage.pids,
    )
    return tuple(math.nan if value is None else float(value) for value in known)


def _mean(rows: Iterable[array[float]]) -> list[float | None]:
    sums, counts = [0.0] * _WIDTH, [0] * _WIDTH
    for row in rows:
        for field, value in enumerate(row):
            if value == value:
                sums[field] += value
                counts[field] += 1
    return [_short(sums[i] / counts[i]) if counts[i] else None for i in range(_WIDTH)]


def _short(value: float) -> float:
    """Without the digits that a 32-bit float does not have; JSON gets shorter by half."""
    return float(f"{value:.7g}")
