"""Everything that can go wrong, as a status and words: one mapping for pages, toasts and sockets."""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass

from dockerui.access import Actor, Forbidden
from dockerui.engine import errors as engine
from dockerui.services import engines
from dockerui.services.engine_trouble import advise

log = logging.getLogger(__name__)


class BadInput(Exception):
    """What was asked cannot be meant; nothing was sent to the Engine.

    The text says what was wrong and what to do.
    """


@dataclass(frozen=True)
class Problem:
    """What a person is told.

    `status` is the HTTP status, `title` a few words, `message` what was wrong, `hint` what to do. `steps` are
    things to try when the Engine cannot be used at all; they may hold `commands` between backquotes. `passes`
    says that it can go away by itself, so that a page may wait for it. `reference` finds it in the log.
    """

    status: int
    title: str
    message: str
    hint: str = ""
    steps: tuple[str, ...] = ()
    passes: bool = False
    reference: str = ""


_ENGINE: tuple[tuple[type[Exception], int, str, str], ...] = (
    (engine.InvalidArgument, 400, "That cannot be sent", ""),
    (
        engine.NotSupported,
        501,
        "This Engine cannot do that",
        "Leave it out. The page Capabilities lists what this Engine cannot do, and why.",
    ),
    (engine.EngineTimeout, 504, "The Engine does not answer in time", "It may still be working on it."),
    (engine.StreamCut, 502, "The Engine's answer was cut off", "Try again; the Engine may have restarted."),
    (
        engine.ProtocolError,
        502,
        "The Engine's answer makes no sense",
        "Does the address belong to an Engine?",
    ),
    (engine.NotFound, 404, "That is not there", "It may have been removed; reload the list."),
    (engine.Conflict, 409, "That is not possible now", ""),
    (engine.BadParameter, 400, "The Engine refuses that", ""),
    # Not 401: that would mean a login to *us*.
    (engine.Unauthorized, 400, "The registry refuses these credentials", "Check user name and password."),
    (engine.NotImplementedByEngine, 501, "This Engine cannot do that", ""),
)

_REMEDIES = {
    'exec: "ps"': "Install the package procps on the Engine's machine: it asks ps for the processes.",
    r"network \S+ not found": "The container names a network that is gone. Make one of that name again, or "
    "choose others under Edit and replace.",
}


def describe(error: Exception, actor: Actor, *, reference: str = "") -> Problem:
    """The problem behind an exception. What the Engine says about its own failures is for admins only.

    `reference` is a number under which the log has the rest; one is made where none is given.
    """
    if isinstance(error, BadInput):
        return Problem(400, "That will not work", str(error))
    if isinstance(error, Forbidden):
        return Problem(403, "Not allowed", str(error))
    if isinstance(error, (engine.EngineUnavailable, engine.VersionMismatch)):
        return _unusable(error)
    for kind, status, title, hint in _ENGINE:
        if isinstance(error, kind):
            return Problem(status, title, sentence(str(error)), _remedy(str(error)) or hint)
    if isinstance(error, engine.ApiError):
        return _api_error(error, actor, reference or _number())
    if isinstance(error, engine.EngineError):
        return Problem(502, "The Engine failed", sentence(str(error)))
    return bug(error, reference=reference)


def for_everybody(error: Exception) -> str:
    """One sentence for a view that people with different rights share."""
    return describe(error, Actor.nobody()).message


def bug(error: Exception | None, *, reference: str = "") -> Problem:
    """A mistake of our own: the log gets the traceback, the person a number that finds it."""
    reference = reference or _number()
    if error is not None:
        log.error("%s: a bug in dockerui", reference, exc_info=error)
    message = f"This is a bug in dockerui. Its log says more under {reference}."
    return Problem(500, "dockerui made a mistake", message, reference=reference)


def sentence(text: str) -> str:
    """An Engine's message as a sentence: capital first, full stop last."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def _unusable(error: engine.EngineError) -> Problem:
    advice = advise(error, engines.known_endpoint())
    status = 503 if isinstance(error, engine.EngineUnavailable) else 502
    return Problem(
        status, advice.title, sentence(str(error)), "This page goes on by itself.", advice.steps, passes=True
    )


def _api_error(error: engine.ApiError, actor: Actor, reference: str) -> Problem:
    if error.status < 500:
        return Problem(error.status, "The Engine refuses that", sentence(error.message))
    if actor.may("engine.diagnose"):
        return Problem(502, "The Engine failed", sentence(error.message), _remedy(error.message))
    log.warning("%s: the Engine answered %d: %s", reference, error.status, error.message)
    message = f"An admin finds the reason in the log under {reference}."
    return Problem(502, "The Engine failed", message, reference=reference)


def _remedy(message: str) -> str:
    return next((hint for pattern, hint in _REMEDIES.items() if re.search(pattern, message)), "")


def _number() -> str:
    return uuid.uuid4().hex[:12]
