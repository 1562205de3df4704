"""The Engine as a whole: what it is, how it is, what it can do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dockerui.access import Actor
from dockerui.access.masking import address
from dockerui.engine import NEWEST, OLDEST
from dockerui.engine.operation import OPERATIONS, Operation, Param
from dockerui.engine.versions import ApiVersion
from dockerui.services.container_facts import Fact, FactGroup
from dockerui.services.door import engine_for, perform
from dockerui.services.words import bytes_iec

Json = Mapping[str, Any]
SKEW = 2.0  # seconds that two clocks may differ before it is worth a word


@dataclass(frozen=True)
class Overview:
    """`ping` is in milliseconds, `skew` in seconds: how far the Engine's clock is ahead of ours."""

    name: str
    groups: tuple[FactGroup, ...]
    warnings: tuple[str, ...]
    ping: float
    skew: float | None
    running: int
    paused: int
    stopped: int
    images: int

    @property
    def skewed(self) -> bool:
        """Whether the clocks differ so much that log times and certificates are in doubt."""
        return self.apart > SKEW

    @property
    def apart(self) -> float:
        """Seconds between the two clocks, whichever is ahead; 0 when the Engine does not tell its time."""
        return abs(self.skew or 0.0)


@dataclass(frozen=True)
class Lack:
    """Something that the Engine cannot do, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Capabilities:
    """What was agreed on, and what does not work because of it."""

    version: str
    engine: str
    engine_range: str
    own_range: str
    podman: bool
    differences: tuple[Lack, ...]
    """What Podman does otherwise than Docker under the same API version."""
    operations: tuple[Lack, ...]
    params: tuple[tuple[str, tuple[Lack, ...]], ...]
    kernel: tuple[Lack, ...]

    @property
    def lacks(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.differences or self.operations or self.params or self.kernel)


def overview(actor: Actor) -> Overview:
    """The Engine's facts in words. Raises EngineError."""
    started = time.perf_counter()
    perform(actor, "system_ping", call=lambda engine: engine.system_ping())
    ping = (time.perf_counter() - started) * 1000
    info = perform(actor, "system_info", call=lambda engine: engine.system_info())
    now = datetime.now(UTC)
    version = perform(actor, "system_version", call=lambda engine: engine.system_version())
    # The Engine's own number counts the layers in between, which no list shows.
    images = perform(actor, "image_list", call=lambda engine: engine.image_list())
    return Overview(
        name=info.get("Name") or "Engine",
        groups=tuple(group for group in _groups(info, version) if group.facts),
        warnings=tuple(_warnings(info)),
        ping=ping,
        skew=_skew(info.get("SystemTime"), now),
        running=int(info.get("ContainersRunning") or 0),
        paused=int(info.get("ContainersPaused") or 0),
        stopped=int(info.get("ContainersStopped") or 0),
        images=len(images),
    )


_PODMAN = (
    Lack(
        "Health checks", "run only where systemd starts their timers; elsewhere a check stays at “starting”"
    ),
    Lack("Attach by websocket", "Podman has no such call; terminals use the raw connection"),
    Lack("Owners of files", "unknown: Podman keeps them to itself when it lists a path"),
    Lack("Several filters of lists", "isolation, is-task, publish and expose are refused"),
    Lack("Some settings of a container", "domain name, log options, runtime and masked paths are ignored"),
    Lack("Registries without TLS", "must be named as insecure in the host's registries.conf"),
    Lack("Networks in use", "Podman would remove them: dockerui refuses that itself"),
    Lack("Restarting", "a state of its own with Docker only; here it shows as stopped or running"),
)


def capabilities(actor: Actor) -> Capabilities:
    """What this Engine cannot do, from the declarations' version gates and its own word on the kernel."""
    info = perform(actor, "system_info", call=lambda engine: engine.system_info())
    engine = engine_for(actor)
    version, server = engine.version, engine.server
    operations, params = [], []
    for operation in OPERATIONS.values():
        if why := _gate(operation, version):
            operations.append(Lack(operation.doc.rstrip("."), why))
            continue
        lacks = tuple(Lack(param.name, why) for param in operation.params if (why := _gate(param, version)))
        if lacks:
            params.append((operation.doc.rstrip("."), lacks))
    return Capabilities(
        version=str(version),
        engine=server.version or "unknown",
        engine_range=f"{server.min_api or 'unknown'} to {server.api}",
        own_range=f"{OLDEST} to {NEWEST}",
        podman=server.is_podman,
        differences=_PODMAN if server.is_podman else (),
        operations=tuple(operations),
        params=tuple(params),
        kernel=tuple(_kernel(info)),
    )


def _gate(what: Operation | Param, version: ApiVersion) -> str:
    if what.since and version < what.since:
        return f"needs API {what.since}"
    if what.until and version > what.until:
        return f"ended with API {what.until}"
    return ""


def _groups(info: Json, version: Json) -> tuple[FactGroup, ...]:
    return (
        FactGroup("Engine", _engine_facts(info, version)),
        FactGroup("Host", _host_facts(info)),
        FactGroup("Storage and running", _storage_facts(info)),
    )


def _engine_facts(info: Json, version: Json) -> tuple[Fact, ...]:
    swarm = info.get("Swarm") or {}
    return _facts(
        Fact("Version", str(info.get("ServerVersion") or "")),
        Fact(
            "API",
            f"{version.get('ApiVersion', '')}",
            f"accepts {version.get('MinAPIVersion') or '1.12'} and newer",
        ),
        Fact("Built", str(version.get("BuildTime") or "")[:10], f"with {version.get('GoVersion', '')}"),
        *(
            Fact(str(part.get("Name")), str(part.get("Version")))
            for part in version.get("Components") or ()
            if part.get("Name") != "Engine"
        ),
        Fact("Root folder", str(info.get("DockerRootDir") or ""), mono=True),
        Fact(
            "Live restore",
            "on: containers outlive the Engine" if info.get("LiveRestoreEnabled") else "",
        ),
        Fact(
            "Swarm",
            "" if swarm.get("LocalNodeState") in (None, "", "inactive") else str(swarm["LocalNodeState"]),
        ),
    )


def _host_facts(info: Json) -> tuple[Fact, ...]:
    return _facts(
        Fact("Name", str(info.get("Name") or ""), mono=True),
        Fact("System", str(info.get("OperatingSystem") or "")),
        Fact("Kernel", str(info.get("KernelVersion") or ""), mono=True),
        Fact("Architecture", str(info.get("Architecture") or "")),
        Fact("CPUs", str(info.get("NCPU") or "")),
        Fact("Memory", bytes_iec(info["MemTotal"]) if info.get("MemTotal") else ""),
        Fact("Cgroups", f"version {info.get('CgroupVersion') or 1}, {info.get('CgroupDriver') or ''}"),
        Fact("Labels", ", ".join(info.get("Labels") or ())),
    )


def _storage_facts(info: Json) -> tuple[Fact, ...]:
    return _facts(
        Fact("Storage driver", str(info.get("Driver") or ""), _driver_note(info)),
        Fact("Log driver", str(info.get("LoggingDriver") or "")),
        Fact(
            "Runtimes",
            ", ".join(sorted(info.get("Runtimes") or ())),
            f"{info.get('DefaultRuntime')} is the default",
        ),
        Fact("Volume drivers", ", ".join((info.get("Plugins") or {}).get("Volume") or ())),
        Fact("Network drivers", ", ".join((info.get("Plugins") or {}).get("Network") or ())),
        Fact("Security", ", ".join(_security(info))),
        Fact(
            "Proxy",
            address(str(info.get("HttpsProxy") or info.get("HttpProxy") or "")),
            mono=True,
        ),
    )


def _driver_note(info: Json) -> str:
    return ", ".join(
        f"{pair[0]}: {pair[1]}" for pair in (info.get("DriverStatus") or ())[:2] if len(pair) == 2
    )


def _security(info: Json) -> list[str]:
    """`name=seccomp,profile=default` → `seccomp (default)`; plain words on older Engines."""
    found = []
    for option in info.get("SecurityOptions") or ():
        pairs = dict(part.partition("=")[::2] for part in str(option).split(","))
        name, profile = pairs.get("name", str(option)), pairs.get("profile")
        found.append(f"{name} ({profile})" if profile else name)
    return found


def _facts(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def _warnings(info: Json) -> list[str]:
    """The Engine's own warnings, without the shouting."""
    return [str(text).removeprefix("WARNING: ").strip() for text in info.get("Warnings") or ()]


_KERNEL = (
    ("MemoryLimit", "Memory limits"),
    ("SwapLimit", "Swap limits"),
    ("CpuCfsQuota", "CPU limits"),
    ("CPUShares", "CPU shares"),
    ("CPUSet", "Pinning to CPUs"),
    ("PidsLimit", "Process limits"),
    ("OomKillDisable", "Turning the out-of-memory killer off"),
    ("IPv4Forwarding", "Forwarding between networks"),
)


def _kernel(info: Json) -> list[Lack]:
    return [
        Lack(what, "the host's kernel does not offer it") for key, what in _KERNEL if info.get(key) is False
    ]


def _skew(text: Any, now: datetime) -> float | None:
    try:
        theirs = datetime.fromisoformat(str(text)[:26].rstrip("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (theirs - now).total_seconds()
