"""The create form and the Engine's create body, both ways.

The form speaks the docker CLI's short forms, one per line (`127.0.0.1:8080:80/tcp`, `data:/var/lib:ro`);
whatever
it does not cover stays in `rest`, which the page shows as JSON. `join(*split(body))` gives the body back.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any

from .errors import BadInput
from .words import shell_words

Json = dict[str, Any]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_PORT = re.compile(
    r"(?:(?P<ip>\[[0-9a-fA-F:]+\]|\d+(?:\.\d+){3}):)?(?:(?P<host>\d*):)?(?P<container>\d+)(?:/(?P<proto>tcp|udp|sctp))?"
)
_LABEL_NAME = re.compile(r"[^\s=]+")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class FormValues:
    """The fields of the create form as text and flags, as a person typed them."""

    image: str = ""
    command: str = ""
    entrypoint: str = ""
    user: str = ""
    workdir: str = ""
    hostname: str = ""
    env: str = ""
    labels: str = ""
    ports: str = ""
    mounts: str = ""
    network: str = ""
    restart: str = ""
    memory: str = ""
    cpus: str = ""
    pids: str = ""
    cap_add: str = ""
    cap_drop: str = ""
    health_command: str = ""
    health_interval: str = ""
    health_retries: str = ""
    tty: bool = False
    stdin: bool = False
    init: bool = False
    privileged: bool = False
    read_only: bool = False
    auto_remove: bool = False
    publish_all: bool = False


def join(values: FormValues, rest: Mapping[str, Any]) -> Json:
    """The create body: `rest` with the form's fields set in it.

    Raises:
        BadInput: a field cannot be read, or `rest` sets something that the form sets too.
    """
    body: Json = deepcopy(dict(rest))
    for path, value in _form_fields(values):
        target = body
        *parents, key = path.split(".")
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise BadInput(f"{path.rpartition('.')[0]} must be a JSON object.")
        if key in target:
            raise BadInput(f"{path} is set in the form and again in the JSON; remove it from one of them.")
        target[key] = value
    return body


def split(body: Mapping[str, Any]) -> tuple[FormValues, Json]:
    """Take what the form can show out of a create body; returns the form's values and what is left."""
    rest: Json = deepcopy(dict(body))
    host, config = _child(rest, "HostConfig"), rest
    health = _child(config, "Healthcheck")
    values = FormValues(
        image=_take(config, "Image", ""),
        command=shell_words(_take(config, "Cmd", []) or []),
        entrypoint=shell_words(_take(config, "Entrypoint", []) or []),
        user=_take(config, "User", ""),
        workdir=_take(config, "WorkingDir", ""),
        hostname=_take(config, "Hostname", ""),
        env="\n".join(_take(config, "Env", []) or []),
        labels="\n".join(
            f"{name}={value}" for name, value in sorted((_take(config, "Labels", {}) or {}).items())
        ),
        ports=_port_lines(config, host),
        mounts=_mount_lines(host),
        network=_take(host, "NetworkMode", ""),
        restart=restart_word(_take(host, "RestartPolicy", {}) or {}),
        memory=size_word(_take(host, "Memory", 0) or 0),
        cpus=f"{nano / 1e9:g}" if (nano := _take(host, "NanoCpus", 0) or 0) else "",
        pids=str(pids) if (pids := _take(host, "PidsLimit", None)) else "",
        cap_add=" ".join(_take(host, "CapAdd", []) or []),
        cap_drop=" ".join(_take(host, "CapDrop", []) or []),
        health_command=_take_health_command(health),
        health_interval=_duration_word(_take(health, "Interval", 0) or 0),
        health_retries=str(retries) if (retries := _take(health, "Retries", 0)) else "",
        tty=_take_flag(config, "Tty"),
        stdin=_take_flag(config, "OpenStdin"),
        init=_take_flag(host, "Init"),
        privileged=_take_flag(host, "Privileged"),
        read_only=_take_flag(host, "ReadonlyRootfs"),
        auto_remove=_take_flag(host, "AutoRemove"),
        publish_all=_take_flag(host, "PublishAllPorts"),
    )
    for name, child in (("HostConfig", host), ("Healthcheck", health)):
        if child:
            rest[name] = child
        else:
            rest.pop(name, None)
    return values, rest


def from_text(data: Mapping[str, Any]) -> FormValues:
    """Form values from a submitted form: text as it is, a checkbox by its presence."""
    values: dict[str, Any] = {}
    for field in fields(FormValues):
        given = data.get(field.name)
        values[field.name] = bool(given) if field.type == "bool" else str(given or "").strip()
    return FormValues(**values)


def _form_fields(values: FormValues) -> list[tuple[str, Any]]:
    """Every field of the create body that the form sets; an empty field sets nothing."""
    exposed, bindings = parse_ports(values.ports)
    binds, tmpfs = parse_mounts(values.mounts)
    found: list[tuple[str, Any]] = [
        ("Image", values.image),
        ("Cmd", argv(values.command, "Command")),
        ("Entrypoint", argv(values.entrypoint, "Entrypoint")),
        ("User", values.user),
        ("WorkingDir", values.workdir),
        ("Hostname", values.hostname),
        ("Env", parse_env(values.env)),
        ("Labels", parse_labels(values.labels)),
        ("ExposedPorts", exposed),
        ("Tty", values.tty),
        ("OpenStdin", values.stdin),
        ("HostConfig.PortBindings", bindings),
        ("HostConfig.Binds", binds),
        ("HostConfig.Tmpfs", tmpfs),
        ("HostConfig.NetworkMode", values.network),
        ("HostConfig.RestartPolicy", parse_restart(values.restart)),
        ("HostConfig.Memory", parse_size(values.memory, "Memory") if values.memory else 0),
        ("HostConfig.NanoCpus", parse_cpus(values.cpus) if values.cpus else 0),
        ("HostConfig.PidsLimit", _count(values.pids, "Processes") if values.pids else 0),
        ("HostConfig.CapAdd", values.cap_add.split()),
        ("HostConfig.CapDrop", values.cap_drop.split()),
        ("HostConfig.Init", values.init),
        ("HostConfig.Privileged", values.privileged),
        ("HostConfig.ReadonlyRootfs", values.read_only),
        ("HostConfig.AutoRemove", values.auto_remove),
        ("HostConfig.PublishAllPorts", values.publish_all),
        ("Healthcheck.Test", ["CMD-SHELL", values.health_command] if values.health_command else []),
        ("Healthcheck.Interval", parse_duration(values.health_interval) if values.health_interval else 0),
        (
            "Healthcheck.Retries",
            _count(values.health_retries, "Health retries") if values.health_retries else 0,
        ),
    ]
    return [(path, value) for path, value in found if value]


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
    return {"Name": name, "MaximumRetryCount": _count(times, "Restart") if times else 0}


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


def _count(text: str, what: str) -> int:
    if not text.isdigit() or not 1 <= int(text[:12]) <= 10_000_000:
        raise BadInput(f"{what}: “{text[:40]}” is not a whole number of at least 1.")
    return int(text)


def _child(body: Json, key: str) -> Json:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _take(source: Json, key: str, default: Any) -> Any:
    value = source.pop(key, default)
    return default if value is None else value


def _take_flag(source: Json, key: str) -> bool:
    return bool(source.pop(key, False))


def _take_health_command(health: Json) -> str:
    """Only a shell test fits the form's one line; an argument list stays in the JSON."""
    test = health.get("Test") or []
    if len(test) != 2 or test[0] != "CMD-SHELL":
        return ""
    del health["Test"]
    return str(test[1])


def _port_lines(config: Json, host: Json) -> str:
    exposed, bindings = _take(config, "ExposedPorts", {}) or {}, _take(host, "PortBindings", {}) or {}
    lines: list[str] = []
    nowhere: list[Json] = [{}]
    for key in [*bindings, *(key for key in exposed if key not in bindings)]:
        for binding in bindings.get(key) or nowhere:
            address, port = binding.get("HostIp") or "", binding.get("HostPort")
            address = f"[{address}]" if ":" in address else address
            prefix = f"{address}:" if address else ""
            lines.append(f"{prefix}{port or ''}:{key}" if binding else key)
    return "\n".join(line.removesuffix("/tcp") for line in lines)


def _mount_lines(host: Json) -> str:
    """Binds and tmpfs as lines; `Mounts`, which can say more, stay in the JSON."""
    lines = list(_take(host, "Binds", []) or [])
    for target, options in (_take(host, "Tmpfs", {}) or {}).items():
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


def _duration_word(count: int) -> str:
    if not count:
        return ""
    return f"{count // 10**9}s" if count % 10**9 == 0 else f"{count / 1e6:g}ms"
