"""Merging logs by time: history strictly, live within the window, the late ones marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dockerui.streams import MergeWindow

MS = 10**6


def window(*sources: str, live: bool = True) -> MergeWindow[str]:
    merge: MergeWindow[str] = MergeWindow()
    for source in sources:
        merge.add(source)
        if live:
            merge.live(source)
    return merge


def test_history_waits_for_the_source_that_is_behind_whatever_the_time() -> None:
    merge = window("a", "b", live=False)
    merge.push("a", 10 * MS, "a10", now=0.0)
    merge.push("a", 20 * MS, "a20", now=0.0)
    assert merge.take(now=1000.0) == []
    assert merge.wait(now=1000.0) is None
    merge.push("b", 20 * MS, "b20", now=1000.0)
    assert [m.item for m in merge.take(now=1000.0)] == ["a10"]
    merge.live("b")
    merge.live("a")
    assert [m.item for m in merge.take(now=1001.0)] == ["a20", "b20"]


def test_a_live_item_waits_for_the_window_only() -> None:
    merge = window("a", "b")
    merge.push("a", 10 * MS, "a10", now=1.0)
    assert merge.take(now=1.1) == []
    assert merge.wait(now=1.1) is not None
    merge.push("b", 5 * MS, "b5", now=1.15)
    assert [m.item for m in merge.take(now=1.2)] == ["b5", "a10"]
    assert merge.wait(now=1.2) is None


def test_an_item_that_nobody_can_precede_goes_at_once() -> None:
    merge = window("a", "b")
    merge.push("b", 30 * MS, "b30", now=1.0)
    merge.push("a", 20 * MS, "a20", now=1.0)
    merge.push("a", 30 * MS, "a30", now=1.0)
    assert [m.item for m in merge.take(now=1.0)] == ["a20"]
    merge.remove("a")
    merge.remove("b")
    assert [m.item for m in merge.take(now=1.0)] == ["b30", "a30"]


def test_what_is_earlier_than_an_item_that_is_due_goes_before_it() -> None:
    merge = window("a", "b", "c")
    merge.push("a", 10 * MS, "a10", now=1.0)
    merge.push("b", 9 * MS, "b9", now=1.19)
    assert [m.item for m in merge.take(now=1.2)] == ["b9", "a10"]


def test_an_item_after_the_window_is_late_and_not_lost() -> None:
    merge = window("a", "b")
    merge.push("a", 10 * MS, "a10", now=1.0)
    assert not merge.take(now=1.2)[0].late
    merge.push("b", 5 * MS, "b5", now=1.3)
    (late,) = merge.take(now=1.3)
    assert (late.item, late.late) == ("b5", True)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400), st.integers(0, 190)), max_size=60),
)
def test_no_inversion_while_nobody_is_later_than_the_window(entries: list[tuple[str, int, int]]) -> None:
    # (source, time of the line in ms, how much later it arrives in ms); a source delivers in order
    merge = window("a", "b", "c")
    reached: dict[str, int] = {}
    arrivals = []
    for source, time, delay in sorted(entries, key=lambda entry: entry[1]):
        reached[source] = max(reached.get(source, 0), time + delay)
        arrivals.append((reached[source] / 1000, time, source))
    arrivals.sort()
    out = []
    for now, time, source in arrivals:
        out += merge.take(now)
        merge.push(source, time * MS, f"{source}{time}", now)
    out += merge.take(10.0)
    assert [m.time_ns for m in out] == sorted(time * MS for _, time, _ in entries)
    assert not any(m.late for m in out)
    assert merge.held == 0
