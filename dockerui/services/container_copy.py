"""From a container that runs to the body that would create it again, and what differs between two bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from dockerui.engine.operation import OPERATIONS

Json = dict[str, Any]
# What the image gives when the create body says nothing; kept only where the container says otherwise,
# so that a new image brings its own defaults.
_FROM_IMAGE = ("Cmd", "Entrypoint", "WorkingDir", "User", "Healthcheck", "StopSignal", "Shell", "Volumes")
# Filled in by the Engine at create or start; sending them back would pin accidents of the old container.
_BY_ENGINE = (
    "HostConfig.ContainerIDFile",
    "HostConfig.ConsoleSize",
    "HostConfig.MaskedPaths",
    "HostConfig.ReadonlyPaths",
    "HostConfig.Isolation",
    "OnBuild",
    "MacAddress",
    "HostConfig.Cgroup",
    "ArgsEscaped",
)
SHM_DEFAULT = 64 << 20


@dataclass(frozen=True)
class Change:
    """One field that differs; `before` or `after` is None where the field is absent on that side."""

    path: str
    before: Any
    after: Any

    @property
    def sides(self) -> tuple[str, str]:
        """Both values as text: texts as they are, lists of them a line each, everything else as JSON."""
        return _text(self.before), _text(self.after)


def body_from_inspect(inspect: Mapping[str, Any], image_config: Mapping[str, Any]) -> Json:
    """The create body (`POST /containers/create`) that gives this container again.

    `image_config` is the `Config` of the image it was made from; empty when that image is gone.
    """
    body: Json = deepcopy(dict(inspect.get("Config") or {}))
    body["HostConfig"] = deepcopy(dict(inspect.get("HostConfig") or {}))
    body["NetworkingConfig"] = {"EndpointsConfig": _endpoints(inspect)}
    _drop_image_defaults(body, image_config)
    _drop_engine_defaults(body, str(inspect.get("Id", "")))
    known = OPERATIONS["container_create"].declared["body"]
    return _only_known(_pruned(body), known, "")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two bodies, field by field, sorted by path; lists and maps of names are compared
    whole.
    """
    left, right = _flat(before), _flat(after)
    return [
        Change(path, left.get(path), right.get(path))
        for path in sorted({*left, *right})
        if left.get(path) != right.get(path)
    ]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False)


def _endpoints(inspect: Mapping[str, Any]) -> Json:
    """The networks as at create: aliases without the container's own id, addresses only where they were
    asked for.
    """
    networks = (inspect.get("NetworkSettings") or {}).get("Networks") or {}
    short = str(inspect.get("Id", ""))[:12]
    mode = (inspect.get("HostConfig") or {}).get("NetworkMode", "")
    if mode in ("host", "none") or mode.startswith("container:"):
        return {}
    endpoints: Json = {}
    for name, entry in networks.items():
        wanted = {key: entry.get(key) for key in ("IPAMConfig", "Links", "DriverOpts")}
        wanted["Aliases"] = [alias for alias in entry.get("Aliases") or () if alias != short]
        endpoints[name] = {key: value for key, value in wanted.items() if value}
    if set(endpoints) == {"bridge"} and not endpoints["bridge"]:
        return {}
    return endpoints


def _drop_image_defaults(body: Json, image: Mapping[str, Any]) -> None:
    for key in _FROM_IMAGE:
        if key in body and body[key] == image.get(key):
            del body[key]
    if body.get("Env"):
        given = set(image.get("Env") or ())
        body["Env"] = [entry for entry in body["Env"] if entry not in given]
    for key in ("Labels", "ExposedPorts"):
        given_map = image.get(key) or {}
        body[key] = {
            name: v
            for name, v in (body.get(key) or {}).items()
            if name not in given_map or given_map[name] != v
        }


def _drop_engine_defaults(body: Json, container_id: str) -> None:
    host = body["HostConfig"]
    for path in _BY_ENGINE:
        parent, _, key = path.rpartition(".")
        (host if parent else body).pop(key, None)
    if container_id.startswith(body.get("Hostname") or "-"):
        body.pop("Hostname", None)
    if host.get("NetworkMode") in ("default", "bridge"):
        host.pop("NetworkMode")
    for key, default in (
        ("ShmSize", SHM_DEFAULT),
        ("Runtime", "runc"),
        ("IpcMode", "private"),
        ("CgroupnsMode", "host"),
    ):
        if host.get(key) == default:
            host.pop(key)
    if host.get("MemorySwap") == 2 * (host.get("Memory") or 0):
        host.pop("MemorySwap", None)
    if (host.get("RestartPolicy") or {}).get("Name") in ("", "no"):
        host.pop("RestartPolicy")
    if (log := host.get("LogConfig")) and log.get("Type") == "json-file" and not log.get("Config"):
        host.pop("LogConfig")
    for key in ("AttachStdin", "AttachStdout", "AttachStderr"):
        body.pop(key, None)


def _pruned(value: Any) -> Any:
    """Without what says nothing: null, false, zero, empty text, empty collections. Port maps keep their
    empty objects.
    """
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        small = (
            item
            if key in ("ExposedPorts", "Volumes", "EndpointsConfig", "Tmpfs", "Labels")
            else _pruned(item)
        )
        if small not in (None, False, 0, "", [], {}):
            kept[key] = small
    return kept


def _only_known(body: Json, known: Mapping[str, Any], prefix: str) -> Json:
    """Keep declared fields only; below a declared map or list everything belongs to it."""
    kept: Json = {}
    for key, value in body.items():
        path = f"{prefix}{key}"
        nested = any(name.startswith(f"{path}.") for name in known)
        if path in known or nested:
            kept[key] = _only_known(value, known, f"{path}.") if nested and isinstance(value, dict) else value
    return kept


def _flat(body: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in body.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat.update(_flat(value, f"{path}."))
        else:
            flat[path] = value
    return flat
