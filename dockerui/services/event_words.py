"""Engine events in words: one readable sentence, an icon and a tone for each.

Exec command lines are part of an event's action; they are shown only to whoever may reveal secrets.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dockerui.access.masking import MASK, exec_action
from dockerui.engine.protocol.events import Event
from dockerui.services.words import bytes_iec

# Words by type and action. {name} is the object, {image}, {container}, {detail}, … are what `_values` finds.
_WORDS: Final[dict[str, dict[str, str]]] = {
    "container": {
        "attach": "Somebody attached to {name}",
        "archive-path": "Files were read from {name}",
        "commit": "{name} was committed to an image",
        "copy": "Files were copied from {name}",
        "create": "{name} was created from {image}",
        "destroy": "{name} was removed",
        "detach": "Somebody detached from {name}",
        "die": "{name} exited with code {exitCode}{because}",
        "exec_create": "A command was prepared in {name}: {detail}",
        "exec_detach": "Somebody detached from a command in {name}",
        "exec_die": "A command in {name} ended with code {exitCode}",
        "exec_start": "A command runs in {name}: {detail}",
        "export": "The file system of {name} was exported",
        "extract-to-dir": "Files were written into {name}",
        "health_status": "{name} is {detail}",
        "kill": "{name} was sent {signal}",
        "oom": "{name} ran out of memory",
        "pause": "{name} was paused",
        "prune": "Stopped containers were removed, {reclaimed} freed",
        "rename": "{oldName} was renamed to {name}",
        "resize": "The terminal of {name} was resized to {width} by {height}",
        "restart": "{name} was restarted",
        "start": "{name} started",
        "stop": "{name} stopped",
        "top": "The processes of {name} were listed",
        "unpause": "{name} goes on",
        "update": "The limits of {name} were changed",
    },
    "image": {
        "delete": "Image {name} was deleted",
        "import": "Image {name} was imported",
        "load": "Image {name} was loaded",
        "prune": "Unused images were removed, {reclaimed} freed",
        "pull": "Image {name} was pulled",
        "push": "Image {name} was pushed",
        "save": "Image {name} was saved",
        "tag": "Image {name} was tagged",
        "untag": "Image {name} lost a tag",
    },
    "volume": {
        "create": "Volume {name} was created",
        "destroy": "Volume {name} was removed",
        "mount": "Volume {name} was mounted in {container} at {destination}",
        "prune": "Unused volumes were removed, {reclaimed} freed",
        "unmount": "Volume {name} was unmounted from {container}",
    },
    "network": {
        "connect": "{container} was connected to network {name}",
        "create": "Network {name} was created",
        "destroy": "Network {name} was removed",
        "disconnect": "{container} was disconnected from network {name}",
        "prune": "Unused networks were removed",
        "remove": "Network {name} was removed",
        "update": "Network {name} was changed",
    },
    "daemon": {"reload": "The Engine {name} read its configuration again"},
    "plugin": {
        "create": "Plugin {name} was created",
        "disable": "Plugin {name} was disabled",
        "enable": "Plugin {name} was enabled",
        "install": "Plugin {name} was installed",
        "pull": "Plugin {name} was pulled",
        "push": "Plugin {name} was pushed",
        "remove": "Plugin {name} was removed",
    },
    "builder": {"prune": "The build cache was pruned, {reclaimed} freed"},
}
_ICONS: Final = {
    "container": "box", "image": "image", "volume": "hard-drive", "network": "network", "daemon": "server",
}  # fmt: skip
_GOOD: Final = frozenset({"start", "unpause", "create", "pull", "load", "import"})
_BAD: Final = frozenset({"oom", "destroy", "delete", "kill"})
_ROUTINE: Final = frozenset({"top", "resize", "attach", "detach", "mount", "unmount"})
_QUIET: Final = _ROUTINE | {"exec_create", "exec_start", "exec_die", "exec_detach"}
_SIGNALS: Final[dict[int, str]] = {int(number): number.name for number in signal.Signals}


@dataclass(frozen=True)
class Told:
    """An event for a reader: the sentence in pieces (True: the name of an object), its icon and its tone."""

    pieces: tuple[tuple[str, bool], ...]
    icon: str
    tone: str

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        return "".join(piece for piece, _ in self.pieces)


def short_id(reference: str) -> str:
    """An id as Docker abbreviates it; anything else as it is."""
    digest = reference.removeprefix("sha256:")
    whole = len(digest) == 64 and all(char in "0123456789abcdef" for char in digest)
    return digest[:12] if whole else reference


def tell(event: Event, *, reveal: bool = False, name_of: Callable[[str], str] = short_id) -> Told:
    """The event in words. `reveal` shows exec command lines; `name_of` names a container by its id."""
    words = _WORDS.get(event.type, {}).get(event.action)
    if words is None:
        words = f"{event.type.capitalize()} {{name}}: {event.action.replace('_', ' ')}"
    return Told(
        _fill(words, _values(event, reveal, name_of)), _ICONS.get(event.type, "activity"), tone(event)
    )


def sentence(event: Event, *, reveal: bool = False, name_of: Callable[[str], str] = short_id) -> str:
    """The event as one plain sentence."""
    return tell(event, reveal=reveal, name_of=name_of).text


def raw(event: Event, *, reveal: bool = False) -> Mapping[str, Any]:
    """The event as the Engine sent it, exec command lines masked unless `reveal`."""
    if reveal or not event.action.startswith("exec_"):
        return event.raw
    masked = dict(event.raw)
    for key in ("Action", "status"):
        if key in masked:
            masked[key] = exec_action(str(masked[key]))
    return masked


def is_routine(event: Event) -> bool:
    """Whether it is of the kind that happens all the time by itself and changes nothing."""
    if event.type == "network" and event.attributes.get("type") in ("null", "host"):
        return True  # every container without a network of its own joins and leaves these
    return event.action.startswith("exec_") or event.action in _ROUTINE


def tone(event: Event) -> str:
    """`ok`, `bad`, `warn`, `quiet` or `info`: how much attention it deserves."""
    if event.action == "health_status":
        return {"healthy": "ok", "unhealthy": "bad"}.get(event.detail, "info")
    if event.action in ("die", "exec_die"):
        quiet = "quiet" if event.action == "exec_die" else "info"
        return quiet if event.exit_code in (0, None) else "bad" if event.action == "die" else "warn"
    if event.action in _GOOD:
        return "ok"
    if event.action in _BAD:
        return "bad" if event.action == "oom" else "warn"
    return "quiet" if event.action in _QUIET else "info"


def _values(event: Event, reveal: bool, name_of: Callable[[str], str]) -> dict[str, str]:
    attributes = event.attributes
    values = {key: value for key, value in attributes.items() if value}
    values["name"] = short_id(event.name or event.id) or "?"
    values["image"] = short_id(attributes.get("image", "")) or "an image"
    values["detail"] = event.detail if reveal or not event.action.startswith("exec_") else MASK
    values["oldName"] = attributes.get("oldName", "").lstrip("/") or "It"
    if attributes.get("container"):
        values["container"] = name_of(attributes["container"])
    values["signal"] = _signal(attributes.get("signal", ""))
    values["because"] = _because(event.exit_code)
    reclaimed = attributes.get("reclaimed", "")
    values["reclaimed"] = bytes_iec(int(reclaimed)) if reclaimed.isdecimal() else "nothing"
    return values


def _fill(words: str, values: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    for literal, field in _fields(words):
        if literal:
            pieces.append((literal, False))
        if field:
            pieces.append((values.get(field, "?"), field in ("name", "container", "image", "oldName")))
    return tuple(piece for piece in pieces if piece[0])


def _fields(words: str) -> list[tuple[str, str]]:
    """Split at `{field}`; values are never formatted themselves, so braces in a name stay what they are."""
    parts = []
    for part in words.split("{"):
        field, brace, rest = part.partition("}")
        parts.append(("", field) if brace else (part, ""))
        if brace:
            parts.append((rest, ""))
    return parts


def _signal(text: str) -> str:
    if text.isdecimal():
        return _SIGNALS.get(int(text), f"signal {text}")
    return text or "a signal"


def _because(code: int | None) -> str:
    if code is None or code <= 128:
        return ""
    name = _SIGNALS.get(code - 128)
    return f" ({name})" if name else ""
