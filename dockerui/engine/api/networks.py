"""Networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerui.engine.operation import body, filter_, operation, query, ref

from .base import Caller, mapping, rows

_ID = ref("id", "Network id or name")

NETWORK_LIST = operation(
    "network_list",
    "GET",
    "/networks",
    filter_("driver", "Driver name"),
    filter_("id", "Part of the id"),
    filter_("label", "`key` or `key=value`"),
    filter_("name", "Part of the name"),
    filter_("type", "custom or builtin"),
    filter_("scope", "local, global or swarm", since="1.29"),
    filter_("dangling", "true: not in use; false: in use", since="1.40"),
    doc="List networks; their containers only before API 1.28.",
)
NETWORK_INSPECT = operation(
    "network_inspect",
    "GET",
    "/networks/{id}",
    _ID,
    query("verbose", "bool", "Also the services of a swarm network", since="1.28"),
    query("scope", doc="swarm, global or local", since="1.31"),
    doc="All about a network, with its containers.",
)
NETWORK_CREATE = operation(
    "network_create",
    "POST",
    "/networks/create",
    body("Name", doc="Name"),
    body("CheckDuplicate", "bool", "Refuse a name that exists; always so since API 1.44"),
    body("Driver", doc="Network driver, bridge when absent"),
    body("Scope", doc="local, global or swarm", since="1.30"),
    body("Internal", "bool", "No way out to other networks"),
    body("Attachable", "bool", "Containers may join a swarm network", since="1.25"),
    body("Ingress", "bool", "The swarm's routing mesh", since="1.29"),
    body("ConfigOnly", "bool", "Only a configuration for other networks", since="1.30"),
    body("ConfigFrom", "object", "Take the configuration of `{Network}`", since="1.30"),
    body("IPAM", "object", "Address management"),
    body("IPAM.Driver", doc="IPAM driver, default when absent"),
    body("IPAM.Config", "array", "`[{Subnet, IPRange, Gateway, AuxiliaryAddresses}]`"),
    body("IPAM.Options", "map", "Options of the IPAM driver"),
    body("EnableIPv4", "bool", "IPv4 on the network", since="1.48"),
    body("EnableIPv6", "bool", "IPv6 on the network"),
    body("Options", "map", "Options of the driver, text to text"),
    body("Labels", "map", "Labels, text to text"),
    doc="Create a network.",
)
NETWORK_CONNECT = operation(
    "network_connect",
    "POST",
    "/networks/{id}/connect",
    _ID,
    body("Container", doc="Container id or name"),
    body("EndpointConfig", "object", "Addresses, aliases, links of the container in this network"),
    doc="Connect a container to a network.",
)
NETWORK_DISCONNECT = operation(
    "network_disconnect",
    "POST",
    "/networks/{id}/disconnect",
    _ID,
    body("Container", doc="Container id or name"),
    body("Force", "bool", "Also when the container is gone or does not run"),
    doc="Disconnect a container from a network.",
)
NETWORK_REMOVE = operation("network_remove", "DELETE", "/networks/{id}", _ID, doc="Remove a network.")
NETWORK_PRUNE = operation(
    "network_prune",
    "POST",
    "/networks/prune",
    filter_("until", "Created before this time or duration", since="1.28"),
    filter_("label", "`key` or `key=value`", since="1.29"),
    filter_("label!", "Not `key` or not `key=value`", since="1.29"),
    since="1.25",
    doc="Remove unused networks.",
)


class NetworkApi(Caller):
    """Calls about networks."""

    def network_list(self, *, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """List networks. Since API 1.28 `Containers` is missing: inspect each for it.

        `GET /networks`
        """
        return rows(self.json(NETWORK_LIST, query={"filters": filters}))

    def network_inspect(
        self, id: str, *, verbose: bool | None = None, scope: str | None = None
    ) -> dict[str, Any]:
        """All about a network, with `Containers`. Raises NotFound.

        `GET /networks/{id}`
        """
        return mapping(
            self.json(NETWORK_INSPECT, path={"id": id}, query={"verbose": verbose, "scope": scope})
        )

    def network_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a network; return `Id` and `Warning`. Raises Conflict, NotFound for an unknown driver.

        `POST /networks/create`
        """
        return mapping(self.json(NETWORK_CREATE, body=body))

    def network_connect(
        self, id: str, *, container: str, endpoint_config: Mapping[str, Any] | None = None
    ) -> None:
        """Connect a container. Raises NotFound; Forbidden when it is connected already (also host, none).

        `POST /networks/{id}/connect`
        """
        body: dict[str, Any] = {"Container": container}
        if endpoint_config is not None:
            body["EndpointConfig"] = endpoint_config
        self.call(NETWORK_CONNECT, path={"id": id}, body=body)

    def network_disconnect(self, id: str, *, container: str, force: bool = False) -> None:
        """Disconnect a container. Raises NotFound, Forbidden for one that is not connected.

        `POST /networks/{id}/disconnect`
        """
        self.call(NETWORK_DISCONNECT, path={"id": id}, body={"Container": container, "Force": force})

    def network_remove(self, id: str) -> None:
        """Remove a network. Raises NotFound; Forbidden when it is predefined or in use.

        `DELETE /networks/{id}`
        """
        self.call(NETWORK_REMOVE, path={"id": id})

    def network_prune(self, *, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Remove unused networks; return `NetworksDeleted` (may be null).

        `POST /networks/prune`, API 1.25
        """
        return mapping(self.json(NETWORK_PRUNE, query={"filters": filters}))
