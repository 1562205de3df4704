"""Figures over time: three steps, gaps as gaps, a fixed budget."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerui.engine.protocol.stats import Usage
from dockerui.streams import StatsHistory
from dockerui.streams.history import FIELDS, PAGE_BYTES

NOW = 1_700_000_000  # a multiple of 10, not of 60


def figures(second: int, cpu: float | None = 1.0, memory: int | None = 100) -> Usage:
    return Usage(
        cpu_percent=cpu,
        cpus=2,
        memory=memory,
        memory_limit=None,
        rx=None,
        tx=None,
        blk_read=None,
        blk_write=None,
        pids=3,
        read_ns=second * 10**9 + 500_000_000,
        rx_rate=7.0,
    )


def ns(second: int) -> int:
    return second * 10**9


def test_it_returns_equally_long_columns_and_none_for_what_is_unknown() -> None:
    history = StatsHistory()
    for second in range(NOW, NOW + 3):
        history.add("c", figures(second, cpu=float(second - NOW)))
    found = history.query("c", until_ns=ns(NOW + 2), seconds=600)
    assert (found.step, found.t) == (1, [NOW, NOW + 1, NOW + 2])
    assert found.columns["cpu"] == [0.0, 1.0, 2.0]
    assert found.columns["rx"] == [7.0] * 3
    assert found.columns["tx"] == [None] * 3
    assert set(found.columns) == set(FIELDS)


def test_nothing_known_is_an_empty_history() -> None:
    found = StatsHistory().query("c", until_ns=ns(NOW), seconds=600)
    assert (found.t, found.columns["cpu"]) == ([], [])


def test_a_slow_sample_holds_for_all_the_seconds_since_the_one_before() -> None:
    history = StatsHistory()
    history.add("c", figures(NOW))
    history.add("c", figures(NOW + 10, cpu=5.0), since_ns=ns(NOW))
    found = history.query("c", until_ns=ns(NOW + 10), seconds=600)
    assert found.columns["cpu"] == [1.0] + [5.0] * 10


def test_a_time_without_samples_is_a_gap() -> None:
    history = StatsHistory()
    history.add("c", figures(NOW))
    history.add("c", figures(NOW + 5))
    found = history.query("c", until_ns=ns(NOW + 9), seconds=600)
    assert found.columns["cpu"] == [1.0, None, None, None, None, 1.0]


@pytest.mark.parametrize(("seconds", "step"), [(600, 1), (601, 10), (21600, 10), (21601, 60), (604800, 60)])
def test_the_finest_step_that_reaches_far_enough_is_used(seconds: int, step: int) -> None:
    history = StatsHistory()
    history.add("c", figures(NOW))
    assert history.query("c", until_ns=ns(NOW), seconds=seconds, points=20_000).step == step


def test_coarse_points_are_the_means_of_their_seconds() -> None:
    history = StatsHistory()
    for second in range(NOW, NOW + 40):
        history.add("c", figures(second, cpu=float(second - NOW)))
    found = history.query("c", until_ns=ns(NOW + 39), seconds=3600)
    assert found.columns["cpu"] == [4.5, 14.5, 24.5, 34.5]


def test_points_are_put_together_when_there_are_too_many() -> None:
    history = StatsHistory()
    for second in range(NOW, NOW + 600):
        history.add("c", figures(second, cpu=2.0))
    found = history.query("c", until_ns=ns(NOW + 599), seconds=600, points=100)
    assert found.step == 6
    assert len(found.t) in (100, 101)
    assert set(found.columns["cpu"]) == {2.0}


def test_what_is_older_than_the_tier_is_forgotten() -> None:
    history = StatsHistory()
    for second in range(NOW, NOW + 3000):
        history.add("c", figures(second))
    found = history.query("c", until_ns=ns(NOW + 2999), seconds=600)
    assert 600 <= len(found.t) <= 601
    assert history.size < 40 * PAGE_BYTES


def test_the_budget_holds_and_the_oldest_goes_first() -> None:
    history = StatsHistory(budget=60 * PAGE_BYTES)
    for minute in range(400):
        for id in ("a", "b", "c"):
            history.add(id, figures(NOW + minute * 60), since_ns=ns(NOW + minute * 60 - 60))
        assert history.size <= 60 * PAGE_BYTES
    for id in ("a", "b", "c"):
        assert len(history.query(id, until_ns=ns(NOW + 400 * 60), seconds=600).t) > 300
    history.forget("a")
    history.forget("b")
    history.forget("c")
    assert history.size == 0


def test_a_page_takes_no_more_memory_than_is_stated() -> None:
    history = StatsHistory()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for minute in range(2000):
        history.add("c", figures(NOW + minute * 60), since_ns=ns(NOW + minute * 60 - 60))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < history.size + 8192


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 30)), max_size=60))
def test_any_order_of_times_is_survived(samples: list[tuple[int, int]]) -> None:
    history = StatsHistory(budget=20 * PAGE_BYTES)
    for second, back in samples:
        history.add("c", figures(NOW + second), since_ns=ns(NOW + second - back))
    found = history.query("c", until_ns=ns(NOW + 4000), seconds=21600)
    assert len(found.t) == len(found.columns["cpu"])
    assert history.size <= 20 * PAGE_BYTES or not samples
