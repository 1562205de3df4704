"""CPU, memory, network and block arithmetic: cgroup v1 and v2, Windows, Podman, stopped containers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.protocol.stats import Sample, Usage, usage, usage_of

S = 10**9
MIB = 1 << 20


def at(second: int, fraction: str = "") -> str:
    return f"2026-01-01T00:00:{second:02}{fraction}Z"


def v1(second: int, total: int, system: int, **changes: Any) -> dict[str, Any]:
    return {
        "read": at(second),
        "preread": at(second - 1) if second else "0001-01-01T00:00:00Z",
        "num_procs": 0,
        "pids_stats": {"current": 3},
        "cpu_stats": {
            "cpu_usage": {"total_usage": total, "percpu_usage": [total // 2, total // 2]},
            "system_cpu_usage": system,
            "online_cpus": 2,
        },
        "precpu_stats": {
            "cpu_usage": {"total_usage": total - S // 2},
            "system_cpu_usage": system - 2 * S,
            "online_cpus": 2,
        },
        "memory_stats": {
            "usage": 100 * MIB,
            "max_usage": 120 * MIB,
            "limit": 200 * MIB,
            "stats": {"total_inactive_file": 30 * MIB, "inactive_file": 10 * MIB, "cache": 50 * MIB},
        },
        "networks": {"eth0": {"rx_bytes": 100, "tx_bytes": 10}, "eth1": {"rx_bytes": 5, "tx_bytes": 1}},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"major": 8, "minor": 0, "op": "Read", "value": 4096},
                {"major": 8, "minor": 16, "op": "Read", "value": 4096},
                {"major": 8, "minor": 0, "op": "Write", "value": 512},
                {"major": 8, "minor": 0, "op": "Total", "value": 9999},
            ]
        },
        **changes,
    }


def read(raw: dict[str, Any]) -> Sample:
    sample = Sample.read(raw)
    assert sample is not None
    return sample


def between(first: dict[str, Any], second: dict[str, Any]) -> Usage:
    return usage(read(second), read(first))


def test_cgroup_v1() -> None:
    now = between(v1(1, S, 10 * S), v1(2, S + S // 2, 12 * S))
    assert now.cpu_percent == pytest.approx(50.0)
    assert (now.cpus, now.memory, now.memory_limit, now.pids) == (2, 70 * MIB, 200 * MIB, 3)
    assert now.memory_percent == pytest.approx(35.0)
    assert (now.rx, now.tx, now.blk_read, now.blk_write) == (105, 11, 8192, 512)
    assert (now.rx_rate, now.tx_rate, now.blk_read_rate, now.blk_write_rate) == (0, 0, 0, 0)


def test_cgroup_v2() -> None:
    memory = {"usage": 100 * MIB, "limit": 200 * MIB, "stats": {"inactive_file": 25 * MIB, "file": 60 * MIB}}
    blocks = {
        "io_service_bytes_recursive": [{"op": "read", "value": 1}, {"op": "write", "value": 2}],
        "sectors_recursive": None,
    }

    def v2(second: int, total: int, system: int) -> dict[str, Any]:
        cpu = {"cpu_usage": {"total_usage": total}, "system_cpu_usage": system, "online_cpus": 4}
        return v1(second, total, system, cpu_stats=cpu, memory_stats=memory, blkio_stats=blocks)

    now = between(v2(1, S, 10 * S), v2(2, 5 * S, 14 * S))
    assert now.cpu_percent == pytest.approx(400.0)
    assert (now.cpus, now.memory, now.blk_read, now.blk_write) == (4, 75 * MIB, 1, 2)


def test_windows() -> None:
    def windows(second: int, total: int, **changes: Any) -> dict[str, Any]:
        return {
            "read": at(second),
            "num_procs": 4,
            "cpu_stats": {"cpu_usage": {"total_usage": total}},
            "memory_stats": {"commitbytes": 9, "privateworkingset": 5 * MIB},
            "storage_stats": {"read_size_bytes": 10 * second, "write_size_bytes": 20},
            "networks": {"Ethernet": {"rx_bytes": 1, "tx_bytes": 2}},
            **changes,
        }

    now = between(windows(1, 0), windows(2, 10_000_000))
    assert now.cpu_percent == pytest.approx(25.0)
    assert (now.memory, now.memory_limit, now.memory_percent, now.pids) == (5 * MIB, None, None, None)
    assert (now.blk_read, now.blk_read_rate, now.blk_write_rate) == (20, 10.0, 0.0)
    assert read(windows(1, 0, os_type="windows", num_procs=0)).windows
    assert not read(v1(1, 0, 1, os_type="linux")).windows


def test_rates_use_the_samples_own_times() -> None:
    first, second = v1(1, S, 10 * S), v1(3, 2 * S, 14 * S)
    second["read"] = at(3, ".5")
    second["networks"] = {"eth0": {"rx_bytes": 355, "tx_bytes": 11}}
    now = between(first, second)
    assert (now.rx_rate, now.tx_rate) == (100.0, 0.0)


@pytest.mark.parametrize(
    ("total", "system"),
    [(S, 10 * S), (S, 12 * S), (S // 2, 12 * S), (2 * S, 10 * S), (2 * S, 9 * S)],
)
def test_cpu_is_0_when_a_counter_stood_still_or_went_back(total: int, system: int) -> None:
    assert between(v1(1, S, 10 * S), v1(2, total, system)).cpu_percent == 0


def test_a_counter_that_went_back_is_a_gap_not_a_negative_rate() -> None:
    now = between(v1(1, S, 10 * S), v1(2, S, 12 * S, networks={"eth0": {"rx_bytes": 1, "tx_bytes": 50}}))
    assert (now.rx_rate, now.tx_rate) == (None, 39.0)


@pytest.mark.parametrize("second", [1, 2])
def test_the_same_or_an_older_time_gives_no_rates(second: int) -> None:
    now = between(v1(2, S, 10 * S), v1(second, 2 * S, 12 * S))
    assert (now.cpu_percent, now.rx_rate) == (None, None)
    assert now.rx == 105


def test_the_first_sample_has_no_rates() -> None:
    now = usage(read(v1(1, S, 10 * S)), None)
    assert (now.cpu_percent, now.rx_rate, now.blk_write_rate) == (None, None, None)
    assert now.memory == 70 * MIB


@pytest.mark.parametrize(
    ("cpu", "cpus"),
    [
        ({"online_cpus": 8, "cpu_usage": {"total_usage": 1, "percpu_usage": [1, 1]}}, 8),
        ({"online_cpus": 0, "cpu_usage": {"total_usage": 1, "percpu_usage": [1, 1]}}, 2),
        ({"cpu_usage": {"total_usage": 1, "percpu_usage": [1, 1, 1]}}, 3),
        ({"cpu_usage": {"total_usage": 1, "percpu_usage": None}}, None),
        ({"cpu_usage": {"total_usage": 1}}, None),
    ],
)
def test_the_number_of_cpus(cpu: dict[str, Any], cpus: int | None) -> None:
    assert read(v1(1, 0, 0, cpu_stats=cpu)).cpus == cpus


def test_without_a_system_counter_cpu_comes_from_the_clock() -> None:
    def bare(second: int, total: int) -> dict[str, Any]:
        return v1(second, 0, 0, cpu_stats={"cpu_usage": {"total_usage": total}, "online_cpus": 2})

    assert between(bare(1, S), bare(3, 2 * S)).cpu_percent == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("memory", "used"),
    [
        ({"usage": 10, "stats": {"total_inactive_file": 4, "inactive_file": 9}}, 6),
        ({"usage": 10, "stats": {"inactive_file": 9}}, 1),
        ({"usage": 10, "stats": {"inactive_file": 10}}, 10),
        ({"usage": 10, "stats": {"inactive_file": 11}}, 10),
        ({"usage": 10, "stats": None}, 10),
        ({"usage": 10}, 10),
        ({"usage": 10.0}, 10),
        ({}, None),
        (None, None),
    ],
)
def test_memory_without_the_page_cache(memory: Any, used: int | None) -> None:
    sample = read(v1(1, 0, 0, memory_stats=memory))
    assert (sample.memory, sample.memory_limit) == (used, None)


@pytest.mark.parametrize("networks", [None, {}, []])
def test_without_a_network_of_its_own_there_are_no_counters(networks: Any) -> None:
    sample = read(v1(1, 0, 0, networks=networks))
    assert (sample.rx, sample.tx) == (None, None)


@pytest.mark.parametrize(
    ("blocks", "counted"),
    [
        ({"io_service_bytes_recursive": None}, 0),
        ({"io_service_bytes_recursive": []}, 0),
        ({}, None),
        (None, None),
    ],
)
def test_block_lists_may_be_null(blocks: Any, counted: int | None) -> None:
    sample = read(v1(1, 0, 0, blkio_stats=blocks))
    assert (sample.blk_read, sample.blk_write) == (counted, counted)


@pytest.mark.parametrize(
    "raw",
    [{},
     {"read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}}},
     {"read": at(1), "cpu_stats": {}},
     {"read": "soon", "cpu_stats": {"cpu_usage": {"total_usage": 0}}}, {"read": None}],
)  # fmt: skip
def test_a_stopped_container_has_no_sample(raw: dict[str, Any]) -> None:
    assert Sample.read(raw) is None
    assert usage_of(raw) is None


def test_one_document_alone_carries_the_cpu_before() -> None:
    now = usage_of(v1(2, S + S // 2, 12 * S))
    assert now is not None
    assert now.cpu_percent == pytest.approx(50.0)
    assert now.rx_rate is None


def test_one_document_without_a_moment_before_has_no_cpu() -> None:
    one_shot = v1(0, S, 12 * S, precpu_stats={"cpu_usage": {"total_usage": 0}})
    podman = v1(
        2, S, 12 * S, precpu_stats={"cpu_usage": {"total_usage": 0}, "system_cpu_usage": 0, "online_cpus": 0}
    )
    for raw in (one_shot, podman):
        now = usage_of(raw)
        assert now is not None
        assert now.cpu_percent is None


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | st.text(max_size=5)
    | st.just(at(1))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["cpu_usage", "total_usage", "stats", "usage", "eth0", "op", "value"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
KEYS = [
    "read",
    "cpu_stats",
    "precpu_stats",
    "memory_stats",
    "networks",
    "blkio_stats",
    "pids_stats",
    "num_procs",
    "os_type",
]


@given(st.dictionaries(st.sampled_from(KEYS), values), st.dictionaries(st.sampled_from(KEYS), values))
def test_no_document_whatever_fails(first: dict[str, Any], second: dict[str, Any]) -> None:
    samples = [Sample.read({**v1(1, S, 10 * S), **first}), Sample.read({**v1(2, S, 12 * S), **second})]
    if samples[0] and samples[1]:
        now = usage(samples[1], samples[0])
        assert now.cpu_percent is None or now.cpu_percent >= 0
        assert now.rx_rate is None or now.rx_rate >= 0
    usage_of({**v1(2, S, 12 * S), **second})
