"""Log bytes in whole messages, wherever the network cuts them."""

from __future__ import annotations

import struct

import pytest

from dockerui.engine.errors import ProtocolError
from dockerui.streams.messages import LARGEST_FRAME, LONGEST_LINE, MessageCutter


def stamp(second: int) -> bytes:
    return f"1970-01-01T00:00:{second:02}.000000000Z ".encode()


def frame(second: int, text: bytes = b"x\n") -> bytes:
    payload = stamp(second) + text
    return struct.pack(">BxxxI", 1, len(payload)) + payload


@pytest.mark.parametrize("size", [1, 7, 8, 9, 50, 10_000])
@pytest.mark.parametrize("tty", [True, False])
def test_every_piece_holds_whole_messages(size: int, tty: bool) -> None:
    messages = [stamp(n) + b"line %d\n" % n if tty else frame(n, b"line %d\n" % n) for n in range(60)]
    data = b"".join(messages)
    cutter = MessageCutter(tty=tty)
    pieces = [cutter.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join(piece.data for piece in pieces) == data
    assert sum(piece.count for piece in pieces) == 60
    assert cutter.end().data == b""
    at = 0
    for piece in filter(lambda piece: piece.data, pieces):
        part = messages[at : at + piece.count]
        assert piece.data == b"".join(part)
        assert (piece.first_ns, piece.last_ns) == (at * 10**9, (at + piece.count - 1) * 10**9)
        assert piece.last == part[-1]
        at += piece.count


def test_what_is_left_at_the_end_is_told() -> None:
    cutter = MessageCutter(tty=False)
    assert cutter.feed(frame(1) + frame(2)[:20]).data == frame(1)
    assert (cutter.end().data, cutter.end().data) == (frame(2)[:20], b"")
    cutter = MessageCutter(tty=True)
    assert cutter.feed(b"one\r\nhalf").data == b"one\r\n"
    assert (rest := cutter.end()).data == b"half"
    assert rest.count == 1


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    cutter = MessageCutter(tty=True)
    pieces = [cutter.feed(b"x" * 10_000) for _ in range(100)]
    assert sum(len(piece.data) for piece in pieces) > 1_000_000 - LONGEST_LINE - 10_000
    assert max(len(piece.data) for piece in pieces) <= LONGEST_LINE + 10_000


@pytest.mark.parametrize(
    "data",
    [
        b"garbage that is longer than a header",
        struct.pack(">II", 4 << 24, 3) + b"abc",
        struct.pack(">II", 1 << 24 | 1, 3) + b"abc",
        struct.pack(">II", 1 << 24, LARGEST_FRAME + 1),
    ],
)
def test_what_are_no_frames_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        MessageCutter(tty=False).feed(data)


def test_a_message_without_a_time_has_none() -> None:
    piece = MessageCutter(tty=True).feed(b"no time here\n")
    assert (piece.count, piece.first_ns, piece.last_ns) == (1, 0, 0)


def test_what_is_left_out_begins_and_ends_with_a_line() -> None:
    part, rest = frame(2, b"x" * 16_384), frame(2, b"the rest\n")
    cutter = MessageCutter(tty=False)
    assert cutter.feed(frame(1) + part).data == frame(1)
    assert cutter.feed(part).data == b""
    piece = cutter.feed(rest + part)
    assert (piece.data, piece.count, piece.last) == (part + part + rest, 3, rest)
    end = cutter.end()
    assert (end.data, end.count) == (part, 1)


def test_a_line_in_frames_without_an_end_is_not_kept_for_ever() -> None:
    cutter = MessageCutter(tty=False)
    part = frame(2, b"x" * 16_384)
    pieces = [cutter.feed(part) for _ in range(50)]
    assert 50 - sum(piece.count for piece in pieces) < 5
    assert max(piece.count for piece in pieces) < 6


def test_the_midst_of_a_long_line_is_as_old_as_its_beginning() -> None:
    cutter = MessageCutter(tty=True)
    cutter.feed(stamp(7) + b"x" * LONGEST_LINE)
    piece = cutter.feed(b"x" * 100 + b"\n")
    assert (piece.first_ns, piece.last_ns) == (7 * 10**9, 7 * 10**9)
