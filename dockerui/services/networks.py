"""Networks: list, create, connect, disconnect, remove, prune, and who is on them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor, authorise, masking
from dockerui.services.container_fields import parse_labels
from dockerui.services.door import FULL_ID, engine_for, perform, resolve_container
from dockerui.services.errors import BadInput
from dockerui.services.network_join import join

Json = dict[str, Any]
REFERENCE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}")
BUILT_IN = ("bridge", "host", "none", "podman")
FILTERS = ("driver", "id", "label", "name", "type", "scope", "dangling")


@dataclass(frozen=True)
class Endpoint:
    """A container on a network."""

    container_id: str
    container: str
    state: str
    ipv4: str
    ipv6: str
    mac: str


@dataclass(frozen=True)
class NetworkView:
    """A network as its page and its row show it."""

    id: str
    name: str
    driver: str
    scope: str
    internal: bool
    ipv6: bool
    attachable: bool
    subnets: tuple[tuple[str, str], ...]
    """Subnet and gateway, as CIDR and address."""
    created: str
    options: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    endpoints: tuple[Endpoint, ...]
    project: str

    @property
    def built_in(self) -> bool:
        """Whether the Engine made it and will not let it go."""
        return self.name in BUILT_IN

    def endpoint(self, container_id: str) -> Endpoint:
        """A container's place on it. Raises BadInput when it has none."""
        for endpoint in self.endpoints:
            if endpoint.container_id == container_id:
                return endpoint
        raise BadInput("That container is not on this network any more.")


@dataclass(frozen=True)
class NetworkPage:
    """A network, its inspect document without secrets, and the names of the containers that are not on it."""

    network: NetworkView
    inspect: Json
    others: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The containers that have it, stopped ones included."""
        return [f"{endpoint.container} ({endpoint.state})" for endpoint in self.network.endpoints]

    @property
    def loss(self) -> str:
        """What its removal means."""
        if not self.network.endpoints:
            return "No container is on it."
        return (
            "These containers are on it. The Engine refuses while one of them runs; stopped ones would not \
start again without it. Disconnect them first."
        )


def network_list(actor: Actor, filters: Mapping[str, list[str]] | None = None) -> list[NetworkView]:
    """All networks that match, by name, with the containers on them, stopped ones included."""
    known = check_filters(filters or {})
    networks = perform(actor, "network_list", call=lambda engine: engine.network_list(filters=known or None))
    containers = perform(actor, "container_list", call=lambda engine: engine.container_list(all=True))
    return sorted((view(network, containers) for network in networks), key=lambda found: found.name)


def network_page(actor: Actor, ref: str) -> NetworkPage:
    """One network, the Engine's own words about it, and who could join. Raises NotFound."""
    check_ref(ref)
    found = perform(actor, "network_inspect", target=ref, call=lambda engine: engine.network_inspect(ref))
    containers = perform(actor, "container_list", call=lambda engine: engine.container_list(all=True))
    network = view(found, containers)
    on_it = {endpoint.container for endpoint in network.endpoints}
    others = sorted({_name(container) for container in containers} - on_it)
    return NetworkPage(network, masking.document(found), tuple(others))


def network_create(actor: Actor, data: Mapping[str, Any]) -> str:
    """Create a network from the form; returns its id. Raises Conflict, BadInput."""
    body = body_of(data)
    made = perform(
        actor,
        "network_create",
        target=body["Name"],
        call=lambda engine: engine.network_create(body),
        detail={"driver": body["Driver"]},
    )
    return str(made["Id"])


def network_connect(actor: Actor, ref: str, container: str, data: Mapping[str, Any]) -> None:
    """Put a container on a network, with aliases and addresses of its own if given; refused, it stays as it
    was.
    """
    config = endpoint_of(data)
    network = _resolve(actor, "network.connect", ref)
    container_id = resolve_container(actor, container)
    perform(
        actor,
        "network_connect",
        target=network,
        detail={"container": container_id},
        call=lambda engine: join(engine, network, container_id, config),
    )


def network_disconnect(actor: Actor, ref: str, container: str, *, force: bool) -> None:
    """Take a container off a network; `force` also one that is gone, by its full id."""
    network = _resolve(actor, "network.disconnect", ref)
    container_id = resolve_container(actor, container)
    perform(
        actor,
        "network_disconnect",
        target=network,
        detail={"container": container_id, "force": force},
        call=lambda engine: engine.network_disconnect(network, container=container_id, force=force),
    )


def network_remove(actor: Actor, ref: str) -> None:
    """Remove a network. Raises Forbidden (ApiError 403) while containers are on it or for a built-in one,
    and BadInput on Podman, which would pull a used network away from under its containers.
    """
    network = _resolve(actor, "network.remove", ref)
    if engine_for(actor).server.is_podman and (users := network_page(actor, network).network.endpoints):
        names = ", ".join(endpoint.container for endpoint in users)
        raise BadInput(f"Containers are on it: {names}. Disconnect or remove them first.")
    perform(actor, "network_remove", target=network, call=lambda engine: engine.network_remove(network))


def _resolve(actor: Actor, permission: str, ref: str) -> str:
    """The full id behind a reference (security rule R4); asked for by who may do what comes next."""
    check_ref(ref)
    authorise(actor, permission, ref)
    if FULL_ID.fullmatch(ref):
        return ref
    found = perform(actor, "network_inspect", target=ref, call=lambda engine: engine.network_inspect(ref))
    return str(found["Id"])


def check_ref(ref: str) -> None:
    """Raises BadInput for what cannot be the id or the name of an object."""
    if not REFERENCE.fullmatch(ref):
        raise BadInput("That is not the id or the name of an object.")


def check_filters(filters: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Known filters with values. Raises BadInput for unknown ones."""
    for name in filters:
        if name not in FILTERS:
            raise BadInput(f"There is no filter “{name[:40]}” for networks.")
    return {name: [value for value in values if value] for name, values in filters.items() if any(values)}


def body_of(data: Mapping[str, Any]) -> Json:
    """The create body of the form. Raises BadInput."""
    name = str(data.get("name", "")).strip()
    if not REFERENCE.fullmatch(name):
        raise BadInput(
            "A network's name starts with a letter or digit and goes on with letters, digits, _ . and -."
        )
    body: Json = {
        "Name": name,
        "CheckDuplicate": True,
        "Driver": str(data.get("driver", "")).strip() or "bridge",
        "Internal": bool(data.get("internal")),
        "EnableIPv6": bool(data.get("ipv6")),
        "Options": parse_labels(str(data.get("options", ""))),
        "Labels": parse_labels(str(data.get("labels", ""))),
    }
    if data.get("attachable"):
        body["Attachable"] = True
    ipam = _ipam(data)
    if ipam:
        body["IPAM"] = ipam
    return body


def _ipam(data: Mapping[str, Any]) -> Json:
    """`subnet [gateway] [range]` per line, a driver and its options."""
    ipam: Json = {}
    pools = [_pool(line) for line in str(data.get("subnets", "")).splitlines() if line.strip()]
    if pools:
        ipam["Config"] = pools
    if driver := str(data.get("ipam_driver", "")).strip():
        ipam["Driver"] = driver
    if options := parse_labels(str(data.get("ipam_options", ""))):
        ipam["Options"] = options
    return ipam


def _pool(line: str) -> Json:
    subnet, *rest = line.split()
    try:
        network = ipaddress.ip_network(subnet)
        pool: Json = {"Subnet": str(network)}
        for word in rest:
            if "=" in word:
                name, _, address = word.partition("=")
                pool.setdefault("AuxiliaryAddresses", {})[name] = str(ipaddress.ip_address(address))
            elif "/" in word:
                pool["IPRange"] = str(ipaddress.ip_network(word))
            else:
                pool["Gateway"] = str(ipaddress.ip_address(word))
    except ValueError as error:
        raise BadInput(f"Subnets: {error}. Write for example 172.30.0.0/24 172.30.0.1.") from None
    return pool


def endpoint_of(data: Mapping[str, Any]) -> Json:
    """The endpoint configuration of the connect form. Raises BadInput."""
    config: Json = {}
    if aliases := str(data.get("aliases", "")).replace(",", " ").split():
        config["Aliases"] = aliases
    if links := str(data.get("links", "")).replace(",", " ").split():
        config["Links"] = links
    addresses = {}
    for key, name, version in (("ipv4", "IPv4Address", 4), ("ipv6", "IPv6Address", 6)):
        if text := str(data.get(key, "")).strip():
            try:
                addresses[name] = str(ipaddress.ip_address(text))
            except ValueError:
                raise BadInput(f"“{text[:40]}” is not an IPv{version} address.") from None
    if addresses:
        config["IPAMConfig"] = addresses
    return config


def view(network: Mapping[str, Any], containers: list[Json]) -> NetworkView:
    """A network for people; the containers on it come from the list, which knows the stopped ones too."""
    ipam = (network.get("IPAM") or {}).get("Config") or ()
    labels = network.get("Labels") or {}
    return NetworkView(
        id=str(network["Id"]),
        name=str(network["Name"]),
        driver=network.get("Driver") or "",
        scope=network.get("Scope") or "",
        internal=bool(network.get("Internal")),
        ipv6=bool(network.get("EnableIPv6")),
        attachable=bool(network.get("Attachable")),
        subnets=tuple((pool.get("Subnet") or "", pool.get("Gateway") or "") for pool in ipam),
        created=network.get("Created") or "",
        options=tuple(sorted(masking.options(network.get("Options") or {}).items())),
        labels=tuple(sorted(labels.items())),
        endpoints=tuple(_endpoints(network, containers)),
        project=labels.get("com.docker.compose.project", ""),
    )


def _name(container: Json) -> str:
    return str((container.get("Names") or [container["Id"][:12]])[0]).lstrip("/")


def _endpoints(network: Mapping[str, Any], containers: list[Json]) -> list[Endpoint]:
    found = []
    for container in containers:
        entry = ((container.get("NetworkSettings") or {}).get("Networks") or {}).get(network["Name"])
        if entry is None:
            continue
        found.append(
            Endpoint(
                container_id=container["Id"],
                container=_name(container),
                state=container.get("State") or "",
                ipv4=entry.get("IPAddress") or "",
                ipv6=entry.get("GlobalIPv6Address") or "",
                mac=entry.get("MacAddress") or "",
            )
        )
    return sorted(found, key=lambda endpoint: endpoint.container)
