"""Terminals' streams: the ring, reading ahead, draining, viewers that come and go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import StreamCut
from dockerui.streams.ring import ReplayRing
from dockerui.streams.terminal import AHEAD, Missed, Superseded, TerminalStream


class Process:
    """Stands in for a hijacked connection: `says` feeds output, `unread` tells what the reader left."""

    def __init__(self) -> None:
        self.unread = bytearray()
        self.typed = bytearray()
        self.closed = False
        self.busy = False  # takes no input now
        self._failure: Exception | None = None
        self._ended = False
        self._arrived = asyncio.Event()

    def says(self, data: bytes) -> None:
        self.unread += data
        self._arrived.set()

    def ends(self, failure: Exception | None = None) -> None:
        self._ended, self._failure = True, failure
        self._arrived.set()

    def read_now(self, n: int) -> bytes | None:
        data = bytes(self.unread[:n])
        del self.unread[:n]
        return data or None

    async def read(self, n: int) -> bytes:
        while not self.unread:
            if self._failure:
                raise self._failure
            if self._ended:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        return self.read_now(n) or b""

    def write_now(self, data: bytes) -> int:
        taken = 0 if self.busy else min(len(data), 4)
        self.typed += data[:taken]
        return taken

    async def write(self, data: bytes) -> None:
        while self.busy:
            await asyncio.sleep(0)
        self.typed += data

    async def write_eof(self) -> bool:
        return True

    async def aclose(self) -> None:
        self.closed = True


def open_terminal(**options: Any) -> tuple[Process, TerminalStream]:
    process = Process()
    return process, TerminalStream(process, **{"framed": False, **options})  # type: ignore[arg-type]


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(200):
        await asyncio.sleep(0)


def frame(stream: int, payload: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_the_ring_is_the_tail_of_everything_appended(pieces: list[bytes], limit: int) -> None:
    ring = ReplayRing(limit)
    for piece in pieces:
        ring.append(piece)
    whole = b"".join(pieces)
    assert ring.end == len(whole)
    assert ring.read(ring.start, ring.limit) == whole[-limit:]


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(1, 9), st.integers(20, 120))
def test_a_framed_ring_resumes_where_a_frame_begins(payloads: list[bytes], step: int, limit: int) -> None:
    ring, starts, at = ReplayRing(limit, framed=True), [], 0
    whole = b"".join(frame(1, payload) for payload in payloads)
    for payload in payloads:
        starts.append(at)
        at += 8 + len(payload)
    for begin in range(0, len(whole), step):
        ring.append(whole[begin : begin + step])
    resumed = ring.resumable(-1)
    assert resumed == min([s for s in [*starts, len(whole)] if s >= ring.start])


async def test_a_viewer_gets_the_output_and_its_end() -> None:
    process, terminal = open_terminal()
    viewer = terminal.view()
    process.says(b"$ ")
    assert await viewer.read() == b"$ "
    process.says(b"bye")
    process.ends()
    assert await viewer.read() == b"bye"
    assert await viewer.read() == b""
    assert process.closed


async def test_input_goes_out_in_order() -> None:
    process, terminal = open_terminal()
    for piece in (b"a", b"bcdefghi", b"j"):
        await terminal.write(piece)
    assert process.typed == b"abcdefghij"
    await terminal.aclose()


async def test_a_caller_that_goes_does_not_take_its_input_along() -> None:
    process, terminal = open_terminal()
    process.busy = True
    caller = asyncio.create_task(terminal.write(b"a long line"))
    await settle()
    caller.cancel()
    await settle()
    process.busy = False
    await settle()
    assert process.typed == b"a long line"
    await terminal.aclose()


async def test_the_process_waits_for_a_viewer_that_does_not_read() -> None:
    process, terminal = open_terminal()
    viewer = terminal.view()
    process.says(b"x" * (1 << 20))
    await settle()
    assert terminal.ring.end <= 2 * AHEAD
    taken = 0
    while taken < 1 << 20:
        data = await viewer.read()
        assert isinstance(data, bytes)
        taken += len(data)
    await terminal.aclose()


async def test_an_attach_is_drained_and_the_viewer_told_what_it_missed() -> None:
    process, terminal = open_terminal(drain=True)
    viewer = terminal.view()
    process.says(b"x" * (1 << 20))
    process.says(b"last")
    await settle()
    assert not process.unread
    missed = await viewer.read()
    assert isinstance(missed, Missed)
    assert missed.count == (1 << 20) + 4 - terminal.ring.limit
    rest = b""
    while len(rest) < terminal.ring.limit:
        data = await viewer.read()
        assert isinstance(data, bytes)
        rest += data
    assert rest.endswith(b"last")
    await terminal.aclose()


async def test_a_drained_framed_stream_goes_on_at_a_frame() -> None:
    process, terminal = open_terminal(drain=True, framed=True, ring=1000)
    viewer = terminal.view()
    for number in range(100):
        process.says(frame(1, b"%04d" % number * 10))
    await settle()
    assert isinstance(await viewer.read(), Missed)
    data = await viewer.read()
    assert isinstance(data, bytes)
    assert data.startswith(bytes([1, 0, 0, 0, 0, 0, 0, 40]))
    await terminal.aclose()


async def test_a_viewer_that_comes_back_goes_on_where_it_stopped() -> None:
    process, terminal = open_terminal()
    first = terminal.view()
    process.says(b"one ")
    assert await first.read() == b"one "
    first.close()
    process.says(b"two")
    await settle()
    second = terminal.view(first.offset)
    assert await second.read() == b"two"
    await terminal.aclose()


async def test_a_new_viewer_is_shown_the_latest_output() -> None:
    process, terminal = open_terminal()
    first = terminal.view()
    process.says(b"screen")
    assert await first.read() == b"screen"
    assert await terminal.view().read() == b"screen"
    await terminal.aclose()


async def test_there_is_one_viewer_at_a_time() -> None:
    process, terminal = open_terminal()
    first = terminal.view()
    waiting = asyncio.create_task(first.read())
    await settle()
    second = terminal.view()
    with pytest.raises(Superseded):
        await waiting
    process.says(b"x")
    assert await second.read() == b"x"
    first.close()  # must not take the second one's place away
    process.says(b"y")
    assert await second.read() == b"y"
    await terminal.aclose()


async def test_nobody_looking_bounds_what_is_read() -> None:
    process, terminal = open_terminal()
    terminal.view().close()
    process.says(b"x" * (1 << 20))
    await settle()
    assert terminal.ring.end <= terminal.ring.limit
    await terminal.aclose()
    assert process.closed


async def test_a_cut_is_a_failure_and_not_an_end() -> None:
    process, terminal = open_terminal()
    viewer = terminal.view()
    process.ends(StreamCut("gone"))
    assert await viewer.read() == b""
    assert isinstance(terminal.failure, StreamCut)
