"""Log records and positions: any cut, any resume point, nothing lost, nothing doubled."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import ProtocolError, StreamCut
from dockerui.engine.protocol.logline import format_time
from dockerui.engine.protocol.stdcopy import encode
from dockerui.streams import Cursor, FrameRecords, Gap, LineRecords, LogChunk
from dockerui.streams.records import Records

BASE = 1_700_000_000 * 10**9
Log = list[tuple[int, bytes]]


def frame(time_ns: int, text: bytes) -> bytes:
    return encode(1, format_time(time_ns).encode() + b" " + text)


def line(time_ns: int, text: bytes) -> bytes:
    return format_time(time_ns).encode() + b" " + text + b"\n"


WRITERS = {FrameRecords: frame, LineRecords: line}
KINDS = pytest.mark.parametrize("kind", [FrameRecords, LineRecords])
# Times repeat: a long line is several frames with one time.
LOGS = st.lists(
    st.tuples(st.integers(0, 4), st.binary(max_size=12).map(lambda b: b.replace(b"\n", b""))), max_size=14
).map(lambda log: sorted(((BASE + n, text) for n, text in log), key=lambda entry: entry[0]))


def feed_in_steps(records: Records, wire: bytes, steps: list[int]) -> list[LogChunk]:
    chunks, position = [], 0
    for step in [*steps, len(wire)]:
        chunks.append(records.feed(wire[position : position + step]))
        position += step
    return [chunk for chunk in chunks if chunk is not None]


@KINDS
@given(log=LOGS, steps=st.lists(st.integers(1, 60), max_size=12))
def test_chunks_are_whole_records_however_the_stream_is_cut(
    kind: type[Records], log: Log, steps: list[int]
) -> None:
    records = kind()
    wire = [WRITERS[kind](time, text) for time, text in log]
    chunks = feed_in_steps(records, b"".join(wire), steps)
    assert b"".join(chunk.data for chunk in chunks) == b"".join(wire)
    at = 0
    for chunk in chunks:
        assert chunk.data == b"".join(wire[at : at + chunk.count])
        assert chunk.gap == Gap(chunk.count, log[at][0], log[at + chunk.count - 1][0])
        at += chunk.count
    if log:
        last = log[-1][0]
        assert records.cursor == Cursor(last, sum(time == last for time, _ in log))


@KINDS
@given(log=LOGS, cut=st.integers(0, 2000), steps=st.lists(st.integers(1, 60), max_size=12))
def test_a_stream_cut_anywhere_resumes_without_loss_or_doubles(
    kind: type[Records], log: Log, cut: int, steps: list[int]
) -> None:
    write = WRITERS[kind]
    wire = b"".join(write(time, text) for time, text in log)
    first = kind()
    seen = feed_in_steps(first, wire[: cut % (len(wire) + 1)], steps)
    cursor = first.cursor
    since = cursor.time_ns if cursor else 0
    # Lines are asked for from a little earlier on: the first one may be a piece of a long line.
    early = since - 100 if kind is LineRecords else since
    again = b"".join(write(time, text) for time, text in log if time >= early)
    second = kind(cursor)
    seen += feed_in_steps(second, again, steps)
    assert b"".join(chunk.data for chunk in seen) == wire
    if cursor and (kind is FrameRecords or log[0][0] < since):
        assert second.covered is not False


@KINDS
def test_a_position_is_known_even_if_nothing_new_came(kind: type[Records]) -> None:
    records = kind(Cursor(BASE, 2))
    assert records.feed(WRITERS[kind](BASE, b"a") + WRITERS[kind](BASE, b"b")) is None
    assert records.cursor == Cursor(BASE, 2)
    chunk = records.feed(WRITERS[kind](BASE, b"c"))
    assert chunk is not None
    assert (chunk.count, records.cursor) == (1, Cursor(BASE, 3))


@KINDS
def test_a_log_that_no_longer_reaches_back_is_noticed(kind: type[Records]) -> None:
    records = kind(Cursor(BASE, 1))
    chunk = records.feed(WRITERS[kind](BASE + 5, b"later"))
    assert chunk is not None
    assert (records.covered, records.first_time) == (False, BASE + 5)


def test_a_first_line_with_the_time_of_the_position_may_be_the_end_of_a_long_one() -> None:
    records = LineRecords(Cursor(BASE, 1))
    records.feed(line(BASE, b"") + line(BASE, b"short"))
    assert records.covered is False
    earlier = LineRecords(Cursor(BASE, 1))
    chunk = earlier.feed(line(BASE - 5, b"a long one" + line(BASE, b"")[:-1]) + line(BASE, b"short"))
    assert (chunk, earlier.covered) == (None, True)


def test_the_pieces_of_a_long_line_count_one_by_one() -> None:
    pieces = [frame(BASE, bytes([97 + n]) * 16384) for n in range(5)]
    first = FrameRecords()
    first.feed(b"".join(pieces[:3]) + pieces[3][:1000])
    assert first.cursor == Cursor(BASE, 3)
    chunk = FrameRecords(first.cursor).feed(b"".join(pieces))
    assert chunk is not None
    assert chunk.data == b"".join(pieces[3:])


def test_a_message_of_the_engine_itself_does_not_move_the_position() -> None:
    records = FrameRecords()
    records.feed(frame(BASE, b"x"))
    chunk = records.feed(encode(3, b"Error grabbing logs: disk on fire"))
    assert chunk is not None
    assert (chunk.gap, records.cursor) == (Gap(1, 0, 0), Cursor(BASE, 1))


def test_a_last_line_without_its_end_is_a_record() -> None:
    records = LineRecords()
    assert records.feed(line(BASE, b"x")[:-1]) is None
    chunk = records.end()
    assert chunk is not None
    assert (chunk.data, chunk.count) == (line(BASE, b"x")[:-1], 1)
    assert records.end() is None


def test_frames_that_end_early_are_cut_and_garbage_is_refused() -> None:
    records = FrameRecords()
    assert records.feed(frame(BASE, b"x")[:-1]) is None
    with pytest.raises(StreamCut):
        records.end()
    for garbage in (b"2026-01-31T12:00:00Z hello\n", b"\x01\0\0\0\x7f\xff\xff\xff"):
        with pytest.raises(ProtocolError):
            FrameRecords().feed(garbage)


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_nonsense_raises_nothing_but_protocol_errors(pieces: list[bytes]) -> None:
    for kind in (FrameRecords, LineRecords):
        records = kind(Cursor(BASE, 1))
        with contextlib.suppress(ProtocolError):
            for piece in pieces:
                records.feed(piece)


def test_an_endless_line_is_bounded() -> None:
    records = LineRecords()
    got = [records.feed(b"x" * 65536) for _ in range(100)]
    assert sum(len(chunk.data) for chunk in got if chunk) > 4 << 20


def test_a_cursor_survives_being_text() -> None:
    assert Cursor.parse(str(Cursor(BASE, 3))) == Cursor(BASE, 3)
    for bad in ("", "1", "-1", "1-", "a-1", "1-b", "²-1", "1" * 20 + "-1", "1--1", "1-1-1", " 1-1"):
        with pytest.raises(ValueError):
            Cursor.parse(bad)
