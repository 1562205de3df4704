"""What `docker inspect` says, in words: the container page's Overview.

Pure functions from the Engine's JSON (`GET /containers/{id}/json`) to frozen dataclasses; every key may be
missing or null, since Engines from 1.12 to 28 and Podman leave out different ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import masking

from .words import bytes_iec, nanoseconds, shell_words

ZERO_TIME = "0001-01-01"
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """One line of a definition list; `note` says what the value means for the operator."""

    label: str
    value: str
    note: str = ""
    mono: bool = False


@dataclass(frozen=True)
class FactGroup:
    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class MountView:
    type: str
    source: str
    destination: str
    writable: bool
    name: str
    driver: str
    propagation: str


@dataclass(frozen=True)
class NetworkView:
    name: str
    network_id: str
    ipv4: str
    ipv6: str
    mac: str
    gateway: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class PortView:
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
class HealthCheck:
    start: str
    end: str
    exit_code: int
    output: str


@dataclass(frozen=True)
class HealthView:
    status: str
    failing_streak: int
    test: str
    schedule: str
    log: tuple[HealthCheck, ...]


@dataclass(frozen=True)
class EnvVar:
    name: str
    value: str | None
    """None where the viewer may not see it."""


@dataclass(frozen=True)
class ContainerDetail:
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
    state, config = _map(inspect, "State"), _map(inspect, "Config")
    labels = _map(config, "Labels")
    return ContainerDetail(
        id=inspect.get("Id", ""),
        name=str(inspect.get("Name", "")).lstrip("/"),
        image=config.get("Image", ""),
        image_id=inspect.get("Image", ""),
        status=_status(state),
        health=_health(state, config),
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


def fact_groups(inspect: Json) -> tuple[FactGroup, ...]:
    """The configuration in words, grouped the way an operator asks for it."""
    config, host = _map(inspect, "Config"), _map(inspect, "HostConfig")
    return (
        FactGroup("Process", _process(inspect, config, host)),
        FactGroup("Limits", _limits(host)),
        FactGroup("Restart and logging", _restart(inspect, host)),
        FactGroup("Isolation", _isolation(host)),
    )


def _process(inspect: Json, config: Json, host: Json) -> tuple[Fact, ...]:
    command = [inspect.get("Path", ""), *(inspect.get("Args") or ())]
    stop = config.get("StopSignal") or "SIGTERM"
    wait = config.get("StopTimeout")
    return _facts(
        Fact("Command", shell_words(command), mono=True),
        Fact("Entrypoint", shell_words(config.get("Entrypoint") or ()), mono=True),
        Fact("User", config.get("User") or "root (the image's default)"),
        Fact("Working directory", config.get("WorkingDir") or "/", mono=True),
        Fact(
            "Host name", ".".join(filter(None, (config.get("Hostname"), config.get("Domainname")))), mono=True
        ),
        Fact("Terminal", _terminal(config)),
        Fact("Stops with", stop, f"then SIGKILL after {10 if wait is None else wait} s"),
        Fact("Init process", "yes, reaps zombies and forwards signals" if host.get("Init") else ""),
        Fact("Platform", inspect.get("Platform") or ""),
    )


def _terminal(config: Json) -> str:
    parts = ["a tty" if config.get("Tty") else "no tty"]
    if config.get("OpenStdin"):
        parts.append("stdin open" + (", closes after the first attach" if config.get("StdinOnce") else ""))
    return ", ".join(parts)


def _limits(host: Json) -> tuple[Fact, ...]:
    memory, swap = int(host.get("Memory") or 0), int(host.get("MemorySwap") or 0)
    pids = host.get("PidsLimit")
    return _facts(
        Fact("Memory", bytes_iec(memory) if memory else "no limit"),
        Fact("Swap", _swap(memory, swap)),
        Fact(
            "Memory reservation",
            bytes_iec(host["MemoryReservation"]) if host.get("MemoryReservation") else "",
        ),
        Fact("CPU", _cpu(host)),
        Fact(
            "CPU shares",
            str(host["CpuShares"]) if host.get("CpuShares") else "",
            "relative weight, 1024 is usual",
        ),
        Fact("Pinned to CPUs", host.get("CpusetCpus") or "", mono=True),
        Fact("Processes", f"at most {pids}" if pids and pids > 0 else "no limit"),
        Fact("Shared memory", bytes_iec(host["ShmSize"]) if host.get("ShmSize") else ""),
        Fact("Block I/O weight", str(host["BlkioWeight"]) if host.get("BlkioWeight") else ""),
        Fact("Out-of-memory killer", "disabled" if host.get("OomKillDisable") else ""),
        *(
            Fact(f"ulimit {limit.get('Name')}", f"{limit.get('Soft')} soft, {limit.get('Hard')} hard")
            for limit in host.get("Ulimits") or ()
        ),
    )


def _swap(memory: int, swap: int) -> str:
    if not memory:
        return ""
    if swap == -1:
        return "no limit"
    return bytes_iec(max(0, swap - memory)) if swap else ""


def _cpu(host: Json) -> str:
    if nano := int(host.get("NanoCpus") or 0):
        return f"{nano / 1e9:g} CPUs"
    quota, period = int(host.get("CpuQuota") or 0), int(host.get("CpuPeriod") or 0) or 100_000
    return f"{quota / period:g} CPUs" if quota > 0 else "no limit"


def _restart(inspect: Json, host: Json) -> tuple[Fact, ...]:
    log = _map(host, "LogConfig")
    given = masking.options(_map(log, "Config"))
    options = ", ".join(f"{key}={value}" for key, value in sorted(given.items()))
    return _facts(
        Fact("Restart policy", restart_words(_map(host, "RestartPolicy"))),
        Fact("Restarts so far", str(inspect.get("RestartCount") or 0)),
        Fact("When it exits", "it is removed" if host.get("AutoRemove") else ""),
        Fact("Log driver", log.get("Type") or "", options),
    )


def restart_words(policy: Json) -> str:
    """A restart policy as a sentence; an empty name is the Engine's spelling of `no`."""
    name, most = policy.get("Name") or "no", int(policy.get("MaximumRetryCount") or 0)
    return {
        "no": "never restarts",
        "always": "always restarts, also after the Engine starts",
        "unless-stopped": "restarts unless somebody stopped it",
        "on-failure": "restarts when it fails" + (f", at most {most} times" if most else ""),
    }.get(name, name)


def _isolation(host: Json) -> tuple[Fact, ...]:
    return _facts(
        Fact("Privileged", "yes" if host.get("Privileged") else "", "has every right of the host's root"),
        Fact("Root file system", "read-only" if host.get("ReadonlyRootfs") else ""),
        Fact("Capabilities added", ", ".join(host.get("CapAdd") or ())),
        Fact("Capabilities dropped", ", ".join(host.get("CapDrop") or ())),
        Fact("Security options", ", ".join(host.get("SecurityOpt") or ())),
        Fact("Network mode", host.get("NetworkMode") or ""),
        Fact("PID namespace", host.get("PidMode") or ""),
        Fact("IPC namespace", host.get("IpcMode") or ""),
        Fact("User namespace", host.get("UsernsMode") or ""),
        Fact("UTS namespace", host.get("UTSMode") or ""),
        Fact("Runtime", host.get("Runtime") or "", mono=True),
        Fact(
            "Devices",
            ", ".join(str(device.get("PathOnHost")) for device in host.get("Devices") or ()),
            mono=True,
        ),
        Fact("DNS servers", ", ".join(host.get("Dns") or ()), mono=True),
        Fact("Extra hosts", ", ".join(host.get("ExtraHosts") or ()), mono=True),
        Fact(
            "Kernel parameters",
            ", ".join(f"{k}={v}" for k, v in sorted(_map(host, "Sysctls").items())),
            mono=True,
        ),
    )


def _facts(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def _map(source: Json, key: str) -> Json:
    value = source.get(key)
    return value if isinstance(value, Mapping) else {}


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


def _health(state: Json, config: Json) -> HealthView | None:
    health = _map(state, "Health") or _map(state, "Healthcheck")
    if not health or health.get("Status") in (None, "", "none"):
        return None
    check = _map(config, "Healthcheck")
    log = tuple(
        HealthCheck(
            entry.get("Start", ""),
            entry.get("End", ""),
            int(entry.get("ExitCode") or 0),
            entry.get("Output") or "",
        )
        for entry in reversed(health.get("Log") or ())
    )
    return HealthView(
        status=health["Status"],
        failing_streak=int(health.get("FailingStreak") or 0),
        test=_health_test(check.get("Test") or ()),
        schedule=_health_schedule(check),
        log=log,
    )


def _health_test(test: Any) -> str:
    if not test:
        return ""
    return " ".join(test[1:]) if test[0] == "CMD-SHELL" else shell_words(test[1:])


def _health_schedule(check: Json) -> str:
    every = nanoseconds(check.get("Interval") or 30_000_000_000)
    limit = nanoseconds(check.get("Timeout") or 30_000_000_000)
    tries = check.get("Retries") or 3
    words = f"every {every}, gives up after {limit}, unhealthy after {tries} failures in a row"
    if start := check.get("StartPeriod"):
        words += f", failures in the first {nanoseconds(start)} do not count"
    return words


def _ports(inspect: Json) -> tuple[PortView, ...]:
    found: dict[tuple[str, str, str], PortView] = {}
    bound = _map(_map(inspect, "NetworkSettings"), "Ports") or _map(
        _map(inspect, "HostConfig"), "PortBindings"
    )
    exposed = _map(_map(inspect, "Config"), "ExposedPorts")
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
    for path, options in _map(_map(inspect, "HostConfig"), "Tmpfs").items():
        if path not in known:
            mounts.append(MountView("tmpfs", options or "", path, True, "", "", ""))
    return tuple(sorted(mounts, key=lambda mount: mount.destination))


def _networks(inspect: Json) -> tuple[NetworkView, ...]:
    networks = _map(_map(inspect, "NetworkSettings"), "Networks")
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
