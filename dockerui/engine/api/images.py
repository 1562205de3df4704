"""Images: list, inspect, history, tag, remove, search, prune. Streams are declared in `image_transfer`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dockerui.engine.operation import filter_, image_ref, operation, query

from .base import Caller, mapping, rows

_NAME = image_ref()

IMAGE_LIST = operation(
    "image_list",
    "GET",
    "/images/json",
    query("all", "bool", "Also intermediate images"),
    query("filter", doc="Only this name; `filters.reference` since", until="1.40"),
    query("digests", "bool", "With RepoDigests"),
    query("shared-size", "bool", "Compute SharedSize (slow)", since="1.42"),
    query("manifests", "bool", "With the manifests of multi-platform images", since="1.47"),
    filter_("dangling", "true: without a name; false: with one"),
    filter_("label", "`key` or `key=value`"),
    filter_("before", "Created before this image"),
    filter_("since", "Created after this image"),
    filter_("reference", "Pattern of name and tag", since="1.25"),
    filter_("until", "Created before this time or duration", since="1.44"),
    doc="List images.",
)
IMAGE_INSPECT = operation(
    "image_inspect",
    "GET",
    "/images/{name}/json",
    _NAME,
    query("manifests", "bool", "With the manifests; not together with platform", since="1.48"),
    query("platform", "json", "`{os, architecture, variant}`", since="1.49"),
    doc="All about an image.",
)
IMAGE_HISTORY = operation(
    "image_history",
    "GET",
    "/images/{name}/history",
    _NAME,
    query("platform", "json", "`{os, architecture, variant}`", since="1.48"),
    doc="The layers of an image and what made them.",
)
IMAGE_TAG = operation(
    "image_tag",
    "POST",
    "/images/{name}/tag",
    _NAME,
    query("repo", doc="Repository of the new name", required=True),
    query("tag", doc="Tag of the new name, latest when absent"),
    doc="Give an image one more name.",
)
IMAGE_REMOVE = operation(
    "image_remove",
    "DELETE",
    "/images/{name}",
    _NAME,
    query("force", "bool", "Even when stopped containers use it or it has several names"),
    query("noprune", "bool", "Keep untagged parents"),
    query("platforms", "list", "Only these, each a JSON platform", since="1.50"),
    doc="Remove a name of an image, and the image with the last one.",
)
IMAGE_SEARCH = operation(
    "image_search",
    "GET",
    "/images/search",
    query("term", doc="What to look for", required=True),
    query("limit", "int", "Results at most, 1 to 100"),
    filter_("stars", "Stars at least"),
    filter_("is-automated", "true or false"),
    filter_("is-official", "true or false"),
    doc="Search Docker Hub.",
)
IMAGE_PRUNE = operation(
    "image_prune",
    "POST",
    "/images/prune",
    filter_("dangling", "false: all unused images, not only unnamed ones"),
    filter_("until", "Created before this time or duration", since="1.28"),
    filter_("label", "`key` or `key=value`", since="1.29"),
    filter_("label!", "Not `key` or not `key=value`", since="1.29"),
    since="1.25",
    doc="Remove unused images.",
)


class ImageApi(Caller):
    """Calls about images that answer at once."""

    def image_list(
        self,
        *,
        all: bool | None = None,
        filter: str | None = None,
        digests: bool | None = None,
        shared_size: bool | None = None,
        manifests: bool | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """List images; `RepoTags` may be null, empty or `<none>:<none>` for one without a name.

        `filter` (one name) became `filters={"reference": …}` with API 1.41, and is sent so there.

        `GET /images/json`
        """
        if filter is not None and not IMAGE_LIST.knows("filter", self.version):
            filters, filter = {**(filters or {}), "reference": filter}, None
        asked = {
            "all": all,
            "filter": filter,
            "digests": digests,
            "shared-size": shared_size,
            "manifests": manifests,
            "filters": filters,
        }
        return rows(self.json(IMAGE_LIST, query=asked))

    def image_inspect(
        self, name: str, *, manifests: bool | None = None, platform: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """All about an image. `manifests` (API 1.48) excludes `platform` (API 1.49). Raises NotFound.

        `GET /images/{name}/json`
        """
        asked = {"manifests": manifests, "platform": platform}
        return mapping(self.json(IMAGE_INSPECT, path={"name": name}, query=asked))

    def image_history(self, name: str, *, platform: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """The layers, newest first. Raises NotFound.

        `GET /images/{name}/history`
        """
        return rows(self.json(IMAGE_HISTORY, path={"name": name}, query={"platform": platform}))

    def image_tag(self, name: str, *, repo: str, tag: str | None = None) -> None:
        """Give an image the name `repo:tag` as well. Raises NotFound, Conflict, BadParameter.

        `POST /images/{name}/tag`
        """
        self.call(IMAGE_TAG, path={"name": name}, query={"repo": repo, "tag": tag})

    def image_remove(
        self,
        name: str,
        *,
        force: bool | None = None,
        noprune: bool | None = None,
        platforms: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Remove a name, and with the last one the image; return what was `Untagged` and `Deleted`.

        Raises NotFound; Conflict when containers use it (old Podman: ServerError).

        `DELETE /images/{name}`
        """
        asked = {"force": force, "noprune": noprune, "platforms": platforms}
        return rows(self.json(IMAGE_REMOVE, path={"name": name}, query=asked))

    def image_search(
        self, *, term: str, limit: int | None = None, filters: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Search Docker Hub, `limit` 1 to 100 (the Engine's default is 25). Raises ServerError without a
        network.

        `GET /images/search`
        """
        return rows(self.json(IMAGE_SEARCH, query={"term": term, "limit": limit, "filters": filters}))

    def image_prune(self, *, filters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Remove unused images; return `ImagesDeleted` (may be null) and `SpaceReclaimed` in bytes.

        `POST /images/prune`, API 1.25
        """
        return mapping(self.json(IMAGE_PRUNE, query={"filters": filters}))
