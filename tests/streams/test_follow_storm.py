"""Followers that come, stall and go at any moment: each gets the log, less what it is told it missed."""

from __future__ import annotations

import asyncio
import random
import struct

import pytest

from dockerui.engine.errors import EngineUnavailable
from dockerui.streams import Gap, Hub
from dockerui.streams.follow import FollowedLogs, Present
from tests.streams.followed import Log, Viewer, until

STEPS = 400
SMALL = {
    "QUIET": 0.04,
    "LONGEST_QUIET": 0.05,
    "REMEMBERED": 3_000,
    "QUEUE": 30_000,
    "SMALLEST_QUEUE": 12_000,
    "LARGEST": 5_000,
}
"""Limits that are met all the time."""


class Storm:
    """One log, its viewers, and everything that may happen to them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.log = Log(tty=self.random.random() < 0.4)
        self.log.most = lambda: self.random.choice((1, 7, 40, 300, 5_000, 1 << 20))
        self.hub = Hub()
        self.logs = FollowedLogs(self.hub, linger=self.random.choice((0.0, 0.001, 0.02)))
        self.now = 10**9
        self.here: list[Viewer] = []
        self.all: list[Viewer] = []

    async def blow(self) -> None:
        actions = (self.write, self.come, self.leave, self.turn, self.fail)
        self.write()
        for _ in range(STEPS):
            self.random.choices(actions, (30, 8, 6, 10, 1))[0]()
            for _ in range(self.random.choice((0, 0, 1, 2, 7))):
                await asyncio.sleep(0)
            if self.random.random() < 0.02:
                await asyncio.sleep(0.012)
            if self.random.random() < 0.004:
                await self.hub.aclose()

    def write(self) -> None:
        for _ in range(self.random.choice((1, 1, 3, 30, 150))):
            self.now += self.random.choice((0, 1, 1_000, 400_000_000))
            text = self.random.choice((b"", b"tick", b"%d" % self.now, b"x" * 900))
            stream, parts = self.random.choice((1, 1, 2)), self.random.choice((1, 1, 1, 1, 6))
            self.log.add(self.message(stream, text * parts, parts))

    def message(self, stream: int, text: bytes, parts: int) -> bytes:
        stamp = f"1970-01-01T00:{self.now // 60_000_000_000 % 60:02}:".encode()
        stamp += f"{self.now // 10**9 % 60:02}.{self.now % 10**9:09}Z ".encode()
        if self.log.tty:
            return stamp + text + b"\r\n"
        # The parts of a long line have the same time, and perhaps the same text.
        bodies = [stamp + text[: len(text) // parts] for _ in range(parts - 1)] + [stamp + text + b"\n"]
        for body in bodies[:-1]:
            self.log.lines.append(struct.pack(">BxxxI", stream, len(body)) + body)
        return struct.pack(">BxxxI", stream, len(bodies[-1])) + bodies[-1]

    def come(self) -> None:
        tail = self.random.choice((0, 1, 2, 20, 400, 10**9))
        present = self.random.choice((0, self.now, 1 << 62))
        viewer = Viewer(self.logs, self.log, tail, present)
        self.here.append(viewer)
        self.all.append(viewer)

    def leave(self) -> None:
        if self.here:
            self.here.pop(self.random.randrange(len(self.here))).task.cancel()

    def turn(self) -> None:
        if self.here:
            gate = self.random.choice(self.here).gate
            gate.clear() if gate.is_set() else gate.set()

    def fail(self) -> None:
        self.log.break_off(self.random.choice((True, EngineUnavailable("gone"))))

    def check(self, viewer: Viewer) -> int:
        """Compare what came with the log; returns the message after the last one."""
        at = viewer.first
        for item in viewer.items:
            if isinstance(item, Gap):
                assert self.log.lines[at - 1].endswith(b"\n"), "left out from the midst of a line"
                at += item.count
                assert self.log.lines[at - 1].endswith(b"\n")
            elif not isinstance(item, Present):
                while item:
                    message = self.log.lines[at]
                    assert item.startswith(message), (self.log.tty, viewer.first, at)
                    item, at = item[len(message) :], at + 1
        return at

    async def settle(self) -> None:
        """Everybody who is still here gets everything."""
        self.now += 1
        self.log.add(self.message(1, b"the last", 1))
        for viewer in self.here:
            viewer.gate.set()
        for viewer in self.all:
            await until(lambda viewer=viewer: viewer.task.done() or self.has_all(viewer))
            self.check(viewer)
            if viewer.task.done() and not viewer.task.cancelled():
                viewer.task.result()

    def has_all(self, viewer: Viewer) -> bool:
        return self.check(viewer) == len(self.log.lines)


@pytest.mark.parametrize("seed", range(12))
async def test_nothing_is_lost_doubled_or_left_behind(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SMALL.items():
        monkeypatch.setattr(f"dockerui.streams.follow.{name}", value)
    before = asyncio.all_tasks()
    storm = Storm(seed)
    await storm.blow()
    await storm.settle()
    await storm.settle()  # a stream that began at the very end has a message to be known by now
    following = [viewer for viewer in storm.here if not viewer.task.done()]
    await until(lambda: len(storm.log.open) <= 1 or not following)
    for viewer in storm.here:
        viewer.task.cancel()
    await until(lambda: not (asyncio.all_tasks() - before))
    assert (len(storm.log.open), len(storm.hub), len(storm.logs)) == (0, 0, 0)
