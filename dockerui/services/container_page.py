"""What the pages of one container show."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field, replace
from typing import Any

from dockerui.access import Actor, masking
from dockerui.services import event_history, recreate
from dockerui.services.container_detail import ContainerDetail, describe
from dockerui.services.containers import container_changes, container_inspect
from dockerui.services.door import perform, resolve_container

Json = dict[str, Any]
HISTORY = 30  # events shown on the overview
_KINDS = {0: ("changed", "paused"), 1: ("added", "running"), 2: ("deleted", "unhealthy")}


@dataclass(frozen=True)
class Overview:
    detail: ContainerDetail
    history: list[Any]
    size: Json | None

    def context(self) -> Json:
        """For the template."""
        return {
            "history": self.history,
            "size": self.size,
            "replacement": recreate.replacement_of(self.detail.id),
            "exit_words": exit_words(self.detail.exit_code),
        }


@dataclass(frozen=True)
class FileChange:
    path: str
    word: str
    tone: str


@dataclass
class FileChanges:
    rows: list[FileChange] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "changed": 0, "deleted": 0})


def detail(actor: Actor, ref: str) -> ContainerDetail:
    """One container without its secrets. Raises NotFound."""
    return describe(container_inspect(actor, ref), reveal=False)


def overview(actor: Actor, ref: str) -> Overview:
    """The overview's facts and the container's latest events, newest first."""
    found = detail(actor, ref)
    past = event_history.recent(actor, found.id, limit=HISTORY)
    return Overview(found, past, None)


def revealed(actor: Actor, ref: str) -> ContainerDetail:
    """One container with its environment's values; the reveal is audited before anything is shown."""
    container = resolve_container(actor, ref)
    document = perform(
        actor, "container.reveal", target=container, call=lambda engine: engine.container_inspect(container)
    )
    return describe(document, reveal=True)


def file_changes(actor: Actor, ref: str) -> FileChanges:
    """Paths that differ from the image, in order."""
    found = FileChanges()
    for entry in sorted(container_changes(actor, ref), key=lambda entry: str(entry.get("Path"))):
        word, tone = _KINDS.get(entry.get("Kind", 0), _KINDS[0])
        found.rows.append(FileChange(entry["Path"], word, tone))
        found.counts[word] += 1
    return found


def inspect_document(actor: Actor, ref: str) -> Json:
    """The inspect document with environment values masked (security rule R15)."""
    masked_document: Json = masking.document(container_inspect(actor, ref))
    return masked_document


def exit_words(code: int) -> str:
    """What an exit code usually means; empty where it says nothing."""
    known = {
        0: "",
        1: "",
        125: "the Engine failed",
        126: "its command cannot be executed",
        127: "its command was not found",
    }
    if code in known:
        return known[code]
    if 128 < code < 128 + 65:
        try:
            name = signal.Signals(code - 128).name
        except ValueError:
            return ""
        return f"killed by {name}" + (", often because memory ran out" if name == "SIGKILL" else "")
    return ""


def masked(found: ContainerDetail) -> ContainerDetail:
    """The same with every environment value hidden."""
    return replace(found, env=tuple(replace(variable, value=None) for variable in found.env))
