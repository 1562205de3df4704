"""The Engine itself: version, ping, info, events, disk usage, registry login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dockerui.engine.operation import body, filter_, operation, query

from .base import Caller, mapping

SYSTEM_PING = operation("system_ping", "GET", "/_ping", doc="Whether the Engine is there.")
SYSTEM_VERSION = operation("system_version", "GET", "/version", doc="Versions of the Engine and its parts.")
SYSTEM_INFO = operation("system_info", "GET", "/info", doc="Configuration and counts of the Engine.")
SYSTEM_AUTH = operation(
    "system_auth",
    "POST",
    "/auth",
    body("username", doc="User name at the registry"),
    body("password", doc="Password or access token"),
    body("email", doc="E-mail address, which registries ignore"),
    body("serveraddress", doc="Registry, such as registry.example.com"),
    body("identitytoken", doc="Token instead of a password"),
    body("registrytoken", doc="Bearer token instead of a password"),
    body("auth", doc="base64 of `user:password`, the form of config.json"),
    doc="Check credentials at a registry.",
)
SYSTEM_EVENTS = operation(
    "system_events",
    "GET",
    "/events",
    query("since", "time", "From this time on; the Engine keeps the last 256"),
    query("until", "time", "Up to this time, then the stream ends"),
    filter_("container", "Container id or name"),
    filter_("event", "Action, such as start or health_status"),
    filter_("image", "Image reference or id"),
    filter_("label", "`key` or `key=value` of a container, image, volume or network"),
    filter_(
        "type", "container, image, volume, network, daemon, plugin, service, node, secret, config or builder"
    ),
    filter_("volume", "Volume name"),
    filter_("network", "Network id or name"),
    filter_("daemon", "Engine name or id"),
    filter_("plugin", "Plugin name or id", since="1.25"),
    filter_("scope", "local or swarm", since="1.30"),
    filter_("node", "Node id or name", since="1.33"),
    filter_("service", "Service id or name", since="1.33"),
    filter_("secret", "Secret id or name", since="1.33"),
    filter_("config", "Config id or name", since="1.33"),
    permission="event.read",
    stream="json",
    doc="What happens, as it happens.",
)
SYSTEM_DF = operation(
    "system_df",
    "GET",
    "/system/df",
    query("type", "list", "Only these: container, image, volume, build-cache", since="1.42"),
    since="1.25",
    doc="Disk space used by images, containers, volumes and the build cache.",
)


class SystemApi(Caller):
    """Calls about the Engine itself."""

    def system_ping(self) -> dict[str, str]:
        """The headers of a ping, which name API version, OS and builder. Raises EngineUnavailable.

        `GET /_ping`
        """
        return dict(self.call(SYSTEM_PING).headers)

    def system_version(self) -> dict[str, Any]:
        """Versions: `Version`, `ApiVersion`, `Os`, `Arch`, `Components` (newer Engines).

        `GET /version`
        """
        return mapping(self.json(SYSTEM_VERSION))

    def system_info(self) -> dict[str, Any]:
        """Counts, drivers, limits and configuration.

        `GET /info`
        """
        return mapping(self.json(SYSTEM_INFO))

    def system_auth(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Check registry credentials; return `Status` and perhaps `IdentityToken`, or nothing.

        Wrong ones raise Unauthorized or ServerError, as does a registry that cannot be reached.

        `POST /auth`
        """
        return mapping(self.json(SYSTEM_AUTH, body=body) or {})

    def system_df(self, *, type: Sequence[str] | None = None) -> dict[str, Any]:
        """Disk usage in bytes; slow on large Engines. `type` names what to count (API 1.42).

        `GET /system/df`, API 1.25
        """
        return mapping(self.json(SYSTEM_DF, query={"type": type}))
