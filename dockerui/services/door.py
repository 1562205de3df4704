"""The only door to the Engine: authorise, write down, call, write down how it went.

A mutation that cannot be audited does not happen. A refused one makes no Engine call at all.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from asgiref.sync import sync_to_async

from dockerui import audit
from dockerui.access import Actor, Forbidden, authorise
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.operation import OPERATIONS
from dockerui.services import engines
from dockerui.services.errors import BadInput, describe

T = TypeVar("T")
Json = dict[str, Any]
FULL_ID = re.compile(r"[0-9a-f]{64}")
REFERENCE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}")
_AUDITED_READS = frozenset({"container.reveal"})


def engine_for(actor: Actor) -> Engine:
    """The Engine that the actor works with."""
    return engines.default().engine


def perform(
    actor: Actor,
    action: str,
    *,
    target: str = "",
    call: Callable[[Engine], T],
    detail: Json | None = None,
) -> T:
    """Do `call` if the actor may; `action` is an operation's name or a permission of our own.

    `detail` goes into the audit log and must hold no secret. Raises Forbidden, EngineError, BadInput.
    """
    permission, audited = _declared(action)
    _admit(actor, permission, target, audited)
    if not audited:
        return call(engine_for(actor))
    audit.record(actor, permission, target, "started", _summary(detail))
    try:
        result = call(engine_for(actor))
    except Exception as error:
        audit.record(
            actor, permission, target, "failed", {"error": describe(error, Actor.system()).message[:500]}
        )
        raise
    audit.record(actor, permission, target, "done")
    return result


async def aperform(
    actor: Actor,
    action: str,
    *,
    target: str = "",
    call: Callable[[AsyncEngine], Awaitable[T]],
    detail: Json | None = None,
) -> T:
    """`perform` for coroutines: `call` gets the asynchronous client."""
    permission, audited = _declared(action)
    record = sync_to_async(audit.record)
    await sync_to_async(_admit)(actor, permission, target, audited)
    if not audited:
        return await call(engines.default().aengine)
    await record(actor, permission, target, "started", _summary(detail))
    try:
        result = await call(engines.default().aengine)
    except Exception as error:
        await record(
            actor, permission, target, "failed", {"error": describe(error, Actor.system()).message[:500]}
        )
        raise
    await record(actor, permission, target, "done")
    return result


def resolve_container(actor: Actor, ref: str) -> str:
    """The full id behind a reference. Raises BadInput before any call for what cannot be one, and NotFound."""
    authorise(actor, "container.inspect")
    if FULL_ID.fullmatch(ref):
        return ref
    if not REFERENCE.fullmatch(ref):
        raise BadInput("That is not the id or the name of a container.")
    return str(engine_for(actor).container_inspect(ref)["Id"])


async def aresolve_container(actor: Actor, ref: str) -> str:
    """`resolve_container` for coroutines."""
    authorise(actor, "container.inspect")
    if FULL_ID.fullmatch(ref):
        return ref
    if not REFERENCE.fullmatch(ref):
        raise BadInput("That is not the id or the name of a container.")
    return str((await engines.default().aengine.container_inspect(ref))["Id"])


def _declared(action: str) -> tuple[str, bool]:
    operation = OPERATIONS.get(action)
    if operation is not None:
        return operation.permission, operation.mutates
    return action, action in _AUDITED_READS


def _admit(actor: Actor, permission: str, target: str, audited: bool) -> None:
    try:
        authorise(actor, permission)
    except Forbidden:
        if audited:
            audit.record(actor, permission, target, "refused")
        raise


def _summary(detail: Json | None) -> Json:
    """A dictionary that is safe and small enough for the log: values of plain types, cut short."""
    return {
        key: value if isinstance(value, (bool, int, float)) else str(value)[:200]
        for key, value in (detail or {}).items()
    }
