"""The configuration of a container in words: how it runs, its limits, when it restarts, how it is isolated.

Pure functions from the Engine's JSON (`GET /containers/{id}/json`), in which every key may be missing or
null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import masking

from .words import bytes_iec, shell_words

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
    """Facts that an operator asks for together."""

    title: str
    facts: tuple[Fact, ...]


def fact_groups(inspect: Json) -> tuple[FactGroup, ...]:
    """The configuration in words, grouped the way an operator asks for it."""
    config, host = part(inspect, "Config"), part(inspect, "HostConfig")
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
    log = part(host, "LogConfig")
    given = masking.options(part(log, "Config"))
    options = ", ".join(f"{key}={value}" for key, value in sorted(given.items()))
    return _facts(
        Fact("Restart policy", restart_words(part(host, "RestartPolicy"))),
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
            ", ".join(f"{k}={v}" for k, v in sorted(part(host, "Sysctls").items())),
            mono=True,
        ),
    )


def _facts(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def part(source: Json, key: str) -> Json:
    """The object at `key`; an empty one where there is none."""
    value = source.get(key)
    return value if isinstance(value, Mapping) else {}
