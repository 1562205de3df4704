"""Engine events, whatever the Engine's age.

Since API 1.22 an event has `Type`, `Action`, `Actor{ID, Attributes}`, `scope` (1.30), `time` and
`timeNano`, and repeats itself as `status`, `id`, `from`; before 1.22 it had only those three, from 1.52 it
lacks them. Some actions carry more after a colon: `exec_create: sh -c …`, `health_status: healthy`. Podman
says plain `health_status`, with the value in `HealthStatus` or in an attribute; some of its actions have
other words, which are turned into Docker's here: a container that is gone is `destroy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerui.engine.errors import ProtocolError

_IMAGE_ACTIONS = frozenset(("delete", "import", "load", "pull", "push", "save", "tag", "untag"))
_SECOND = 10**9
# Docker says `remove` itself, of swarm networks, services, secrets and the like: only these are translated.
_PODMAN = {
    ("container", "remove"): "destroy",
    ("container", "died"): "die",
    ("container", "exec"): "exec_start",
    ("container", "exec_died"): "exec_die",
    ("volume", "remove"): "destroy",
    ("image", "remove"): "delete",
}


@dataclass(frozen=True)
class Event:
    """What happened. `raw` is the event as the Engine sent it.

    `detail` is what follows the colon of an action (a command line, a health state) or empty; `time_ns` is in
    nanoseconds since 1970; `id` is a full container id or network id, or the name of an image or a volume.
    """

    type: str
    action: str
    detail: str
    id: str
    attributes: Mapping[str, str]
    time_ns: int
    scope: str
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The object's name where the Engine tells it, else empty."""
        return self.attributes.get("name", "")

    @property
    def exit_code(self) -> int | None:
        """The exit code of `die` and `exec_die`; None for others."""
        try:
            return int(self.attributes["exitCode"])
        except (KeyError, ValueError):
            return None


def read_event(raw: Any) -> Event:
    """Decode one event. Raises ProtocolError when it is none."""
    if not isinstance(raw, Mapping):
        raise ProtocolError("an event is not a JSON object")
    actor = raw.get("Actor")
    actor = actor if isinstance(actor, Mapping) else {}
    attributes = _attributes(raw, actor)
    whole = raw.get("Action") or raw.get("status")
    if not isinstance(whole, str) or not whole:
        raise ProtocolError("an event has no action")
    action, _, detail = whole.partition(":")
    action = action.strip()
    detail = detail.strip()
    if action == "health_status" and not detail:
        detail = _health(raw, attributes)
    type = str(raw.get("Type") or ("image" if action in _IMAGE_ACTIONS else "container"))
    return Event(
        type=type,
        action=_PODMAN.get((type, action), action),
        detail=detail,
        id=str(actor.get("ID") or raw.get("id") or ""),
        attributes=attributes,
        time_ns=_time(raw),
        scope=str(raw.get("scope") or "local"),
        raw=raw,
    )


def _attributes(raw: Mapping[str, Any], actor: Mapping[str, Any]) -> dict[str, str]:
    given = actor.get("Attributes")
    attributes = {str(k): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
    image = raw.get("from")
    if image and "image" not in attributes and not raw.get("Type"):
        attributes["image"] = str(image)
    return attributes


def _health(raw: Mapping[str, Any], attributes: Mapping[str, str]) -> str:
    found = raw.get("HealthStatus") or attributes.get("health_status") or attributes.get("HealthStatus") or ""
    return str(found)


def _time(raw: Mapping[str, Any]) -> int:
    """`timeNano` where there is one, else `time` in seconds."""
    for key, unit in (("timeNano", 1), ("time", _SECOND)):
        value = raw.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value * unit
    raise ProtocolError("an event has no time")
