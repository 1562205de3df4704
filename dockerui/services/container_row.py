"""One line of the containers list, from `GET /containers/json`, as pages and live updates show it.

The list says when a container changed state only in words ("Up 3 hours (healthy)", "Exited (0) 2 weeks ago"),
so `since` is as exact as the words; an event brings the exact time, which `settled` keeps for as long as the
words agree.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dockerui.engine.errors import ProtocolError

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = {"second": 1, "minute": _MINUTE, "hour": _HOUR, "day": _DAY, "week": 7 * _DAY, "month": 30 * _DAY}
_UNITS["year"] = 365 * _DAY
_AGO = re.compile(r"(about an?|less than a|[0-9]+) (second|minute|hour|day|week|month|year)", re.IGNORECASE)
_CODE = re.compile(r"\((-?\d+)\)")
_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_HTTPS = frozenset({443, 8443, 9443})


@dataclass(frozen=True)
class Port:
    """A published port. `ip` is empty where it is bound to every address."""

    public: int
    private: int
    protocol: str
    ip: str

    @property
    def scheme(self) -> str:
        """What a browser would speak to it."""
        return "https" if self.private in _HTTPS or self.public in _HTTPS else "http"

    @property
    def is_link(self) -> bool:
        """Whether a browser can open it at all."""
        return self.protocol == "tcp"


@dataclass(frozen=True)
class Row:
    """A container in the list. Times are Unix seconds; `since` is 0 where the state has no beginning."""

    id: str
    name: str
    image: str
    image_id: str
    command: str
    state: str
    health: str
    exit_code: int | None
    since: int
    grain: int
    created: int
    ports: tuple[Port, ...]
    exposed: tuple[str, ...]
    project: str
    service: str
    networks: tuple[str, ...]
    mounts: tuple[str, ...]
    size_rw: int | None
    size_root: int | None

    @cached_property
    def version(self) -> str:
        """Changes when anything shown changes."""
        return f"{zlib.crc32(repr(self).encode('utf-8', 'surrogatepass')):08x}"

    @property
    def short(self) -> str:
        """The id as Docker abbreviates it."""
        return self.id[:12]

    @property
    def badge(self) -> str:
        """The one word for its condition: a failing health check outranks `running`."""
        if self.state == "running" and self.health in ("unhealthy", "starting"):
            return self.health
        return self.state

    @property
    def running(self) -> bool:
        """Whether it has processes, and so statistics."""
        return self.state in ("running", "paused")

    @property
    def startable(self) -> bool:
        """Whether it lies still and can be started."""
        return self.state in ("created", "exited", "dead")

    @property
    def search(self) -> str:
        """What the free-text filter looks into."""
        return " ".join(filter(None, (self.name, self.image, self.project, self.service, self.short))).lower()


def rows_of(listed: Any, *, sized: bool = False) -> list[Row]:
    """The rows of a list that the Engine just answered with, `sized` if it was asked for sizes.

    Raises ProtocolError when it is none.
    """
    summaries = listed if listed is not None else []
    if not isinstance(summaries, list) or not all(isinstance(s, Mapping) and s.get("Id") for s in summaries):
        raise ProtocolError("what the Engine sent is no list of containers")
    now = time.time()
    return [row_of(summary, now=now, sized=sized) for summary in summaries]


def row_of(summary: Mapping[str, Any], *, now: float, sized: bool = False) -> Row:
    """The row for one element of the Engine's list, read at `now` (Unix seconds).

    `sized` tells a size of 0, which the Engine leaves out, from one that was not asked for.
    """
    labels: Mapping[str, str] = summary.get("Labels") or {}
    words = str(summary.get("Status") or "")
    state = str(summary.get("State") or _state(words)).lower()
    code = _CODE.search(words) if state in ("exited", "dead", "restarting") else None
    since, grain = _since(words, now)
    published, exposed = _ports(summary.get("Ports") or [])
    settings: Mapping[str, Any] = summary.get("NetworkSettings") or {}
    return Row(
        id=str(summary["Id"]),
        name=_name(summary),
        image=str(summary.get("Image") or ""),
        image_id=str(summary.get("ImageID") or ""),
        command=str(summary.get("Command") or ""),
        state=state,
        health=_health(summary, words) if state in ("running", "paused") else "",
        exit_code=int(code[1]) if code else None,
        since=since,
        grain=grain,
        created=int(summary.get("Created") or 0),
        ports=published,
        exposed=exposed,
        project=str(labels.get(PROJECT) or ""),
        service=str(labels.get(SERVICE) or ""),
        networks=tuple(sorted(settings.get("Networks") or {})),
        mounts=tuple(_mount(mount) for mount in summary.get("Mounts") or []),
        size_rw=int(summary.get("SizeRw") or 0) if sized else None,
        size_root=int(summary.get("SizeRootFs") or 0) if sized else None,
    )


def settled(row: Row, before: Row | None) -> Row:
    """`row` with the more exact `since` of the row it replaces, while both speak of the same stretch of time.

    Without this each look at the list would move `since` a little and every row would seem to change.
    """
    if before is None or before.state != row.state or before.exit_code != row.exit_code:
        return row
    if abs(before.since - row.since) <= max(row.grain, 2) * 1.5:
        return replace(row, since=before.since, grain=before.grain)
    return row


def changed_at(row: Row, second: int) -> Row:
    """`row` with the exact time of its last change of state, which an event told."""
    return replace(row, since=second, grain=1)


def _name(summary: Mapping[str, Any]) -> str:
    """The shortest name: longer ones are links that other containers have to it (`/other/alias`)."""
    names = [str(name).lstrip("/") for name in summary.get("Names") or []]
    return min(names, key=lambda name: (name.count("/"), len(name)), default=str(summary["Id"])[:12])


def _state(words: str) -> str:
    """The state from the words, for Engines whose list lacks it (API 1.22 and older, some proxies)."""
    first = words.split(" ", 1)[0].lower()
    if first == "up":
        return "paused" if "(Paused)" in words else "running"
    return {"removal": "removing", "": "created"}.get(first, first)


def _health(summary: Mapping[str, Any], words: str) -> str:
    health = summary.get("Health")
    if isinstance(health, Mapping) and health.get("Status") in ("healthy", "unhealthy", "starting"):
        return str(health["Status"])
    found = _HEALTH.search(words)
    return found[1] if found else ""


def _since(words: str, now: float) -> tuple[int, int]:
    found = _AGO.search(words)
    if not found:
        return 0, 0
    count = {"about a": 1, "about an": 1, "less than a": 0}.get(found[1].lower())
    unit = _UNITS[found[2].lower()]
    return int(now - unit * (int(found[1]) if count is None else count)), unit


def _ports(ports: list[Mapping[str, Any]]) -> tuple[tuple[Port, ...], tuple[str, ...]]:
    """Published ports, IPv4 and IPv6 twins as one, and those that are only exposed."""
    published: dict[tuple[int, int, str, str], Port] = {}
    exposed = set()
    for entry in ports:
        private, protocol = int(entry.get("PrivatePort") or 0), str(entry.get("Type") or "tcp")
        public = int(entry.get("PublicPort") or 0)
        if not public:
            exposed.add(f"{private}/{protocol}")
            continue
        ip = str(entry.get("IP") or "")
        port = Port(public, private, protocol, "" if ip in ("0.0.0.0", "::") else ip)  # noqa: S104 compared only
        published[(private, public, protocol, port.ip)] = port
    return tuple(published[key] for key in sorted(published)), tuple(sorted(exposed))


def _mount(mount: Mapping[str, Any]) -> str:
    source = mount.get("Name") or mount.get("Source") or mount.get("Type") or "?"
    return f"{source}:{mount.get('Destination', '')}"
