"""What `docker inspect` says, in words: the container page's Overview.

Pure functions from the Engine's JSON (`GET /containers/{id}/json`) to frozen dataclasses; every key may be
missing or null, since Engines from 1.12 to 28 and Podman leave out different ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .container_facts import FactGroup, Json, fact_groups, part
from .container_health import HealthView, health_view

ZERO_TIME = "0001-01-01"


@dataclass(frozen=True)
class MountView:
    """Something mounted at `destination`; `source` is a path of the host, or the options of a tmpfs."""

    type: str
    source: str
    destination: str
    writable: bool
    name: str
    driver: str
    propagation: str


@dataclass(frozen=True)
class NetworkView:
    """A network it is in; addresses carry the length of their prefix."""

    name: str
    network_id: str
    ipv4: str
    ipv6: str
    mac: str
    gateway: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class PortView:
    """A port of the container; the host's is empty where it is exposed but not published."""

    container: str
    protocol: str
    host_ip: str
    host_port: str

    @property
    def scheme(self) -> str:
        return "https" if self.container in ("443", "8443") else "http"

    @property
    def is_web(self) -> bool:
        return self.protocol == "tcp" and bool(self.host_port)


@dataclass(frozen=True)
class EnvVar:
    name: str
    value: str | None
    """None where the viewer may not see it."""


@dataclass(frozen=True)
class ContainerDetail:
    """What the pages of one container show of it."""

    id: str
    name: str
    image: str
    image_id: str
    status: str
    health: HealthView | None
    running: bool
    paused: bool
    exit_code: int
    error: str
    oom_killed: bool
    created: str
    started: str
    finished: str
    restart_count: int
    tty: bool
    open_stdin: bool
    project: str
    service: str
    groups: tuple[FactGroup, ...]
    ports: tuple[PortView, ...]
    mounts: tuple[MountView, ...]
    networks: tuple[NetworkView, ...]
    env: tuple[EnvVar, ...]
    labels: tuple[tuple[str, str], ...]

    @property
    def short_id(self) -> str:
        return self.id[:12]

    @property
    def badge(self) -> str:
        """The one word that matters most now: health over state."""
        if (
            self.running
            and not self.paused
            and self.health
            and self.health.status in ("unhealthy", "starting")
        ):
            return self.health.status
        return self.status


def describe(inspect: Json, *, reveal: bool) -> ContainerDetail:
    """Read an inspect document; `reveal` shows environment values, else they are None (security rule R15)."""
    state, config = part(inspect, "State"), part(inspect, "Config")
    labels = part(config, "Labels")
    return ContainerDetail(
        id=inspect.get("Id", ""),
        name=str(inspect.get("Name", "")).lstrip("/"),
        image=config.get("Image", ""),
        image_id=inspect.get("Image", ""),
        status=_status(state),
        health=health_view(state, config),
        running=bool(state.get("Running")),
        paused=bool(state.get("Paused")),
        exit_code=int(state.get("ExitCode") or 0),
        error=state.get("Error") or "",
        oom_killed=bool(state.get("OOMKilled")),
        created=inspect.get("Created", ""),
        started=_time(state.get("StartedAt")),
        finished=_time(state.get("FinishedAt")),
        restart_count=int(inspect.get("RestartCount") or 0),
        tty=bool(config.get("Tty")),
        open_stdin=bool(config.get("OpenStdin")),
        project=labels.get("com.docker.compose.project", ""),
        service=labels.get("com.docker.compose.service", ""),
        groups=tuple(group for group in fact_groups(inspect) if group.facts),
        ports=_ports(inspect),
        mounts=_mounts(inspect),
        networks=_networks(inspect),
        env=tuple(_env(entry, reveal) for entry in config.get("Env") or ()),
        labels=tuple(sorted(labels.items())),
    )


def _time(value: Any) -> str:
    return "" if not value or str(value).startswith(ZERO_TIME) else str(value)


def _status(state: Json) -> str:
    """Podman and 1.12 leave `Status` out at times; the flags are always there."""
    if status := state.get("Status"):
        return str(status)
    for flag, word in (
        ("Paused", "paused"),
        ("Restarting", "restarting"),
        ("Running", "running"),
        ("Dead", "dead"),
    ):
        if state.get(flag):
            return word
    return "exited" if _time(state.get("StartedAt")) else "created"


def _ports(inspect: Json) -> tuple[PortView, ...]:
    found: dict[tuple[str, str, str], PortView] = {}
    bound = part(part(inspect, "NetworkSettings"), "Ports") or part(
        part(inspect, "HostConfig"), "PortBindings"
    )
    exposed = part(part(inspect, "Config"), "ExposedPorts")
    for key in sorted(
        {*bound, *exposed}, key=lambda text: (int(text.split("/")[0].split("-")[0] or 0), text)
    ):
        number, _, protocol = key.partition("/")
        bindings: list[Json] = bound.get(key) or [{}]
        for binding in bindings:
            view = PortView(
                number, protocol or "tcp", binding.get("HostIp") or "", binding.get("HostPort") or ""
            )
            # One port is listed for 0.0.0.0 and again for ::; to a person it is one.
            found.setdefault((number, view.protocol, view.host_port), view)
    return tuple(found.values())


def _mounts(inspect: Json) -> tuple[MountView, ...]:
    mounts = [
        MountView(
            type=mount.get("Type") or ("volume" if mount.get("Name") else "bind"),
            source=mount.get("Source") or "",
            destination=mount.get("Destination") or "",
            writable=bool(mount.get("RW")),
            name=mount.get("Name") or "",
            driver=mount.get("Driver") or "",
            propagation=mount.get("Propagation") or "",
        )
        for mount in inspect.get("Mounts") or ()
    ]
    known = {mount.destination for mount in mounts}
    for path, options in part(part(inspect, "HostConfig"), "Tmpfs").items():
        if path not in known:
            mounts.append(MountView("tmpfs", options or "", path, True, "", "", ""))
    return tuple(sorted(mounts, key=lambda mount: mount.destination))


def _networks(inspect: Json) -> tuple[NetworkView, ...]:
    networks = part(part(inspect, "NetworkSettings"), "Networks")
    return tuple(
        NetworkView(
            name=name,
            network_id=entry.get("NetworkID") or "",
            ipv4=_cidr(entry.get("IPAddress"), entry.get("IPPrefixLen")),
            ipv6=_cidr(entry.get("GlobalIPv6Address"), entry.get("GlobalIPv6PrefixLen")),
            mac=entry.get("MacAddress") or "",
            gateway=entry.get("Gateway") or "",
            aliases=tuple(entry.get("Aliases") or ()),
        )
        for name, entry in sorted(networks.items())
        if isinstance(entry, Mapping)
    )


def _cidr(address: Any, prefix: Any) -> str:
    return f"{address}/{prefix}" if address and prefix else str(address or "")


def _env(entry: str, reveal: bool) -> EnvVar:
    name, _, value = entry.partition("=")
    return EnvVar(name, value if reveal else None)
