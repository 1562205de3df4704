"""One action on several containers: each is authorised, called and audited on its own, and has its own
result.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import connections

from dockerui.access import Actor, authorise
from dockerui.services import containers, live
from dockerui.services.errors import BadInput, describe

log = logging.getLogger(__name__)

MAX_CONTAINERS = 1000
AT_ONCE = 8  # calls under way; stopping waits for each container's grace period

ACTIONS = ("start", "stop", "restart", "kill", "pause", "unpause", "remove")
OPTIONS = {"stop": ("t", "signal"), "restart": ("t", "signal"), "kill": ("signal",), "remove": ("v", "force")}


@dataclass(frozen=True)
class Order:
    """What to do with which containers; times in seconds."""

    action: str
    ids: tuple[str, ...]
    t: int | None = None
    signal: str | None = None
    v: bool = False
    force: bool = False


@dataclass(frozen=True)
class Result:
    """How it went for one container; `status` as in HTTP, `message` empty where it went well."""

    id: str
    name: str
    status: int
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        ok = self.status < 400
        return {"id": self.id, "name": self.name, "ok": ok, "status": self.status, "message": self.message}


def parse(action: str, params: Mapping[str, Sequence[str]]) -> Order:
    """Read a form's fields: `ids` (repeated) and the action's options. Raises BadInput."""
    _check(action)
    allowed = {"ids", "csrfmiddlewaretoken", *OPTIONS.get(action, ())}
    for key in params:
        if key not in allowed:
            raise BadInput(f"{action} has no option {key[:40]!r}.")
    ids = tuple(dict.fromkeys(params.get("ids", ())))
    if not 1 <= len(ids) <= MAX_CONTAINERS:
        raise BadInput(f"Choose between 1 and {MAX_CONTAINERS} containers.")
    return Order(
        action,
        ids,
        t=_seconds(_last(params, "t")),
        signal=containers.check_signal(_last(params, "signal")),
        v=_flag("v", _last(params, "v")),
        force=_flag("force", _last(params, "force")),
    )


def admit(actor: Actor, action: str) -> None:
    """Raise Forbidden if the actor may not do this to any container, BadInput for what is no action."""
    _check(action)
    authorise(actor, f"container.{action}")


def run(actor: Actor, order: Order) -> list[Result]:
    """Do it, several at a time; results in the order of the ids. Raises Forbidden when the actor may not at
    all.
    """
    admit(actor, order.action)
    call, names = _call(order), live.names(actor)
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(order.ids)), thread_name_prefix="bulk") as pool:
        return list(pool.map(lambda ref: _one(actor, ref, names.get(ref, ref[:12]), call), order.ids))


def _one(actor: Actor, ref: str, name: str, call: Callable[[Actor, str], object]) -> Result:
    try:
        call(actor, ref)
    except Exception as error:
        problem = describe(error, actor)
        if problem.status == 500:
            log.exception("%s failed", ref[:64])
        return Result(ref, name, problem.status, problem.message)
    finally:
        connections.close_all()  # of this thread, which ends with the request
    return Result(ref, name, 200)


def _call(order: Order) -> Callable[[Actor, str], object]:
    t, signal = order.t, order.signal
    return {
        "start": lambda actor, ref: containers.container_start(actor, ref),
        "stop": lambda actor, ref: containers.container_stop(actor, ref, t=t, signal=signal),
        "restart": lambda actor, ref: containers.container_restart(actor, ref, t=t, signal=signal),
        "kill": lambda actor, ref: containers.container_kill(actor, ref, signal=signal),
        "pause": containers.container_pause,
        "unpause": containers.container_unpause,
        "remove": lambda actor, ref: containers.container_remove(actor, ref, v=order.v, force=order.force),
    }[order.action]


def _check(action: str) -> None:
    if action not in ACTIONS:
        raise BadInput(f"What is done to several containers is one of {', '.join(ACTIONS)}.")


def _seconds(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadInput("t must be a whole number of seconds.")
    return containers.check_seconds(int(text))


def _flag(key: str, text: str) -> bool:
    if text not in ("", "0", "1", "true", "false", "on"):
        raise BadInput(f"{key} must be true or false.")
    return text in ("1", "true", "on")


def _last(params: Mapping[str, Sequence[str]], key: str) -> str:
    return params[key][-1] if params.get(key) else ""
