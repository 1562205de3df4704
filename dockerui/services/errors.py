"""Everything that can go wrong, as a status and words for the person: one mapping for pages, toasts and sockets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from dockerui.access import Actor, Forbidden
from dockerui.engine import errors as engine


class BadInput(Exception):
    """What was asked cannot be meant; nothing was sent to the Engine. The text says what was wrong and what to do."""


@dataclass(frozen=True)
class Problem:
    """`status` is the HTTP status, `title` a few words, `message` what was wrong, `hint` what to do."""

    status: int
    title: str
    message: str
    hint: str = ""
    reference: str = ""


_ENGINE: tuple[tuple[type[Exception], int, str, str], ...] = (
    (engine.InvalidArgument, 400, "That cannot be sent", ""),
    (engine.NotSupported, 501, "This Engine cannot do that", "A newer Engine can; see the capability page."),
    (engine.VersionMismatch, 502, "The Engine and dockerui share no API version", "Update one of them."),
    (
        engine.EngineTimeout,
        504,
        "The Engine does not answer in time",
        "Try again; if it stays so, look at the Engine's log.",
    ),
    (
        engine.EngineUnavailable,
        503,
        "The Engine cannot be reached",
        "Start it, or check its address and its permissions.",
    ),
    (engine.StreamCut, 502, "The Engine's answer was cut off", "Try again; the Engine may have restarted."),
    (
        engine.ProtocolError,
        502,
        "The Engine's answer makes no sense",
        "Check that the address belongs to an Engine.",
    ),
    (engine.NotFound, 404, "That is not there", "It may have been removed; reload the list."),
    (engine.Conflict, 409, "That is not possible now", ""),
    (engine.BadParameter, 400, "The Engine refuses that", ""),
)


def describe(error: Exception, actor: Actor) -> Problem:
    """The problem behind an exception. What the Engine says about its own failures is for admins only."""
    if isinstance(error, BadInput):
        return Problem(400, "That will not work", str(error))
    if isinstance(error, Forbidden):
        return Problem(403, "Not allowed", str(error))
    for kind, status, title, hint in _ENGINE:
        if isinstance(error, kind):
            return Problem(status, title, sentence(str(error)), hint)
    if isinstance(error, engine.ApiError):
        return _api_error(error, actor)
    if isinstance(error, engine.EngineError):
        return Problem(502, "The Engine failed", sentence(str(error)))
    return Problem(
        500,
        "dockerui made a mistake",
        "This is a bug in dockerui; its log says more.",
        reference=_reference(),
    )


def sentence(text: str) -> str:
    """An Engine's message as a sentence: capital first, full stop last."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def _api_error(error: engine.ApiError, actor: Actor) -> Problem:
    status = error.status if 400 <= error.status < 500 else 502
    if status < 500 or actor.may("account.manage"):
        return Problem(
            status,
            "The Engine refuses that" if status < 500 else "The Engine failed",
            sentence(error.message),
        )
    reference = _reference()
    return Problem(502, "The Engine failed", f"Tell an admin this number: {reference}.", reference=reference)


def _reference() -> str:
    return uuid.uuid4().hex[:12]
