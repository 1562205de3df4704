"""Log timestamps to nanoseconds and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.protocol.logline import format_time, parse_time, split_line, to_seconds

S = 10**9
TIMES = [
    ("1970-01-01T00:00:00Z", 0),
    ("1970-01-01T00:00:01.000000002Z", S + 2),
    ("2026-01-31T12:00:00.5Z", 1769860800 * S + 500_000_000),
    ("2026-01-31T13:00:00.500000000+01:00", 1769860800 * S + 500_000_000),
    ("2026-01-31T06:30:00.25-05:30", 1769860800 * S + 250_000_000),
    ("2024-02-29t23:59:60z", 1709251200 * S),
    ("0001-01-01T00:00:00Z", -62135596800 * S),
]


@pytest.mark.parametrize(("text", "nanoseconds"), TIMES)
def test_times_are_read(text: str, nanoseconds: int) -> None:
    assert parse_time(text) == parse_time(text.encode()) == nanoseconds


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
     "2026-01-01T24:00:00Z",
     "2026-01-01T00:00:00.Z", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00Zx", "٢٠٢٦-01-01T00:00:00Z"],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@given(st.integers(-62135596800 * S, 253402300799 * S))
def test_what_is_written_reads_the_same(nanoseconds: int) -> None:
    text = format_time(nanoseconds)
    assert len(text) == 30
    assert parse_time(text) == nanoseconds
    assert int(to_seconds(nanoseconds).replace(".", "")) == nanoseconds if nanoseconds >= 0 else True


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))
def test_it_agrees_with_the_standard_library(moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    expected = int(moment.timestamp()) * S + moment.microsecond * 1000
    assert parse_time(moment.isoformat().replace("+00:00", "Z")) == expected


@pytest.mark.parametrize(
    ("line", "time", "message"),
    [
        (b"1970-01-01T00:00:01.000000002Z hello\n", S + 2, b"hello\n"),
        (b"1970-01-01T00:00:01Z   indented", S, b"  indented"),
        (b"1970-01-01T00:00:01Z \n", S, b"\n"),
        (b"1970-01-01T00:00:01Z\n", S, b"\n"),
        (b"1970-01-01T00:00:01Z", S, b""),
        (b"1970-01-01T00:00:01Zx", None, b"1970-01-01T00:00:01Zx"),
        (b"1970-13-01T00:00:01Z x", None, b"1970-13-01T00:00:01Z x"),
        (b"no time here", None, b"no time here"),
        (b"\xff\xfe", None, b"\xff\xfe"),
        (b"", None, b""),
    ],
)
def test_a_line_is_split_at_its_timestamp(line: bytes, time: int | None, message: bytes) -> None:
    assert split_line(line) == (time, message)


@given(st.binary(max_size=80))
def test_no_line_whatever_fails(line: bytes) -> None:
    _, message = split_line(line)
    assert line.endswith(message)
