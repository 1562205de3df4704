"""Where two streams of one log meet, and where that is not certain."""

from __future__ import annotations

from dockerui.streams.meeting import continuation
from tests.streams.followed import line


def test_the_place_is_found_by_the_bytes_before_it() -> None:
    shared = b"".join(map(line, range(10)))
    tail = b"".join(map(line, range(4)))
    assert continuation(shared, tail, line(3)) == len(tail)
    assert continuation(shared[len(line(0)) :], tail, line(3)) == len(tail) - len(line(0))
    assert continuation(shared, line(11), line(11)) is None
    assert continuation(shared, b"", b"") is None
    assert continuation(b"", tail, line(3)) is None


def test_a_message_that_only_contains_ours_is_not_taken_for_it() -> None:
    quoted = line(5, text=" quotes " + line(3).decode())
    shared = line(2) + line(3) + line(4) + quoted + line(6)
    assert continuation(shared, line(2) + line(3), line(3)) == len(line(2) + line(3))
    assert continuation(line(4) + quoted + line(6), line(3), line(3), quiet=True) is None


def test_equal_messages_are_no_place_to_meet() -> None:
    part = line(1)  # as the parts of one long line are: the same time, the same text
    assert continuation(part * 5, part * 3, part) is None
    assert continuation(part, part * 2, part) is None
    assert continuation(line(0) + part * 2, line(0) + part, part) == len(line(0) + part)
    known = part * 3 + line(2)
    assert continuation(known + line(3), known[len(part) :], line(2)) == len(known)


def test_a_message_needs_one_of_another_time_before_it_or_silence_behind_it() -> None:
    shared = line(0) + line(1)
    assert continuation(shared, line(1), line(1)) is None
    assert continuation(shared, shared, line(1)) == len(shared)
    assert continuation(shared, line(1), line(1), quiet=True) == len(shared)
    assert continuation(shared + line(2), line(1), line(1), quiet=True) is None
    first, second = line(1, " a"), line(1, " b")  # of one time
    assert continuation(first + second + line(2), first + second, second) is None
    assert continuation(line(0) + first + second, line(0) + first + second, second) is not None


def test_a_container_cannot_make_the_search_for_the_place_slow() -> None:
    # With a search from behind each of these is compared with half of the next: hours.
    filler = "\x01" * (1 << 20)
    parts = [b"\x01" + line(n, filler) for n in range(9)]
    assert continuation(b"".join(parts[:8]), parts[8], parts[8]) is None
