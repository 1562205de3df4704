"""Putting a container on a network so that a refusal leaves nothing behind.

Docker writes the network into the container before it looks whether the address fits, and leaves it there
when it does not: the container would not start again.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from dockerui.engine import Engine
from dockerui.engine.errors import ApiError, EngineError
from dockerui.services.errors import BadInput

Json = dict[str, Any]
log = logging.getLogger(__name__)


def join(engine: Engine, network: str, container: str, config: Json) -> None:
    """Connect by full ids. Raises BadInput for an address outside of the network, ApiError."""
    found = engine.network_inspect(network)
    check_addresses(found, config.get("IPAMConfig") or {})
    was_on = found["Name"] in _networks_of(engine, container)
    try:
        engine.network_connect(network, container=container, endpoint_config=config or None)
    except ApiError:
        if not was_on:
            _take_off(engine, found, container)
        raise


def check_addresses(network: Mapping[str, Any], addresses: Mapping[str, str]) -> None:
    """Raises BadInput for one that is in none of the subnets, which a stopped container would find out much
    later.
    """
    pools = (network.get("IPAM") or {}).get("Config") or ()
    subnets = [ipaddress.ip_network(pool["Subnet"]) for pool in pools if pool.get("Subnet")]
    for text in addresses.values():
        address = ipaddress.ip_address(text)
        same = [subnet for subnet in subnets if subnet.version == address.version]
        if same and not any(address in subnet for subnet in same):
            known = ", ".join(map(str, same))
            raise BadInput(f"{text} is not an address of {network['Name']}, which has {known}.")


def _networks_of(engine: Engine, container: str) -> Mapping[str, Any]:
    settings = engine.container_inspect(container).get("NetworkSettings") or {}
    return settings.get("Networks") or {}


def _take_off(engine: Engine, network: Mapping[str, Any], container: str) -> None:
    try:
        if network["Name"] not in _networks_of(engine, container):
            return
        with suppress(ApiError):
            engine.network_disconnect(network["Id"], container=container, force=True)
            return
        # A running container "is not connected", so Docker lets it go only after a join that works.
        engine.network_connect(network["Id"], container=container)
        engine.network_disconnect(network["Id"], container=container, force=True)
    except EngineError:
        # What the person is told is why it could not join; that comes first.
        log.exception("container %s may still name the network %s", container, network["Name"])
