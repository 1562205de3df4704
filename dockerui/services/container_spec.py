"""The create form and the Engine's create body, both ways.

The form speaks the docker CLI's short forms, one per line (`127.0.0.1:8080:80/tcp`, `data:/var/lib:ro`);
whatever
it does not cover stays in `rest`, which the page shows as JSON. `join(*split(body))` gives the body back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from typing import Any

from .container_fields import (
    argv,
    duration_word,
    mount_lines,
    parse_count,
    parse_cpus,
    parse_duration,
    parse_env,
    parse_labels,
    parse_mounts,
    parse_ports,
    parse_restart,
    parse_size,
    port_lines,
    restart_word,
    size_word,
)
from .errors import BadInput
from .words import shell_words

Json = dict[str, Any]


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
    return fill(rest, _form_fields(values))


def fill(rest: Mapping[str, Any], fields: Iterable[tuple[str, Any]]) -> Json:
    """A copy of `rest` with the fields of a form in it, each with its path; empty ones set nothing.

    Raises BadInput when `rest` has one of them already.
    """
    body: Json = deepcopy(dict(rest))
    for path, value in fields:
        if not value:
            continue
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
        ports=port_lines(_take(config, "ExposedPorts", {}) or {}, _take(host, "PortBindings", {}) or {}),
        # `Mounts`, which can say more than a line, stay in the JSON.
        mounts=mount_lines(_take(host, "Binds", []) or [], _take(host, "Tmpfs", {}) or {}),
        network=_take(host, "NetworkMode", ""),
        restart=restart_word(_take(host, "RestartPolicy", {}) or {}),
        memory=size_word(_take(host, "Memory", 0) or 0),
        cpus=f"{nano / 1e9:g}" if (nano := _take(host, "NanoCpus", 0) or 0) else "",
        pids=str(pids) if (pids := _take(host, "PidsLimit", None)) else "",
        cap_add=" ".join(_take(host, "CapAdd", []) or []),
        cap_drop=" ".join(_take(host, "CapDrop", []) or []),
        health_command=_take_health_command(health),
        health_interval=duration_word(_take(health, "Interval", 0) or 0),
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
    """Every field of the create body that the form can set."""
    exposed, bindings = parse_ports(values.ports)
    binds, tmpfs = parse_mounts(values.mounts)
    return [
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
        ("HostConfig.PidsLimit", parse_count(values.pids, "Processes") if values.pids else 0),
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
            parse_count(values.health_retries, "Health retries") if values.health_retries else 0,
        ),
    ]


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
