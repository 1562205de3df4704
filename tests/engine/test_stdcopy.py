"""The stdcopy demultiplexer: whole, cut anywhere, with trailing bytes, with garbage."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import ProtocolError, StreamCut
from dockerui.engine.protocol.stdcopy import STDERR, STDOUT, SYSTEM, Frame, StdcopyDecoder, encode

CASES = [
    (b"", []),
    (b"\x01\0\0\0\0\0\0\x02hi", [Frame(STDOUT, b"hi")]),
    (b"\x02\0\0\0\0\0\0\0", [Frame(STDERR, b"")]),
    (b"\0\0\0\0\0\0\0\x01x\x03\0\0\0\0\0\0\x04oops", [Frame(0, b"x"), Frame(SYSTEM, b"oops")]),
    (
        encode(1, b"\x01\0\0\0\0\0\0\x02") + encode(2, b"\n"),
        [Frame(1, b"\x01\0\0\0\0\0\0\x02"), Frame(2, b"\n")],
    ),
    (encode(1, b"a" * 70_000), [Frame(1, b"a" * 70_000)]),
]
streams = st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=40)), max_size=8)


@pytest.mark.parametrize(("wire", "frames"), CASES)
@pytest.mark.parametrize("step", [1, 3, 7, 8, 9, 100_000])
def test_frames_are_read_however_they_arrive(wire: bytes, frames: list[Frame], step: int) -> None:
    decoder = StdcopyDecoder()
    found = [
        frame for start in range(0, len(wire), step) for frame in decoder.feed(wire[start : start + step])
    ]
    decoder.end()
    assert found == frames


@pytest.mark.parametrize(("wire", "frames"), CASES)
@pytest.mark.parametrize("trailing", [b"\x01", b"\x01\0\0\0\0\0\0", b"\x01\0\0\0\0\0\0\x02h"])
def test_a_stream_that_ends_inside_a_frame_was_cut(wire: bytes, frames: list[Frame], trailing: bytes) -> None:
    decoder = StdcopyDecoder()
    assert decoder.feed(wire + trailing) == frames
    with pytest.raises(StreamCut):
        decoder.end()


@given(streams, st.lists(st.integers(0, 400), max_size=10), st.integers(1, 64))
def test_no_cut_and_no_limit_changes_what_is_read(
    sent: list[tuple[int, bytes]], cuts: list[int], limit: int
) -> None:
    wire = b"".join(encode(stream, payload) for stream, payload in sent)
    decoder = StdcopyDecoder(limit=limit)
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    found = [f for a, b in pairwise(edges) for f in decoder.feed(wire[a:b])]
    decoder.end()
    joined: list[tuple[int, bytes]] = []
    continues = False
    for frame in found:
        if continues:
            assert joined[-1][0] == frame.stream
            joined[-1] = (frame.stream, joined[-1][1] + frame.payload)
        else:
            joined.append((frame.stream, frame.payload))
        continues = frame.continues
    assert not continues
    assert joined == sent


def test_a_frame_beyond_the_limit_comes_in_pieces() -> None:
    decoder = StdcopyDecoder(limit=4)
    wire = encode(2, b"abcdefgh") + encode(1, b"i")
    assert decoder.feed(wire[:10]) == [Frame(2, b"ab", True)]
    assert decoder.feed(wire[10:12]) == [Frame(2, b"cd", True)]
    assert decoder.feed(wire[12:]) == [Frame(2, b"efgh", False), Frame(1, b"i")]
    decoder.end()


def test_a_frame_that_announces_four_gigabytes_holds_nothing_back() -> None:
    decoder = StdcopyDecoder()
    decoder.feed(b"\x01\0\0\0\xff\xff\xff\xff")
    for _ in range(100):
        assert decoder.feed(b"x" * 1000) == [Frame(1, b"x" * 1000, True)]
    with pytest.raises(StreamCut):
        decoder.end()


@pytest.mark.parametrize(
    "garbage", [b"\x04\0\0\0\0\0\0\x01x", b"\x01\0\x01\0\0\0\0\x01x", b"HTTP/1.1 200 OK", b"plain text"]
)
def test_what_is_not_multiplexed_is_told(garbage: bytes) -> None:
    with pytest.raises(ProtocolError, match="frame header"):
        StdcopyDecoder().feed(encode(1, b"ok") + garbage)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_else(data: bytes) -> None:
    decoder = StdcopyDecoder()
    try:
        decoder.feed(data)
        decoder.end()
    except ProtocolError:
        pass
