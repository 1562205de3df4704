"""The docker CLI's short forms of what a container is made of, and what they stand for in the Engine's JSON.

One per line where there may be several: `127.0.0.1:8080:80/tcp`, `data:/var/lib:ro`, `NAME=value`. What a
`parse_…` reads its `…_word` or `…_lines` writes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from .errors import BadInput

Json = dict[str, Any]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_PORT = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:]+\]|\d+(?:\.\d+){3}):)?(?:(?P<host>\d*):)?(?P<container>\d+)(?:/(?P<proto>tcp|udp|sctp))?"
)
_LABEL_NAME = re.compile(r"[^\s=]+")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def argv(text: str, what: str) -> list[str]:
    """Split a command line by shell quoting rules; no shell ever sees it."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInput(
            f"{what}: {str(error).lower()}. Close the quote or escape it with a backslash."
        ) from None


def parse_env(text: str) -> list[str]:
    """`NAME=value` per line; the value is taken as it stands, quotes included."""
    lines = [line.strip("\r") for line in text.split("\n") if line.strip()]
    for line in lines:
        if not line.partition("=")[0].strip() or "=" not in line:
            raise BadInput(f"Environment: “{line[:40].partition('=')[0]}” is not of the form NAME=value.")
    return lines


def parse_labels(text: str) -> dict[str, str]:
    """`name=value` per line; a bare name has an empty value."""
    labels: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, value = line.partition("=")
        if not _LABEL_NAME.fullmatch(name):
            raise BadInput(f"Labels: “{line[:60]}” is not of the form name=value.")
        if name in labels:
            raise BadInput(f"Labels: {name} is given twice.")
        labels[name] = value
    return labels


def parse_ports(text: str) -> tuple[dict[str, Json], dict[str, list[Json]]]:
    """`[address:][host port:]container port[/protocol]` per line → ExposedPorts and PortBindings."""
    exposed: dict[str, Json] = {}
    bindings: dict[str, list[Json]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _PORT.fullmatch(line)
        if not match:
            raise BadInput(
                f"Ports: “{line[:60]}” is not of the form [address:][host:]container[/tcp|udp|sctp]."
            )
        key = f"{_port(match['container'], line)}/{match['proto'] or 'tcp'}"
        exposed[key] = {}
        if match["host"] is not None:
            host = str(_port(match["host"], line)) if match["host"] else ""
            bindings.setdefault(key, []).append({"HostIp": (match["ip"] or "").strip("[]"), "HostPort": host})
    return exposed, bindings


def _port(digits: str, line: str) -> int:
    if not 1 <= int(digits[:9]) <= 65535:
        raise BadInput(f"Ports: {digits[:9]} in “{line[:60]}” is not between 1 and 65535.")
    return int(digits)


def parse_mounts(text: str) -> tuple[list[str], dict[str, str]]:
    """`source:/path[:options]` per line → Binds (volumes by name, host paths) and Tmpfs
    (`tmpfs:/path[:options]`).
    """
    binds: list[str] = []
    tmpfs: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        source, _, tail = line.partition(":")
        target, _, options = tail.partition(":")
        if not source or not target.startswith("/"):
            raise BadInput(f"Mounts: “{line[:80]}” is not of the form source:/path[:options].")
        if source == "tmpfs":
            tmpfs[target] = options
        else:
            binds.append(line)
    return binds, tmpfs


def parse_restart(text: str) -> Json:
    """`no`, `always`, `unless-stopped` or `on-failure[:times]` as a RestartPolicy."""
    if not text or text == "no":
        return {}
    name, _, times = text.partition(":")
    if name not in ("always", "unless-stopped", "on-failure") or (times and name != "on-failure"):
        raise BadInput("Restart: choose no, always, unless-stopped or on-failure[:times].")
    return {"Name": name, "MaximumRetryCount": parse_count(times, "Restart") if times else 0}


def parse_size(text: str, what: str) -> int:
    """Bytes from `512m`, `1.5g`, `64MiB` or a plain number."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise BadInput(f"{what}: “{text[:40]}” is not a size; write for example 512m or 2g.")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def parse_cpus(text: str) -> int:
    """Billionths of a CPU from `1.5`."""
    try:
        cpus = float(text)
    except ValueError:
        cpus = 0.0
    if not 0.01 <= cpus <= 4096:
        raise BadInput(f"CPUs: “{text[:40]}” is not a number of CPUs of at least 0.01.")
    return round(cpus * 1e9)


def parse_duration(text: str) -> int:
    """Nanoseconds from `500ms`, `30s`, `1m30s`; a plain number is seconds."""
    compact = text.replace(" ", "")
    if compact.isdigit():
        compact += "s"
    if not compact or _DURATION.sub("", compact):
        raise BadInput(f"“{text[:40]}” is not a duration; write for example 30s or 1m30s.")
    return round(sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(compact)) * 1e9)


def parse_count(text: str, what: str) -> int:
    """A whole number of at least 1."""
    if not text.isdigit() or not 1 <= int(text[:12]) <= 10_000_000:
        raise BadInput(f"{what}: “{text[:40]}” is not a whole number of at least 1.")
    return int(text)


def port_lines(exposed: Mapping[str, Any], bindings: Mapping[str, Any]) -> str:
    """ExposedPorts and PortBindings as `parse_ports` reads them."""
    lines: list[str] = []
    nowhere: list[Json] = [{}]
    for key in [*bindings, *(key for key in exposed if key not in bindings)]:
        for binding in bindings.get(key) or nowhere:
            address, port = binding.get("HostIp") or "", binding.get("HostPort")
            address = f"[{address}]" if ":" in address else address
            prefix = f"{address}:" if address else ""
            lines.append(f"{prefix}{port or ''}:{key}" if binding else key)
    return "\n".join(line.removesuffix("/tcp") for line in lines)


def mount_lines(binds: list[str], tmpfs: Mapping[str, str]) -> str:
    """Binds and Tmpfs as `parse_mounts` reads them."""
    lines = list(binds)
    for target, options in tmpfs.items():
        lines.append(f"tmpfs:{target}" + (f":{options}" if options else ""))
    return "\n".join(lines)


def restart_word(policy: Mapping[str, Any]) -> str:
    """A RestartPolicy as `parse_restart` reads it; empty for `no`."""
    name, times = policy.get("Name") or "", policy.get("MaximumRetryCount") or 0
    return f"{name}:{times}" if times else ("" if name == "no" else name)


def size_word(count: int) -> str:
    """Bytes as `parse_size` reads them, in the largest whole unit; empty for 0."""
    for unit in ("g", "m", "k"):
        if count and count % _UNITS[unit] == 0:
            return f"{count // _UNITS[unit]}{unit}"
    return str(count) if count else ""


def duration_word(count: int) -> str:
    """Nanoseconds as `parse_duration` reads them; empty for 0."""
    if not count:
        return ""
    return f"{count // 10**9}s" if count % 10**9 == 0 else f"{count / 1e6:g}ms"
