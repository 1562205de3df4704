"""Containers: list, create, inspect, update, rename, remove, prune, commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dockerui.engine.operation import filter_, operation, query, ref

from . import container_body
from .base import Caller, mapping, rows

_ID = ref("id", "Container id or name")

CONTAINER_LIST = operation(
    "container_list",
    "GET",
    "/containers/json",
    query("all", "bool", "Also those that do not run"),
    query("limit", "int", "The newest n, running or not"),
    query("since", doc="Only those created after this id or name"),
    query("before", doc="Only those created before this id or name"),
    query("size", "bool", "Compute SizeRw and SizeRootFs (slow)"),
    filter_("exited", "Exit code, of those that exited"),
    filter_("status", "created, restarting, running, removing, paused, exited or dead"),
    filter_("label", "`key` or `key=value`"),
    filter_("isolation", "default, process or hyperv (Windows)"),
    filter_("ancestor", "Image reference or id that the image descends from"),
    filter_("before", "Created before this container"),
    filter_("since", "Created after this container"),
    filter_("volume", "Volume name or mount point"),
    filter_("network", "Network id or name"),
    filter_("id", "Part of the id"),
    filter_("name", "Regular expression on the name; `^/web$` for exactly web"),
    filter_("health", "starting, healthy, unhealthy or none", since="1.25"),
    filter_("is-task", "Whether it belongs to a swarm service", since="1.25"),
    filter_("publish", "Published port or range, `80/tcp`", since="1.28"),
    filter_("expose", "Exposed port or range, `80/tcp`", since="1.28"),
    doc="List containers.",
)
CONTAINER_CREATE = operation(
    "container_create",
    "POST",
    "/containers/create",
    query("name", doc="Name; the Engine makes one up when there is none"),
    query("platform", doc="os[/arch[/variant]]", since="1.41"),
    *container_body.CREATE,
    doc="Create a container; it is not started.",
)
CONTAINER_INSPECT = operation(
    "container_inspect",
    "GET",
    "/containers/{id}/json",
    _ID,
    query("size", "bool", "Compute SizeRw and SizeRootFs (slow)"),
    doc="All about a container.",
)
CONTAINER_UPDATE = operation(
    "container_update",
    "POST",
    "/containers/{id}/update",
    _ID,
    *container_body.UPDATE,
    doc="Change the limits and the restart policy of a container.",
)
CONTAINER_RENAME = operation(
    "container_rename",
    "POST",
    "/containers/{id}/rename",
    _ID,
    query("name", doc="The new name", required=True),
    doc="Give a container another name.",
)
CONTAINER_REMOVE = operation(
    "container_remove",
    "DELETE",
    "/containers/{id}",
    _ID,
    query("v", "bool", "Also its anonymous volumes"),
    query("force", "bool", "Kill it first"),
    query("link", "bool", "Remove only the link of this name"),
    doc="Remove a container.",
)
CONTAINER_PRUNE = operation(
    "container_prune",
    "POST",
    "/containers/prune",
    filter_("until", "Created before this time or duration", since="1.28"),
    filter_("label", "`key` or `key=value`", since="1.29"),
    filter_("label!", "Not `key` or not `key=value`", since="1.29"),
    since="1.25",
    doc="Remove all stopped containers.",
)
CONTAINER_COMMIT = operation(
    "container_commit",
    "POST",
    "/commit",
    query("container", doc="Container id or name", required=True),
    query("repo", doc="Repository of the new image"),
    query("tag", doc="Tag of the new image"),
    query("comment", doc="Commit message"),
    query("author", doc="Author, `Name <address>`"),
    query("pause", "bool", "Pause while committing; true when absent"),
    query("changes", "list", "Dockerfile instructions to apply"),
    *container_body.CONFIG,
    doc="Make an image from a container.",
)


class ContainerApi(Caller):
    """Calls about containers as objects."""

    def container_list(
        self,
        *,
        all: bool | None = None,
        limit: int | None = None,
        since: str | None = None,
        before: str | None = None,
        size: bool | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """List containers, newest first; only running ones unless `all`.

        `limit` counts stopped ones too. `since` and `before` are ids or names; an unknown one raises
        NotFound.
        `filters` maps a filter's name to a value or values: `{"status": ["exited"], "label": "app=web"}`.

        `GET /containers/json`
        """
        asked = {
            "all": all,
            "limit": limit,
            "since": since,
            "before": before,
            "size": size,
            "filters": filters,
        }
        return rows(self.json(CONTAINER_LIST, query=asked))

    def container_create(
        self, body: Mapping[str, Any], *, name: str | None = None, platform: str | None = None
    ) -> dict[str, Any]:
        """Create a container and return `Id` and `Warnings` (which may be null); it is not started.

        An image that is not there raises NotFound (it is not pulled), a name that is taken Conflict. An
        unknown field of `body` raises InvalidArgument before anything is sent.

        `POST /containers/create`
        """
        return mapping(self.json(CONTAINER_CREATE, query={"name": name, "platform": platform}, body=body))

    def container_inspect(self, id: str, *, size: bool | None = None) -> dict[str, Any]:
        """All about a container. Raises NotFound.

        `GET /containers/{id}/json`
        """
        return mapping(self.json(CONTAINER_INSPECT, path={"id": id}, query={"size": size}))

    def container_update(self, id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change limits and restart policy, while running too; return `Warnings` (which may be null).

        Memory is in bytes, `NanoCpus` in billionths of a CPU. Raises NotFound, Conflict, BadParameter or,
        for limits that contradict each other, ServerError.

        `POST /containers/{id}/update`
        """
        return mapping(self.json(CONTAINER_UPDATE, path={"id": id}, body=body))

    def container_rename(self, id: str, *, name: str) -> None:
        """Give a container another name. Raises Conflict when it is taken.

        `POST /containers/{id}/rename`
        """
        self.call(CONTAINER_RENAME, path={"id": id}, query={"name": name})

    def container_remove(
        self, id: str, *, v: bool | None = None, force: bool | None = None, link: bool | None = None
    ) -> None:
        """Remove a container; with `v` its anonymous volumes, with `force` even while it runs.

        `link` removes only the link of that name, not a container. Raises Conflict for a running container
        and for one that is being removed already (Podman: ServerError).

        `DELETE /containers/{id}`
        """
        asked = {"v": v, "force": force, "link": link}
        self.call(CONTAINER_REMOVE, path={"id": id}, query=asked)

    def container_prune(self, *, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Remove all stopped containers; return `ContainersDeleted` (may be null) and `SpaceReclaimed` in
        bytes.

        `POST /containers/prune`, API 1.25
        """
        return mapping(self.json(CONTAINER_PRUNE, query={"filters": filters}))

    def container_commit(
        self,
        container: str,
        *,
        repo: str | None = None,
        tag: str | None = None,
        comment: str | None = None,
        author: str | None = None,
        pause: bool | None = None,
        changes: Sequence[str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make an image from a container and return its `Id`; `body` replaces parts of its configuration.

        `pause` freezes the container meanwhile (the Engine's default). Raises NotFound.

        `POST /commit`
        """
        asked = {
            "container": container.removeprefix("/"),
            "repo": repo,
            "tag": tag,
            "comment": comment,
            "author": author,
            "pause": pause,
            "changes": changes,
        }
        # The Engine wants a JSON body, if an empty one.
        return mapping(self.json(CONTAINER_COMMIT, query=asked, body=body or {}))
