"""API versions: what both sides speak, and which one to use.

The Engine's own maximum and minimum come from `GET /version` (`MinAPIVersion` since Engine 1.13). Engine
1.12 sends no `Api-Version` header, so the header alone is never enough, and a missing header never means
"the newest".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ProtocolError, VersionMismatch

_FORM = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.\d{1,9})?")


@dataclass(frozen=True, order=True)
class ApiVersion:
    """An Engine API version such as 1.41; ordered as numbers, printed as the Engine prints it."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> ApiVersion:
        """Read `1.41`, also with a third number, which means nothing. Raises ValueError."""
        found = _FORM.fullmatch(text.strip())
        if not found:
            raise ValueError(f"not an API version: {text[:20]!r}")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


OLDEST = ApiVersion(1, 24)
"""The oldest API this client speaks (Engine 1.12)."""
NEWEST = ApiVersion(1, 51)
"""The newest API this client speaks (Engine 28.3 to 28.5)."""


@dataclass(frozen=True)
class ServerInfo:
    """What `GET /version` and the answer's headers say about the Engine."""

    version: str
    """The Engine's own version, such as `20.10.24`; empty when it does not say."""
    api: ApiVersion
    """The newest API the Engine speaks."""
    min_api: ApiVersion | None
    """The oldest API the Engine accepts; None when it does not say (Engine 1.12)."""
    os: str
    """`linux`, `windows`, or empty when unknown."""
    arch: str
    is_podman: bool
    experimental: bool


def read_server(headers: Mapping[str, str], body: Mapping[str, Any]) -> ServerInfo:
    """Put together what an Engine says about itself.

    `headers` are those of the answer (any case-insensitive mapping), `body` is the decoded `GET /version`, or
    empty when only the headers are known. Raises ProtocolError when neither names an API version.
    """
    api = _version(body.get("ApiVersion")) or _version(headers.get("Api-Version"))
    if api is None:
        raise ProtocolError("the Engine does not say which API version it speaks")
    return ServerInfo(
        version=str(body.get("Version") or ""),
        api=api,
        min_api=_version(body.get("MinAPIVersion")),
        os=str(body.get("Os") or headers.get("Ostype") or "").lower(),
        arch=str(body.get("Arch") or ""),
        is_podman=_is_podman(headers, body),
        experimental=body.get("Experimental") is True or headers.get("Docker-Experimental") == "true",
    )


def choose(server: ServerInfo) -> ApiVersion:
    """The newest API version that both sides speak. Raises VersionMismatch when there is none."""
    if server.api < OLDEST:
        raise VersionMismatch(
            f"this Engine speaks API {server.api} at most; dockerui needs {OLDEST} (Docker 1.12) or newer"
        )
    # Podman advertises a minimum and never enforces it.
    if server.min_api and server.min_api > NEWEST and not server.is_podman:
        raise VersionMismatch(
            f"this Engine wants API {server.min_api} at least; this dockerui speaks {OLDEST} to {NEWEST}"
        )
    return min(NEWEST, server.api)


def _version(value: object) -> ApiVersion | None:
    if not isinstance(value, str):
        return None
    try:
        return ApiVersion.parse(value)
    except ValueError:
        return None


def _is_podman(headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    if headers.get("Libpod-API-Version") or str(headers.get("Server", "")).startswith("Libpod/"):
        return True
    components = body.get("Components")
    if not isinstance(components, list):
        return False
    return any(isinstance(c, dict) and str(c.get("Name", "")).startswith("Podman") for c in components)
