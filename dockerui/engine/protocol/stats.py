"""Resource usage from the Engine's stats: cgroup v1, cgroup v2, Windows, and what Podman leaves out.

A stats document is a snapshot of counters. `Sample` reads one; `usage` puts two together, with the samples'
own times, so that rates are true whatever the pace of the stream. What an Engine does not tell is None,
never 0.

    CPU, Linux      Δtotal / Δsystem * CPUs * 100 (100 is one CPU); without a system counter Δtotal / Δtime
    CPU, Windows    Δtotal [100 ns] / (Δtime / 100 ns * processors) * 100 (100 is all of them)
    memory, v1      usage - total_inactive_file     memory, v2   usage - inactive_file
    memory, Windows privateworkingset

A stopped container goes on sending empty samples with the time 0001-01-01: `Sample.read` returns None for
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .logline import parse_time

_SECOND = 10**9


@dataclass(frozen=True)
class Sample:
    """Counters of one container at one moment; bytes, and nanoseconds (Windows CPU: 100 ns)."""

    read_ns: int
    cpu_total: int
    cpu_system: int | None
    cpus: int | None
    windows: bool
    memory: int | None
    memory_limit: int | None
    rx: int | None
    tx: int | None
    blk_read: int | None
    blk_write: int | None
    pids: int | None

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Sample | None:
        """Read a stats document; None when it is empty or was taken of a stopped container."""
        return cls._read(raw, "read", "cpu_stats")

    @classmethod
    def before(cls, raw: Mapping[str, Any]) -> Sample | None:
        """The CPU counters of the sample before, which the Engine sends along; None when there is none.

        Only CPU counters have a "before"; the rest of the result is that of `raw` itself.
        """
        return cls._read(raw, "preread", "precpu_stats")

    @classmethod
    def _read(cls, raw: Mapping[str, Any], time_key: str, cpu_key: str) -> Sample | None:
        read_ns = _time(raw.get(time_key))
        cpu = _mapping(raw.get(cpu_key))
        total = _number(_mapping(cpu.get("cpu_usage")).get("total_usage"))
        if read_ns is None or total is None:
            return None
        memory, limit = _memory(_mapping(raw.get("memory_stats")))
        windows = _is_windows(raw)
        rx, tx = _network(raw)
        blk_read, blk_write = _storage(raw) if windows else _block(raw)
        return cls(
            read_ns=read_ns,
            cpu_total=total,
            cpu_system=_number(cpu.get("system_cpu_usage")) or None,
            cpus=_cpus(raw, cpu, windows),
            windows=windows,
            memory=memory,
            memory_limit=limit,
            rx=rx,
            tx=tx,
            blk_read=blk_read,
            blk_write=blk_write,
            pids=_number(_mapping(raw.get("pids_stats")).get("current")),
        )


@dataclass(frozen=True)
class Usage:
    """What a container uses. Sizes in bytes, `…_rate` in bytes a second, times in nanoseconds since 1970.

    `rx`, `tx`, `blk_read`, `blk_write` count since the container's start. `cpu_percent` is None in the
    first sample, a rate is None when there is no sample before or a counter went back (the container was
    restarted).
    """

    cpu_percent: float | None
    cpus: int | None
    memory: int | None
    memory_limit: int | None
    rx: int | None
    tx: int | None
    blk_read: int | None
    blk_write: int | None
    pids: int | None
    read_ns: int
    rx_rate: float | None = None
    tx_rate: float | None = None
    blk_read_rate: float | None = None
    blk_write_rate: float | None = None

    @property
    def memory_percent(self) -> float | None:
        """Memory as a share of its limit, 0 to 100; None when either is unknown."""
        if self.memory is None or not self.memory_limit:
            return None
        return self.memory / self.memory_limit * 100


def usage(sample: Sample, previous: Sample | None) -> Usage:
    """Put a sample and an earlier one of the same container together."""
    seconds = (sample.read_ns - previous.read_ns) / _SECOND if previous else 0.0
    if previous is None or seconds <= 0:
        return _bare(sample, None)

    def rate(now: int | None, then: int | None) -> float | None:
        return (now - then) / seconds if now is not None and then is not None and now >= then else None

    return replace(
        _bare(sample, cpu_percent(sample, previous)),
        rx_rate=rate(sample.rx, previous.rx),
        tx_rate=rate(sample.tx, previous.tx),
        blk_read_rate=rate(sample.blk_read, previous.blk_read),
        blk_write_rate=rate(sample.blk_write, previous.blk_write),
    )


def cpu_percent(sample: Sample, previous: Sample) -> float | None:
    """CPU use between two samples; 0 when a counter stood still or went back, None when it cannot be told.

    On Linux 100 is one CPU, on Windows all of them (as the docker CLI shows it).
    """
    used = sample.cpu_total - previous.cpu_total
    elapsed = sample.read_ns - previous.read_ns
    if sample.windows:
        possible = elapsed / 100 * (sample.cpus or 1)
        return max(0.0, used / possible * 100) if possible > 0 else None
    if sample.cpu_system is not None and previous.cpu_system is not None and sample.cpus:
        system = sample.cpu_system - previous.cpu_system
        return used / system * sample.cpus * 100 if used > 0 and system > 0 else 0.0
    if elapsed <= 0:
        return None
    return max(0.0, used / elapsed * 100)


def usage_of(raw: Mapping[str, Any]) -> Usage | None:
    """Usage from one stats document alone: CPU from the sample it carries of the moment before, no other
    rates.

    None for a stopped container. CPU is unknown with `one-shot`; with Podman's `stream=0`, which sends
    zeros for the moment before, too.
    """
    sample = Sample.read(raw)
    if sample is None:
        return None
    before = Sample.before(raw)
    known = before is not None and (before.cpu_system is not None or before.windows)
    return _bare(sample, cpu_percent(sample, before) if before and known else None)


def _bare(sample: Sample, percent: float | None) -> Usage:
    return Usage(
        cpu_percent=percent,
        cpus=sample.cpus,
        memory=sample.memory,
        memory_limit=sample.memory_limit,
        rx=sample.rx,
        tx=sample.tx,
        blk_read=sample.blk_read,
        blk_write=sample.blk_write,
        pids=sample.pids,
        read_ns=sample.read_ns,
    )


def _cpus(raw: Mapping[str, Any], cpu: Mapping[str, Any], windows: bool) -> int | None:
    """`online_cpus` since API 1.27, before that the length of the list per CPU (which cgroup v2 lacks)."""
    if windows:
        return _number(raw.get("num_procs")) or None
    per_cpu = _mapping(cpu.get("cpu_usage")).get("percpu_usage")
    return _number(cpu.get("online_cpus")) or (len(per_cpu) if isinstance(per_cpu, list) else 0) or None


def _is_windows(raw: Mapping[str, Any]) -> bool:
    """`os_type` since API 1.52; `num_procs` is always 0 on Linux."""
    if raw.get("os_type"):
        return str(raw["os_type"]) == "windows"
    return bool(_number(raw.get("num_procs"))) or "privateworkingset" in _mapping(raw.get("memory_stats"))


def _memory(memory: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Memory in use without the page cache that could be dropped at once, and the limit."""
    private = _number(memory.get("privateworkingset"))
    if private is not None:
        return private, None
    used = _number(memory.get("usage"))
    details = _mapping(memory.get("stats"))
    cache = _number(details.get("total_inactive_file"))
    if cache is None:
        cache = _number(details.get("inactive_file"))
    if used is not None and cache is not None and cache < used:
        used -= cache
    return used, _number(memory.get("limit")) or None


def _network(raw: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """All interfaces together; without a network of its own a container has no `networks`."""
    networks = raw.get("networks")
    if not isinstance(networks, Mapping):
        networks = {"": raw["network"]} if isinstance(raw.get("network"), Mapping) else {}
    interfaces = [_mapping(interface) for interface in networks.values()]
    if not interfaces:
        return None, None
    return _sum(i.get("rx_bytes") for i in interfaces), _sum(i.get("tx_bytes") for i in interfaces)


def _block(raw: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Per device and operation; a null list is no I/O yet. v1 writes `Read`, v2 `read`."""
    block = raw.get("blkio_stats")
    if not isinstance(block, Mapping) or "io_service_bytes_recursive" not in block:
        return None, None
    entries = [_mapping(entry) for entry in block["io_service_bytes_recursive"] or []]

    def total(operation: str) -> int:
        return _sum(e.get("value") for e in entries if str(e.get("op", "")).lower() == operation)

    return total("read"), total("write")


def _storage(raw: Mapping[str, Any]) -> tuple[int | None, int | None]:
    storage = _mapping(raw.get("storage_stats"))
    return _number(storage.get("read_size_bytes")), _number(storage.get("write_size_bytes"))


def _time(value: object) -> int | None:
    """Nanoseconds; None for Go's zero time, year 1."""
    try:
        read = parse_time(value) if isinstance(value, str) else 0
    except ValueError:
        return None
    return read if read > 0 else None


def _sum(values: Iterable[Any]) -> int:
    return sum(_number(value) or 0 for value in values)


def _number(value: object) -> int | None:
    """A counter: a whole number that is not negative. JSON writers of other languages may add `.0`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < float("inf") else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
