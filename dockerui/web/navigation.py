"""The sidebar: what there is to open, and what it takes to see it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from dockerui.access import Actor


@dataclass(frozen=True)
class Entry:
    """`section` is the first part of the paths that belong to it, for marking the current one."""

    label: str
    icon: str
    url_name: str
    section: str
    permission: str


@dataclass(frozen=True)
class Link:
    label: str
    icon: str
    url: str
    current: bool


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Workloads",
        (
            Entry("Overview", "layout-dashboard", "system-overview", "", "home.read"),
            Entry("Containers", "box", "container-list", "containers", "container.list"),
            Entry("Projects", "layers", "project-list", "projects", "container.list"),
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
            Entry("Events", "history", "event-list", "events", "event.read"),
            Entry("Jobs", "activity", "job-list", "jobs", "job.list"),
            Entry("People", "users", "account-list", "accounts", "account.manage"),
            Entry("Audit log", "shield", "audit-list", "audit", "audit.read"),
        ),
    ),
)


def menu(actor: Actor, path: str) -> list[tuple[str, list[Link]]]:
    """The groups and links that the actor may use, with the current one marked."""
    first = path.strip("/").split("/")[0]
    groups = []
    for title, entries in MENU:
        links = [_link(entry, first) for entry in entries if actor.may(entry.permission)]
        found = [link for link in links if link]
        if found:
            groups.append((title, found))
    return groups


def _link(entry: Entry, first: str) -> Link | None:
    try:
        url = reverse(entry.url_name)
    except NoReverseMatch:
        return None
    return Link(entry.label, entry.icon, url, entry.section == first)
