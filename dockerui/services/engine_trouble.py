"""Why the Engine cannot be used, and what to do about it: by cause, never by the text of a message."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from dockerui.engine import Endpoint
from dockerui.engine.errors import VersionMismatch


@dataclass(frozen=True)
class Advice:
    """`title` names the trouble in a few words; `steps` are things to try, the likeliest first."""

    title: str
    steps: tuple[str, ...]


START = "Start the Engine: `systemctl start docker`, or `make run` where dockerui has one of its own."
ADDRESS = "If the Engine is elsewhere, set `DOCKERUI_ENGINE` to its address and start dockerui again."


def advise(error: Exception, endpoint: Endpoint | None) -> Advice:
    """Advice for an Engine that cannot be used; `endpoint` is what was tried, None when nothing was found."""
    if isinstance(error, VersionMismatch):
        return Advice("The Engine and dockerui share no API version", ("Update the older of the two.",))
    if endpoint is None:
        return Advice("No Engine was found", (START, ADDRESS))
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return _tls()
    if endpoint.scheme == "unix":
        return _socket(endpoint.path, causes)
    return _network(causes)


def _socket(path: str, causes: list[BaseException]) -> Advice:
    if any(isinstance(cause, PermissionError) for cause in causes):
        return Advice(
            "dockerui may not open the Engine's socket",
            (
                f"Add the user that runs dockerui ({_user()}) to the group that owns {path}, most often "
                "`docker`: `usermod -aG docker USER`. Then start dockerui again.",
                "Or run dockerui as root.",
            ),
        )
    if any(isinstance(cause, FileNotFoundError) for cause in causes):
        return Advice("The Engine's socket is not there", (START, _mount(path), ADDRESS))
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Advice("Nobody answers at the Engine's socket", (START, ADDRESS))
    return Advice("The Engine does not answer", (START, ADDRESS))


def _mount(path: str) -> str:
    return f"If dockerui runs in a container, mount the socket into it: `-v {path}:{path}`."


def _network(causes: list[BaseException]) -> Advice:
    listening = (
        "See that the Engine listens on that port and that no firewall is between: `ss -ltn` on its host."
    )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Advice("Nobody listens at the Engine's address", (START, listening, ADDRESS))
    return Advice("The Engine's address cannot be reached", (listening, ADDRESS))


def _tls() -> Advice:
    steps = (
        "Compare `DOCKER_CERT_PATH` and `DOCKER_TLS_VERIFY` with what the docker CLI uses.",
        "See that the Engine's certificate names this address and has not expired.",
    )
    return Advice("TLS with the Engine failed", steps)


def _user() -> str:
    return os.environ.get("USER") or f"uid {os.getuid()}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it came from, and what those carry as arguments (urllib3 wraps causes so)."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inside = (found.__cause__, found.__context__, getattr(found, "reason", None), *found.args)
        waiting.extend(cause for cause in inside if isinstance(cause, BaseException))
