"""Compose projects, found by the labels that docker compose leaves on what it makes. They group; they grant
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from dockerui.access import Actor
from dockerui.services import live, log_sources
from dockerui.services.containers_list import ListQuery
from dockerui.services.networks import NetworkView, network_list
from dockerui.services.volumes import VolumeView, volume_list

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


def container_ids(actor: Actor, name: str) -> list[str]:
    """The full ids of a project's containers. Raises NotFound when there are none."""
    return [source.id for source in log_sources.of_project(actor, log_sources.project_name(name))]
