"""The scanner of log searches: frames cut anywhere, long lines, times, expressions."""

from __future__ import annotations

import struct

import pytest

from dockerui.engine.errors import ProtocolError
from dockerui.services.errors import BadInput
from dockerui.services.log_scan import Found, Scanner, compile_query


def stamp(second: int, nano: int = 0) -> bytes:
    return b"1970-01-01T00:00:%02d.%09dZ" % (second, nano)


def frame(second: int, text: str, *, nano: int = 0, stream: int = 1) -> bytes:
    payload = stamp(second, nano) + b" " + text.encode()
    return struct.pack(">BxxxI", stream, len(payload)) + payload


def scan(
    data: bytes, query: str, *, step: int = 1 << 20, tty: bool = False, regex: bool = True
) -> list[Found]:
    scanner = Scanner(compile_query(query, regex=regex, case=False), tty=tty)
    found = [one for at in range(0, len(data), step) for one in scanner.feed(data[at : at + step])]
    return found + scanner.feed(b"", last=True)


LOG = b"".join(
    [
        frame(1, "GET /a 200\n"),
        frame(1, "GET /b 500\n", stream=2),
        frame(1, "same time\n"),
        frame(2, "\x1b[31mconnection\x1b[0m refused\n", nano=7),
        frame(3, "héllo\n"),
        frame(3, "end"),
    ]
)


@pytest.mark.parametrize("step", [1, 7, 8, 9, 100, 1 << 20])
def test_it_finds_lines_wherever_buffers_are_cut(step: int) -> None:
    assert scan(LOG, "500|time|refused|ÉLLO", step=step) == [
        Found(10**9, 1, "GET /b 500"),
        Found(10**9, 2, "same time"),
        Found(2 * 10**9 + 7, 0, "connection refused"),
        Found(3 * 10**9, 0, "héllo"),
    ]


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("^get", ["GET /a 200", "GET /b 500"]),
        ("00$", ["GET /a 200", "GET /b 500"]),
        ("connection refused", ["connection refused"]),
        ("[^x]*b", ["GET /b 500"]),
        (r"200\sGET", []),
        ("^end$", ["end"]),
    ],
)
def test_expressions_see_lines_one_by_one(query: str, texts: list[str]) -> None:
    assert [found.text for found in scan(LOG, query)] == texts


def test_plain_text_is_taken_literally() -> None:
    assert [found.text for found in scan(LOG, "/a 2", regex=False)] == ["GET /a 200"]
    assert scan(LOG, ".*", regex=False) == []


@pytest.mark.parametrize("step", [1000, 16392, 1 << 20])
def test_a_long_line_is_one_line(step: int) -> None:
    data = frame(1, "a" * 16384) + frame(1, "b" * 16384) + frame(1, "needle\n") + frame(2, "next\n")
    [found] = scan(data, "abb*needle", step=step)
    assert (found.time_ns, len(found.text)) == (10**9, 2000)
    assert [one.text for one in scan(data, "^next", step=step)] == ["next"]


@pytest.mark.parametrize("step", [1, 10, 1 << 20])
def test_a_terminal_has_lines_without_frames(step: int) -> None:
    data = stamp(1) + b" one\r\n" + stamp(2) + b" two\r\n" + stamp(3) + b" $ "
    assert [found.text for found in scan(data, "o|[$]", step=step, tty=True)] == ["one", "two", "$ "]


def test_it_counts_lines_and_knows_the_span() -> None:
    scanner = Scanner(compile_query("x", regex=False, case=True), tty=False)
    scanner.feed(LOG)
    assert (scanner.lines, scanner.first_ns, scanner.last_ns) == (5, 10**9, 3 * 10**9)


def test_garbage_is_an_error() -> None:
    with pytest.raises(ProtocolError):
        scan(b"HTTP/1.0 200 OK\r\n\r\n", "x")


@pytest.mark.parametrize("query", ["", "(", "(?=look)", r"(a)\1", "x" * 1001, None, 5, "a{1000}{1000}{1000}"])
def test_expressions_that_cannot_be_run_are_refused(query: object) -> None:
    with pytest.raises(BadInput):
        compile_query(query, regex=True, case=True)


def test_an_expression_that_explodes_elsewhere_is_harmless() -> None:
    data = b"".join(frame(1, "a" * 5000 + "b\n") for _ in range(20))
    assert len(scan(data, "(a+)+$")) == 0
