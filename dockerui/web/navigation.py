"""The sidebar: what there is to open, and what it takes to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from dockerui.access import Actor


@dataclass(frozen=True)
class Entry:
    """`section` is the first part of the paths that belong to it, for marking the current one.

    `handy` entries have a place in the bar at the bottom of small screens; the rest hide behind its last
    button.
    """

    label: str
    icon: str
    url_name: str
    section: str
    permission: str
    handy: bool = False


@dataclass(frozen=True)
class Link:
    """An entry as this actor sees it on this page; `count` is None where it is not known."""

    label: str
    icon: str
    url: str
    section: str
    current: bool
    handy: bool
    count: int | None = None


@dataclass(frozen=True)
class Group:
    """Links under a heading."""

    title: str
    links: list[Link]


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Workloads",
        (
            Entry("Overview", "layout-dashboard", "system-overview", "system", "home.read", handy=True),
            Entry("Containers", "box", "container-list", "containers", "container.list", handy=True),
            Entry("Projects", "layers", "project-list", "projects", "container.list", handy=True),
            Entry("Images", "image", "image-list", "images", "image.list"),
        ),
    ),
    (
        "Resources",
        (
            Entry("Volumes", "hard-drive", "volume-list", "volumes", "volume.list"),
            Entry("Networks", "network", "network-list", "networks", "network.list"),
            Entry("Registries", "globe", "registry-list", "registries", "registry.list"),
        ),
    ),
    (
        "Operate",
        (
            Entry("Events", "history", "event-list", "events", "event.read", handy=True),
            Entry("Jobs", "activity", "job-list", "jobs", "job.list"),
            Entry("People", "users", "account-list", "accounts", "account.manage"),
            Entry("Audit log", "shield", "audit-list", "audit", "audit.read"),
        ),
    ),
)


def menu(actor: Actor, path: str, counts: Mapping[str, int]) -> list[Group]:
    """The groups and links that the actor may use, with the current one marked."""
    first = path.strip("/").split("/")[0]
    groups = []
    for title, entries in MENU:
        links = [_link(entry, first, counts) for entry in entries if actor.may(entry.permission)]
        if links:
            groups.append(Group(title, links))
    return groups


def _link(entry: Entry, first: str, counts: Mapping[str, int]) -> Link:
    url, current, count = reverse(entry.url_name), entry.section == first, counts.get(entry.section)
    return Link(entry.label, entry.icon, url, entry.section, current, entry.handy, count)
