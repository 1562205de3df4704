"""Compose projects, found by the labels that docker compose leaves on what it makes. They group; they grant
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dockerui.access import Actor, authorise
from dockerui.engine.errors import EngineError
from dockerui.services import live, log_sources
from dockerui.services.container_row import Row
from dockerui.services.containers_list import ListQuery
from dockerui.services.errors import BadInput, describe
from dockerui.services.networks import NetworkView, network_list, network_remove
from dockerui.services.volumes import VolumeView, volume_list, volume_remove

LABEL = "com.docker.compose.project"


@dataclass(frozen=True)
class ProjectRow:
    """A project in the list: `up` of `total` containers run, `unhealthy` of them are ill."""

    name: str
    up: int
    total: int
    unhealthy: int
    services: tuple[str, ...]


@dataclass(frozen=True)
class ProjectParts:
    """What belongs to a project besides its containers."""

    networks: list[NetworkView]
    volumes: list[VolumeView]


def project_list(actor: Actor) -> list[ProjectRow]:
    """All projects that have a container, by name."""
    members: dict[str, list[tuple[bool, bool, str]]] = {}
    for row in live.container_snapshot(actor, ListQuery()).rows.values():
        if row.project:
            members.setdefault(row.project, []).append(
                (row.running, row.health == "unhealthy", row.service or row.name)
            )
    return [
        ProjectRow(
            name=name,
            up=sum(running for running, _, _ in found),
            total=len(found),
            unhealthy=sum(ill for _, ill, _ in found),
            services=tuple(sorted({service for _, _, service in found})),
        )
        for name, found in sorted(members.items())
    ]


def project_parts(actor: Actor, name: str) -> ProjectParts:
    """Networks and volumes with the project's label. Raises BadInput for what is no project's name."""
    only = {"label": [f"{LABEL}={log_sources.project_name(name)}"]}
    return ProjectParts(network_list(actor, only), volume_list(actor, only))


def members(actor: Actor, name: str) -> list[Row]:
    """The project's containers, whatever the list's filters hide."""
    return [row for row in live.container_snapshot(actor, ListQuery()).rows.values() if row.project == name]


def container_ids(actor: Actor, name: str) -> list[str]:
    """The full ids of a project's containers. Raises NotFound when there are none."""
    return [source.id for source in log_sources.of_project(actor, log_sources.project_name(name))]


def admit_removal(actor: Actor, *, networks: bool, volumes: bool) -> None:
    """Raise Forbidden unless the actor may remove what else is to go with the containers."""
    if networks:
        authorise(actor, "network.remove")
    if volumes:
        authorise(actor, "volume.remove")


def remove_parts(actor: Actor, name: str, *, networks: bool, volumes: bool) -> list[tuple[str, str]]:
    """Remove the project's networks and volumes, as asked. Returns names and reasons of those that stay."""
    parts = project_parts(actor, name)
    calls: list[tuple[str, Callable[[], None]]] = []
    if networks:
        calls += [(found.name, partial(network_remove, actor, found.id)) for found in parts.networks]
    if volumes:
        calls += [(found.name, partial(volume_remove, actor, found.name)) for found in parts.volumes]
    kept = []
    for part, call in calls:
        try:
            call()
        except (EngineError, BadInput) as error:
            kept.append((part, describe(error, actor).message))
    return kept
