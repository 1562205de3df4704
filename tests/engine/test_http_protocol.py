"""The HTTP answer decoders: whole, byte by byte, with trailing bytes, and cut anywhere."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import ProtocolError, StreamCut
from dockerui.engine.protocol.http import (
    LAST_CHUNK,
    ChunkedBody,
    HeadDecoder,
    LengthBody,
    RawBody,
    ResponseHead,
    body_of,
    chunk_bytes,
    parse_head,
    request_bytes,
)

CRLF_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
CASES = [
    (CRLF_HEAD, 200, {"content-type": "text/plain", "X-A": "1, 2"}),
    (b"HTTP/1.0 404 Not Found\n\n", 404, {}),
    (b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n", 101, {"upgrade": "tcp"}),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204\r\n\r\n", 204, {}),
    (b"HTTP/1.1 200 OK\r\nX: caf\xe9\r\nEmpty:\r\n\r\n", 200, {"x": "café", "empty": ""}),
]


@pytest.mark.parametrize(("wire", "status", "headers"), CASES)
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize("trailing", [b"", b"\x01\0\0\0\0\0\0\x01x", b"\n\n"])
def test_a_head_is_read_however_it_arrives_and_what_follows_is_kept(
    wire: bytes, status: int, headers: dict[str, str], step: int, trailing: bytes
) -> None:
    decoder = HeadDecoder()
    data = wire + trailing
    head, after = None, b""
    for start in range(0, len(data), step):
        if head is None:
            head = decoder.feed(data[start : start + step])
            after = decoder.rest
        else:
            after += data[start : start + step]
    assert head is not None
    assert (head.status, after) == (status, trailing)
    assert {name: head.headers[name] for name in headers} == headers


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1 \xb2\xb2\xb2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0\0\0\0",
    ],
)
def test_what_is_not_http_is_refused(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        HeadDecoder().feed(wire)


def test_garbage_is_told_before_the_head_is_complete() -> None:
    assert HeadDecoder().feed(b"HT") is None
    with pytest.raises(ProtocolError):
        HeadDecoder().feed(b"\x15\x03")


def test_a_head_that_never_comes_is_cut() -> None:
    with pytest.raises(StreamCut):
        HeadDecoder().end()


@given(st.lists(st.binary(min_size=1, max_size=40)), st.binary(max_size=5), st.data())
def test_chunks_are_put_together_however_they_are_cut(
    chunks: list[bytes], trailing: bytes, data: st.DataObject
) -> None:
    wire = b"".join(map(chunk_bytes, chunks)) + LAST_CHUNK + trailing
    body, got, position = ChunkedBody(), b"", 0
    while position < len(wire):
        step = data.draw(st.integers(1, len(wire)))
        got += body.feed(wire[position : position + step])
        position += step
    assert (got, body.complete, body.rest) == (b"".join(chunks), True, trailing)
    body.end()


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1), st.data())
def test_a_chunked_body_cut_anywhere_is_cut(chunks: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(map(chunk_bytes, chunks)) + LAST_CHUNK
    body = ChunkedBody()
    body.feed(wire[: data.draw(st.integers(0, len(wire) - 1))])
    assert not body.complete
    with pytest.raises(StreamCut):
        body.end()


@given(st.binary(max_size=200))
def test_nonsense_in_a_chunked_body_raises_nothing_but_protocol_errors(wire: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        ChunkedBody().feed(wire)


def test_extensions_and_trailers_of_chunks_are_dropped() -> None:
    body = ChunkedBody()
    assert body.feed(b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\nrest") == b"abc"
    assert (body.complete, body.rest) == (True, b"rest")


@pytest.mark.parametrize(
    "wire",
    [b"\r\n", b"x\r\n", b"-1\r\n", b"+1\r\n", b"0x3\r\n", b"3\r\nabcd\r\n", b"1" * 20 + b"\r\n", b"1" * 5000],
)
def test_a_broken_chunk_is_refused(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        ChunkedBody().feed(wire)


def test_endless_trailers_are_refused() -> None:
    body = ChunkedBody()
    with pytest.raises(ProtocolError):
        body.feed(b"0\r\n" + b"X: yyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 2000)


def test_a_length_body_ends_where_it_says() -> None:
    body = LengthBody(5)
    assert (body.feed(b"abc"), body.complete) == (b"abc", False)
    with pytest.raises(StreamCut, match="2 bytes"):
        body.end()
    assert (body.feed(b"defg"), body.complete, body.rest) == (b"de", True, b"fg")
    body.end()


def head(status: int, **headers: str) -> ResponseHead:
    lines = "".join(f"\r\n{name.replace('_', '-')}: {value}" for name, value in headers.items())
    return parse_head(f"HTTP/1.1 {status} X{lines}".encode())


def test_the_head_says_how_the_body_is_framed() -> None:
    assert isinstance(body_of(head(200), "GET"), RawBody)
    assert isinstance(body_of(head(200, transfer_encoding="Chunked", content_length="3"), "GET"), ChunkedBody)
    assert isinstance(body_of(head(200, content_length="3, 3"), "GET"), LengthBody)
    for silent in (
        body_of(head(200, content_length="3"), "HEAD"),
        body_of(head(204), "GET"),
        body_of(head(304), "GET"),
    ):
        assert silent.complete


@pytest.mark.parametrize(
    "headers",
    [
        {"content_length": "-1"},
        {"content_length": "1, 2"},
        {"content_length": "²"},
        {"transfer_encoding": "gzip"},
    ],
)
def test_contradictory_or_unknown_framing_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        body_of(head(200, **headers), "GET")


def test_a_request_cannot_smuggle_a_second_line() -> None:
    assert request_bytes("GET", "/x", {"A": "b"}, version="1.0") == b"GET /x HTTP/1.0\r\nA: b\r\n\r\n"
    for method, target, headers in (
        ("GET", "/x\r\nX: y", {}),
        ("GET", "/x y", {}),
        ("GET", "/x", {"A": "b\r\nC: d"}),
        ("GET", "/x", {"A\n": "b"}),
        ("GET", "/€", {}),
    ):
        with pytest.raises(ProtocolError):
            request_bytes(method, target, headers)
