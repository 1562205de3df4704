"""The fields that `POST /containers/{id}/update` can change while a container runs, between form and body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor
from dockerui.engine.api.containers import CONTAINER_UPDATE
from dockerui.services import containers
from dockerui.services.container_fields import parse_restart, parse_size, restart_word, size_word
from dockerui.services.door import engine_for
from dockerui.services.errors import BadInput

Json = dict[str, Any]
UNLIMITED = ("unlimited", "-1")


@dataclass(frozen=True)
class Limit:
    """One field of the form: the name the Engine and a person have for it, and both ways of reading it."""

    key: str
    label: str
    hint: str
    parse: Callable[[str, str], Any]
    show: Callable[[Any], str]


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def parse(text: str, label: str) -> int:
        try:
            number = int(text) if len(text) < 20 else high + 1
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise BadInput(f"{label}: “{text[:20]}” is not a whole number from {low} to {high}.")
        return number

    return parse


def _size(text: str, label: str) -> int:
    if text in UNLIMITED:
        return -1
    size = parse_size(text, label)
    if 0 < size < 6 << 20:
        raise BadInput(f"{label}: the Engine wants at least 6m.")
    return size


def _cpus(text: str, label: str) -> int:
    try:
        cpus = float(text)
    except ValueError:
        cpus = -1.0
    if not 0 <= cpus <= 4096:
        raise BadInput(f"{label}: “{text[:20]}” is not a number of CPUs.")
    return round(cpus * 1e9)


def _set(text: str, label: str) -> str:
    if not all(char.isdigit() or char in ",-" for char in text):
        raise BadInput(f"{label}: write numbers and ranges, such as 0-2,4.")
    return text


def _number(value: Any) -> str:
    return str(value) if value else ""


def _size_text(value: Any) -> str:
    return "unlimited" if value == -1 else size_word(value or 0)


def _cpus_text(value: Any) -> str:
    return f"{value / 1e9:g}" if value else ""


LIMITS: tuple[Limit, ...] = (
    Limit("Memory", "Memory", "such as 512m", _size, _size_text),
    Limit("MemorySwap", "Memory and swap", "such as 1g, or unlimited", _size, _size_text),
    Limit("MemoryReservation", "Memory reservation", "such as 256m", _size, _size_text),
    Limit("KernelMemory", "Kernel memory", "such as 64m; Engines up to API 1.41", _size, _size_text),
    Limit("NanoCpus", "CPUs", "such as 1.5", _cpus, _cpus_text),
    Limit("CpuShares", "CPU shares", "relative weight, 1024 is usual", _whole(0, 262_144), _number),
    Limit("CpuPeriod", "CPU period", "microseconds, 1000 to 1000000", _whole(0, 1_000_000), _number),
    Limit("CpuQuota", "CPU quota", "microseconds per period", _whole(-1, 2**53), _number),
    Limit("CpusetCpus", "Pinned to CPUs", "such as 0-2,4", _set, _number),
    Limit("CpusetMems", "Pinned to memory nodes", "such as 0,1", _set, _number),
    Limit("PidsLimit", "Processes", "at most; -1 for no limit", _whole(-1, 4_194_304), _number),
    Limit("BlkioWeight", "Block I/O weight", "10 to 1000", _whole(0, 1000), _number),
)


@dataclass(frozen=True)
class Shown:
    """A field with its present value, for the form."""

    key: str
    label: str
    hint: str
    value: str


def read(actor: Actor, ref: str) -> Json:
    """What the update form shows: `fields`, as far as the Engine knows them, and the restart policy as
    `restart`. Raises NotFound.
    """
    host = containers.container_inspect(actor, ref).get("HostConfig") or {}
    version = engine_for(actor).version
    fields = [
        Shown(limit.key, limit.label, limit.hint, limit.show(host.get(limit.key)))
        for limit in LIMITS
        if CONTAINER_UPDATE.knows(limit.key, version)
    ]
    return {"fields": fields, "restart": restart_word(host.get("RestartPolicy") or {}) or "no"}


def parse(data: Mapping[str, Any]) -> Json:
    """The update body: only what differs from the value that the form showed (`was-<key>`). Raises
    BadInput.
    """
    body: Json = {}
    for limit in LIMITS:
        text, was = str(data.get(limit.key, "")).strip(), str(data.get(f"was-{limit.key}", "")).strip()
        if text != was:
            body[limit.key] = limit.parse(text or "0", limit.label)
    restart = str(data.get("restart", "")).strip()
    if restart and restart != str(data.get("was-restart", "")).strip():
        body["RestartPolicy"] = parse_restart(restart) or {"Name": "no", "MaximumRetryCount": 0}
    return body
