"""What one can do with a container: each function has the name of the Engine operation it calls.

All resolve the reference to the full id first and act on that id (security rule R4): the Engine would take a
container *named* like another's short id for that other one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from dockerui.access import Actor, authorise
from dockerui.engine import Engine
from dockerui.services import ps_args as ps
from dockerui.services.door import perform, resolve_container
from dockerui.services.errors import BadInput

T = TypeVar("T")
Json = dict[str, Any]
NAME = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]*")
SIGNALS = [
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
    "STKFLT",
    "CHLD",
    "CONT",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "URG",
    "XCPU",
    "XFSZ",
    "VTALRM",
    "PROF",
    "WINCH",
    "IO",
    "PWR",
    "SYS",
]
_DETACH_KEY = re.compile(r"[a-zA-Z]|ctrl-[a-z@^\[\],_\\]")
LONGEST_STOP = 86_400  # seconds; the Engine keeps the request open that long


def container_inspect(actor: Actor, ref: str, *, size: bool = False) -> Json:
    """The Engine's whole description. Raises NotFound."""
    return _on(actor, "container_inspect", ref, lambda engine, cid: engine.container_inspect(cid, size=size))


def container_start(actor: Actor, ref: str, *, detach_keys: str | None = None) -> bool:
    """Start it; False when it ran already. `detach_keys`: what will detach an attached terminal."""
    keys = check_detach_keys(detach_keys)
    return _on(
        actor, "container_start", ref, lambda engine, cid: engine.container_start(cid, detach_keys=keys)
    )


def container_stop(actor: Actor, ref: str, *, t: int | None = None, signal: str | None = None) -> bool:
    """Stop it, killing it after `t` seconds (None: what it asks for itself); False when it was stopped."""
    seconds, name = check_seconds(t), check_signal(signal)
    return _on(
        actor, "container_stop", ref, lambda engine, cid: engine.container_stop(cid, t=seconds, signal=name)
    )


def container_restart(actor: Actor, ref: str, *, t: int | None = None, signal: str | None = None) -> None:
    """Stop it as `container_stop` does and start it again."""
    seconds, name = check_seconds(t), check_signal(signal)
    _on(
        actor,
        "container_restart",
        ref,
        lambda engine, cid: engine.container_restart(cid, t=seconds, signal=name),
    )


def container_kill(actor: Actor, ref: str, *, signal: str | None = None) -> None:
    """Send a signal, KILL when none is named. Raises Conflict when it does not run."""
    name = check_signal(signal)
    _on(actor, "container_kill", ref, lambda engine, cid: engine.container_kill(cid, signal=name))


def container_pause(actor: Actor, ref: str) -> None:
    """Freeze its processes."""
    _on(actor, "container_pause", ref, lambda engine, cid: engine.container_pause(cid))


def container_unpause(actor: Actor, ref: str) -> None:
    """Thaw it."""
    _on(actor, "container_unpause", ref, lambda engine, cid: engine.container_unpause(cid))


def container_rename(actor: Actor, ref: str, *, name: str) -> None:
    """Give it another name. Raises Conflict when that is taken."""
    check_name(name)
    _on(
        actor,
        "container_rename",
        ref,
        lambda engine, cid: engine.container_rename(cid, name=name),
        {"name": name},
    )


def container_remove(actor: Actor, ref: str, *, v: bool = False, force: bool = False) -> None:
    """Delete it: `v` also its anonymous volumes, `force` even while it runs. Raises Conflict if it runs."""
    _on(
        actor,
        "container_remove",
        ref,
        lambda engine, cid: engine.container_remove(cid, v=v, force=force),
        {"v": v, "force": force},
    )


def container_update(actor: Actor, ref: str, body: Json) -> list[str]:
    """Change limits and restart policy while it runs; returns the Engine's warnings."""
    if not body:
        raise BadInput("Nothing to change: every field is empty.")
    answer = _on(actor, "container_update", ref, lambda engine, cid: engine.container_update(cid, body), body)
    return list(answer.get("Warnings") or ())


def container_top(actor: Actor, ref: str, *, ps_args: str = "-ef") -> Json:
    """Its processes as `Titles` and `Processes`; `ps_args` must keep the PID column. Raises Conflict when
    stopped.

    Arguments with which `ps` may print environments need `container.reveal` as well, and are written down.
    """
    args = ps.check(ps_args)
    authorise(actor, "container.top")
    container = resolve_container(actor, ref)
    action = "container_top" if ps.shows_processes_only(args) else "container.reveal"
    return perform(
        actor,
        action,
        target=container,
        detail={"ps": args},
        call=lambda engine: engine.container_top(container, ps_args=args),
    )


def container_changes(actor: Actor, ref: str) -> list[Json]:
    """What differs from its image: `Path` and `Kind` (0 changed, 1 added, 2 deleted)."""
    return _on(actor, "container_changes", ref, lambda engine, cid: engine.container_changes(cid))


def container_create(
    actor: Actor, body: Json, *, name: str | None = None, platform: str | None = None
) -> Json:
    """Create a container; returns `Id` and `Warnings`. Raises NotFound (image), Conflict (name),
    BadParameter.
    """
    if name:
        check_name(name)
    if not body.get("Image"):
        raise BadInput("Image is missing: say which image the container runs.")
    detail = {"image": body["Image"]}
    return perform(
        actor,
        "container_create",
        target=name or str(body["Image"]),
        detail=detail,
        call=lambda engine: engine.container_create(body, name=name or None, platform=platform or None),
    )


def check_name(name: str) -> str:
    """Raises BadInput for what the Engine would not take as a container's name."""
    if not NAME.fullmatch(name) or len(name) > 253:
        raise BadInput(
            "A container's name starts with a letter or digit and goes on with letters, digits, _ . and -."
        )
    return name


def check_signal(signal: str | None) -> str | None:
    """A signal as the Engine wants it, `SIGTERM` or a number; empty means its default."""
    if not signal:
        return None
    word = signal.strip().upper()
    number = int(word) if word.isdecimal() and len(word) < 4 else 0
    if 1 <= number <= 64:
        return str(number)
    if word.removeprefix("SIG") not in SIGNALS:
        raise BadInput(
            f"“{signal[:20]}” is not a signal; use a name such as SIGTERM or a number from 1 to 64."
        )
    return f"SIG{word.removeprefix('SIG')}"


def check_seconds(t: int | None) -> int | None:
    """A grace period: None for the container's own, else 0 to a day."""
    if t is not None and not 0 <= t <= LONGEST_STOP:
        raise BadInput(f"The time to wait must be between 0 and {LONGEST_STOP} seconds.")
    return t


def check_detach_keys(keys: str | None) -> str | None:
    """Detach keys as the Engine spells them: letters and `ctrl-<key>`, separated by commas."""
    if not keys:
        return None
    if not all(_DETACH_KEY.fullmatch(key) for key in keys.split(",")):
        raise BadInput(
            "Detach keys are letters or ctrl- with one of a-z @ ^ [ ] _, separated by commas: ctrl-p,ctrl-q."
        )
    return keys


def _on(
    actor: Actor, operation: str, ref: str, call: Callable[[Engine, str], T], detail: Json | None = None
) -> T:
    container = resolve_container(actor, ref)
    return perform(
        actor, operation, target=container, call=lambda engine: call(engine, container), detail=detail
    )
