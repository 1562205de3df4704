"""Streams of JSON documents: LF, CRLF, json-seq, several in a line, cut anywhere."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import ProtocolError, StreamCut
from dockerui.engine.protocol.jsonlines import JsonLinesDecoder

CASES: list[tuple[bytes, list[Any]]] = [
    (b"", []),
    (b'{"a":1}\n{"b":2}\n', [{"a": 1}, {"b": 2}]),
    (b'{"a":1}\r\n{"b":2}\r\n\r\n', [{"a": 1}, {"b": 2}]),
    (b'\x1e{"a":1}\n\x1e{"b":2}\n', [{"a": 1}, {"b": 2}]),
    (b'{"a":1}{"b":2} [3]\n', [{"a": 1}, {"b": 2}, [3]]),
    ('{"é":"\\u2028\u2028😀"}\n'.encode(), [{"é": "\u2028\u2028😀"}]),
    (b'{"a":"x\\n{"}\n', [{"a": "x\n{"}]),
]
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(("wire", "found"), CASES)
@pytest.mark.parametrize("step", [1, 2, 5, 1000])
def test_documents_are_read_however_they_arrive(wire: bytes, found: list[Any], step: int) -> None:
    decoder = JsonLinesDecoder()
    read = [document for at in range(0, len(wire), step) for document in decoder.feed(wire[at : at + step])]
    assert read + decoder.end() == found


@pytest.mark.parametrize(("wire", "found"), CASES)
def test_a_stream_that_ends_inside_a_document_was_cut(wire: bytes, found: list[Any]) -> None:
    decoder = JsonLinesDecoder()
    assert decoder.feed(wire + b'{"status":"pul') == found
    with pytest.raises(StreamCut):
        decoder.end()


def test_a_last_document_without_a_line_end_counts() -> None:
    decoder = JsonLinesDecoder()
    assert decoder.feed(b'{"a":1}') == []
    assert decoder.end() == [{"a": 1}]
    assert decoder.end() == []


@given(st.lists(documents, max_size=6), st.lists(st.integers(0, 500), max_size=8), st.booleans())
def test_no_cut_changes_what_is_read(sent: list[Any], cuts: list[int], ascii_only: bool) -> None:
    wire = "".join(json.dumps(d, ensure_ascii=ascii_only) + "\r\n" for d in sent).encode("utf-8", "replace")
    expected = [json.loads(line) for line in wire.split(b"\r\n") if line]
    decoder = JsonLinesDecoder()
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    found = [d for a, b in pairwise(edges) for d in decoder.feed(wire[a:b])]
    assert found + decoder.end() == expected


@pytest.mark.parametrize("wire", [b"garbage\n", b'{"a":1}}\n', b"{'a':1}\n", b"\xff\xfe\n", b"<html>\n"])
def test_what_is_not_json_is_told(wire: bytes) -> None:
    with pytest.raises(ProtocolError):
        JsonLinesDecoder().feed(wire)


@pytest.mark.parametrize("tail", [b"", b"\n"])
def test_a_line_without_end_is_given_up_at_the_limit(tail: bytes) -> None:
    decoder = JsonLinesDecoder(limit=1000)
    decoder.feed(b"[" + b"1," * 400)
    with pytest.raises(ProtocolError, match="longer than 1000"):
        decoder.feed(b"1," * 400 + tail)


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_else(data: bytes) -> None:
    decoder = JsonLinesDecoder()
    try:
        decoder.feed(data)
        decoder.end()
    except ProtocolError:
        pass
