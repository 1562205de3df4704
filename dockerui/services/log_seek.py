"""Finding a time in a log that can only be read from its end: how many messages back it is.

`since` makes the Engine read and decode everything before it, minutes for a large log. `tail=n` starts at
once, so the place is found by looking at the first message of a few tails: each time eight times as far back
until one is early enough, then closer by assuming that messages come evenly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.protocol.logline import split_line
from dockerui.engine.protocol.stdcopy import HEADER
from dockerui.services.log_request import MOST_MESSAGES

CLOSE_ENOUGH = 2_000  # messages that are read and thrown away at most
FIRST_TAIL = 1_000
GROWTH = 8
MOST_STEPS = 24
LONGEST_STAMP = 64


@dataclass(frozen=True)
class _Place:
    tail: int
    time_ns: int


async def locate(first_time: Callable[[int], Awaitable[int | None]], at_ns: int) -> int:
    """The number of messages from the time on, up to `CLOSE_ENOUGH` too many; all if the time is too early.

    `first_time(n)` is the time of the first of the last n messages, None when there are none.
    """
    near = _Place(0, 1 << 63)
    tail = FIRST_TAIL
    while True:
        time_ns = await first_time(tail)
        if time_ns is None:
            return 0
        if time_ns <= at_ns:
            break
        if time_ns == near.time_ns or tail >= MOST_MESSAGES:
            return tail  # not even the beginning of the log is early enough
        near, tail = _Place(tail, time_ns), tail * GROWTH
    return await _narrow(first_time, at_ns, near, _Place(tail, time_ns))


async def _narrow(
    first_time: Callable[[int], Awaitable[int | None]], at_ns: int, near: _Place, far: _Place
) -> int:
    for step in range(MOST_STEPS):
        width = far.tail - near.tail
        if width <= CLOSE_ENOUGH:
            break
        # Every other step halves: evenness is only a guess.
        share = (near.time_ns - at_ns) / (near.time_ns - far.time_ns) if near.tail and step % 2 == 0 else 0.5
        guess = near.tail + min(width - 1, max(1, int(width * share) + CLOSE_ENOUGH // 2))
        time_ns = await first_time(guess)
        if time_ns is None:
            break
        if time_ns <= at_ns:
            far = _Place(guess, time_ns)
        else:
            near = _Place(guess, time_ns)
    return far.tail


async def first_time(aengine: AsyncEngine, id: str, tail: int, *, tty: bool) -> int | None:
    """The time of the first of the last `tail` messages. `GET /containers/{id}/logs`"""
    start = 0 if tty else HEADER
    data = b""
    async with await aengine.container_logs(id, tail=tail, timestamps=True, paced=False) as stream:
        while len(data) < start + LONGEST_STAMP and b"\n" not in data[start:]:
            piece = await stream.read(4096)
            if not piece:
                break
            data += piece
    return split_line(data[start:].split(b"\n", 1)[0])[0]
