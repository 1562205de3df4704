"""The only door to the Engine: authorise, write down, call, write down how it went.

A mutation that cannot be audited does not happen; a refused one makes no Engine call at all.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
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

log = logging.getLogger(__name__)

T = TypeVar("T")
Json = dict[str, Any]
FULL_ID = re.compile(r"[0-9a-f]{64}")
REFERENCE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}")
_INSPECT = OPERATIONS["container_inspect"]
_AUDITED_READS = frozenset({"container.reveal"})


def engine_for(actor: Actor) -> Engine:
    """The Engine that the actor works with. Raises EngineUnavailable while none is found."""
    return engines.default().engine


def aengine_for(actor: Actor) -> AsyncEngine:
    """`engine_for` for coroutines."""
    return engines.default().aengine


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
    admit(actor, permission, target, audited)
    if not audited:
        return call(engine_for(actor))
    outcome = _begin(actor, permission, target, detail)
    try:
        result = call(engine_for(actor))
    except Exception as error:
        outcome("failed", error)
        raise
    outcome("done")
    return result


async def aperform(
    actor: Actor,
    action: str,
    *,
    target: str = "",
    call: Callable[[AsyncEngine], Awaitable[T]],
    detail: Json | None = None,
    left: Callable[[], str] = lambda: "",
) -> T:
    """`perform` for coroutines: `call` gets the asynchronous client. A cancelled call is written down too,
    with what it has `left` half done.
    """
    permission, audited = _declared(action)
    if not audited:
        authorise(actor, permission, target)
        return await call(aengine_for(actor))
    await sync_to_async(admit)(actor, permission, target, audited)
    outcome = sync_to_async(await sync_to_async(_begin)(actor, permission, target, detail))
    try:
        result = await call(aengine_for(actor))
    except asyncio.CancelledError:
        await asyncio.shield(outcome("cancelled", BadInput(left()) if left() else None))
        raise
    except Exception as error:
        await outcome("failed", error)
        raise
    await outcome("done")
    return result


def resolve_container(actor: Actor, ref: str) -> str:
    """The full id behind a reference (security rule R4).

    Raises BadInput, before any call, for what cannot be one; NotFound, Forbidden.
    """
    authorise(actor, "container.inspect")
    if FULL_ID.fullmatch(ref):
        return ref
    return str(engine_for(actor).container_inspect(_reference(ref))["Id"])


async def aresolve_container(actor: Actor, ref: str) -> str:
    """`resolve_container` for coroutines."""
    authorise(actor, "container.inspect")
    if FULL_ID.fullmatch(ref):
        return ref
    found = await aengine_for(actor).json(_INSPECT, path={"id": _reference(ref)})
    return str(found["Id"])


def _reference(ref: str) -> str:
    if not REFERENCE.fullmatch(ref):
        raise BadInput("That is not the id or the name of a container.")
    return ref


def _declared(action: str) -> tuple[str, bool]:
    operation = OPERATIONS.get(action)
    if operation is not None:
        return operation.permission, operation.mutates
    return action, action in _AUDITED_READS


def admit(actor: Actor, permission: str, target: str, audited: bool) -> None:
    """Raise Forbidden unless the actor may; a refusal is written down where success would be."""
    try:
        authorise(actor, permission, target)
    except Forbidden:
        if audited:
            audit.record(actor, permission, target, "refused")
        raise


def _begin(actor: Actor, permission: str, target: str, detail: Json | None) -> Callable[..., None]:
    """Write down that it starts; returns what writes down how it went."""
    number = uuid.uuid4().hex
    audit.record(actor, permission, target, "started", detail, call=number)

    def outcome(word: str, error: Exception | None = None) -> None:
        """What has happened is not undone by a log that cannot be written."""
        why = {"error": describe(error, Actor.system()).message} if error else None
        try:
            audit.record(actor, permission, target, word, why, call=number)
        except Exception:
            log.exception("the audit log lacks how this ended: %s %s %s", actor.name, permission, word)

    return outcome
