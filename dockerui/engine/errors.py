"""Everything the Engine client raises, chosen by what happened, never by the text of a message.
(Podman alone gives no better sign than the `cause` of its 500s.)

EngineError
    InvalidArgument      refused here, before anything was sent
    NotSupported         this Engine's API version does not know the call or the parameter
    VersionMismatch      no API version is spoken by both sides
    EngineUnavailable    nobody answers: no socket, refused, reset, TLS failed
    EngineTimeout        somebody is there but did not answer in time
    ProtocolError        the answer is not what the protocol allows
        StreamCut        a stream ended in the middle
    ApiError             the Engine answered with an error status
        BadParameter 400, Unauthorized 401, Forbidden 403, NotFound 404, NotAcceptable 406, Conflict 409,
        ServerError 5xx, NotImplementedByEngine 501, Busy 503
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

_LONGEST_MESSAGE = 4096


class EngineError(Exception):
    """The root of everything the Engine client raises."""


class InvalidArgument(EngineError, ValueError):
    """A value that must never reach an Engine; nothing was sent."""


class NotSupported(EngineError):
    """The Engine's API version does not know this operation or parameter; nothing was sent."""


class VersionMismatch(EngineError):
    """The Engine and this client have no API version in common."""


class EngineUnavailable(EngineError):
    """No answer: the socket is missing, the connection was refused or reset, or TLS failed."""


class EngineTimeout(EngineError):
    """The Engine is there but did not answer within the time allowed."""


class ProtocolError(EngineError):
    """The peer broke the protocol: garbage instead of HTTP, a redirect, an answer beyond all bounds."""


class StreamCut(ProtocolError):
    """A stream ended before its end: inside a frame, a chunk or a declared length."""


class ApiError(EngineError):
    """The Engine answered with an error.

    `status` is the HTTP status, `message` the Engine's own words (never empty); `structured` says that they
    came as JSON, as all errors of an API version from 1.24 on do but those of hijacked calls.
    """

    def __init__(self, status: int, message: str, *, structured: bool = False) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.structured = structured

    def __str__(self) -> str:
        return self.message

    by_status: ClassVar[dict[int, type[ApiError]]] = {}


class BadParameter(ApiError):
    """400: the Engine refused a parameter or the body."""


class Unauthorized(ApiError):
    """401: a registry, or a proxy before the Engine, wants credentials."""


class Forbidden(ApiError):
    """403: for example a predefined network, or a proxy that lets only some calls through."""


class NotFound(ApiError):
    """404: no such container, image, volume, network, exec, path or route."""


class NotAcceptable(ApiError):
    """406: impossible to attach."""


class Conflict(ApiError):
    """409: the object is not in a state that allows this, or its name is taken."""


class ServerError(ApiError):
    """5xx: the Engine failed; also what several Engines answer to bad input."""


class NotImplementedByEngine(ServerError):
    """501: for example the logs of a container whose log driver cannot be read."""


class Busy(ServerError):
    """503: for example a node that is not in a swarm."""


ApiError.by_status = {
    400: BadParameter,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    406: NotAcceptable,
    409: Conflict,
    501: NotImplementedByEngine,
    503: Busy,
}


# Podman answers 500 where Docker has a status of its own; its `cause` says what it was.
_PODMAN_CAUSES: tuple[tuple[str, type[ApiError]], ...] = (
    ("container state improper", Conflict),
    ("that name is already in use", Conflict),
    ("image is in use by a container", Conflict),
    ("already exists", Conflict),
    ("is being used", Conflict),
    ("invalid argument", BadParameter),
    ("is an invalid filter", BadParameter),
    ("invalid signal", BadParameter),
)


def api_error(status: int, body: bytes, reason: str = "") -> ApiError:
    """The error for an answer with an error status.

    The message is the body's `message` when it is JSON (Docker, Podman), else the body as text (hijacked
    calls and API versions below 1.24), else the HTTP reason. `status` stays what the Engine sent, also where
    Podman's cause tells a better kind.
    """
    if status in ApiError.by_status:
        kind = ApiError.by_status[status]
    else:
        kind = _kind_of_cause(body) if status >= 500 else ApiError
    message = message_of(body) or reason.strip() or f"the Engine answered with status {status}"
    return kind(status, message, structured=body.lstrip().startswith(b"{"))


def _kind_of_cause(body: bytes) -> type[ApiError]:
    cause = str((_decoded(body) or {}).get("cause") or "")
    return next((kind for words, kind in _PODMAN_CAUSES if words in cause), ServerError)


def message_of(body: bytes) -> str:
    """The words of an error body, JSON or plain text; an empty string when there are none."""
    text = body[: _LONGEST_MESSAGE * 4].decode("utf-8", "replace").strip()
    decoded = _decoded(body)
    if decoded is not None:
        found = decoded.get("message") or decoded.get("cause") or decoded.get("error")
        text = str(found).strip() if found else ""
    return text[:_LONGEST_MESSAGE]


def _decoded(body: bytes) -> dict[str, Any] | None:
    """An error body that is a JSON object; None when it is none."""
    text = body[: _LONGEST_MESSAGE * 4].decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return None
    try:
        decoded = json.loads(text)
    except ValueError:
        return None
    return decoded if isinstance(decoded, dict) else None
