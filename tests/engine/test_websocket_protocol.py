"""The websocket codec of `attach/ws`."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import ProtocolError
from dockerui.engine.protocol.http import parse_head
from dockerui.engine.protocol.websocket import (
    FrameDecoder,
    Handshake,
    Received,
    close_frame,
    data_frame,
    pong_frame,
)


def server_frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    first = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        return first + bytes([len(payload)]) + payload
    if len(payload) < 1 << 16:
        return first + b"\x7e" + len(payload).to_bytes(2, "big") + payload
    return first + b"\x7f" + len(payload).to_bytes(8, "big") + payload


def unmask(frame: bytes) -> bytes:
    """The payload of a client's frame, read independently of the encoder."""
    length = frame[1] & 0x7F
    start = {126: 4, 127: 10}.get(length, 2)
    mask, payload = frame[start : start + 4], frame[start + 4 :]
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


@given(st.lists(st.binary(max_size=300), max_size=5), st.data())
def test_frames_are_put_together_however_they_are_cut(payloads: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(server_frame(data.draw(st.sampled_from([1, 2])), p) for p in payloads)
    decoder, got, position = FrameDecoder(), [], 0
    while position < len(wire):
        step = data.draw(st.integers(1, len(wire)))
        got += decoder.feed(wire[position : position + step])
        position += step
    assert got == [Received("data", p) for p in payloads]
    assert not decoder.inside_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536])
def test_every_length_goes_both_ways(length: int) -> None:
    payload = bytes(i % 251 for i in range(length))
    assert FrameDecoder().feed(server_frame(2, payload)) == [Received("data", payload)]
    frame = data_frame(payload)
    assert frame[0] == 0x82
    assert frame[1] & 0x80
    assert unmask(frame) == payload


def test_fragments_pass_as_they_come_with_control_frames_between_them() -> None:
    wire = server_frame(1, b"a\xff", final=False) + server_frame(9, b"hi") + server_frame(0, b"b")
    decoder = FrameDecoder()
    assert decoder.feed(wire) == [Received("data", b"a\xff"), Received("ping", b"hi"), Received("data", b"b")]
    assert not decoder.inside_frame


def test_close_carries_code_and_reason() -> None:
    assert FrameDecoder().feed(server_frame(8, b"\x03\xe8bye")) == [Received("close", b"bye", 1000)]
    assert FrameDecoder().feed(server_frame(8, b"")) == [Received("close", b"", 1005)]
    assert unmask(close_frame(1001)) == b"\x03\xe9"
    assert unmask(pong_frame(b"hi")) == b"hi"


@pytest.mark.parametrize(
    "wire",
    [
        b"\xc2\x00",  # reserved bit
        b"\x82\x80abcd",  # masked by the server
        b"\x83\x00",  # unknown opcode
        b"\x8b\x00",  # unknown control opcode
        b"\x80\x00",  # continues nothing
        b"\x02\x01a\x82\x01b",  # begins inside another
        b"\x09\x00",  # fragmented ping
        b"\x89\x7e\x00\x7e" + b"x" * 126,  # long ping
        b"\x88\x01x",  # half a close code
        b"\x82\x7f" + (1 << 40).to_bytes(8, "big"),  # beyond all bounds
    ],
)
def test_what_breaks_the_protocol_is_refused(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameDecoder().feed(wire)


@given(st.binary(max_size=100))
def test_nonsense_raises_nothing_but_protocol_errors(wire: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        FrameDecoder().feed(wire)


def test_the_handshake_follows_the_example_of_the_standard() -> None:
    handshake = Handshake(key=b"the sample nonce")
    assert handshake.headers["Sec-WebSocket-Key"] == "dGhlIHNhbXBsZSBub25jZQ=="
    good = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    handshake.check(parse_head(good))
    for bad in (
        good.replace(b"s3p", b"S3p"),
        good.replace(b"101", b"200"),
        b"HTTP/1.1 101 Switching Protocols",
    ):
        with pytest.raises(ProtocolError):
            handshake.check(parse_head(bad))
