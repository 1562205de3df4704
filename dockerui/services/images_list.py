"""The images list: what the URL asks for, and the tree of repositories, tags and who uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dockerui.access import Actor
from dockerui.engine.api.images import IMAGE_LIST
from dockerui.engine.errors import NotFound
from dockerui.engine.versions import ApiVersion
from dockerui.services.door import engine_for, perform
from dockerui.services.errors import BadInput, sentence

Json = dict[str, Any]
NONE = "<none>"
SORTS = ("name", "size", "created", "used")
TEXTS = ("before", "since", "filter")
LISTS = ("label", "reference")
LONGEST = 512


@dataclass(frozen=True)
class ImageQuery:
    """What to list. Texts are empty and lists too where nothing is asked for."""

    all: bool = False
    dangling: str = ""
    before: str = ""
    since: str = ""
    filter: str = ""
    label: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    sort: str = "name"
    descending: bool = False

    @property
    def filters(self) -> Json:
        """As the Engine takes them."""
        return {
            "dangling": self.dangling or None,
            "label": list(self.label) or None,
            "before": self.before or None,
            "since": self.since or None,
            "reference": list(self.reference) or None,
        }

    @property
    def chips(self) -> list[tuple[str, str]]:
        """The filters in use, for showing: parameter and value."""
        found = [("all", "1")] if self.all else []
        found += [(key, str(getattr(self, key))) for key in ("dangling", *TEXTS) if getattr(self, key)]
        return found + [(key, value) for key in LISTS for value in getattr(self, key)]


@dataclass(frozen=True)
class User:
    """A container that uses an image."""

    id: str
    name: str
    state: str


@dataclass(frozen=True)
class ImageRow:
    """One name of an image, or an image without one. Sizes in bytes, `shared` None where the Engine does not
    say.
    """

    id: str
    repository: str
    tag: str
    digest: str
    created: int
    size: int
    shared: int | None
    labels: Mapping[str, str]
    users: tuple[User, ...]
    names: int

    @property
    def hex(self) -> str:
        """The id without its `sha256:`, for addresses."""
        return self.id.removeprefix("sha256:")

    @property
    def name(self) -> str:
        """What removes exactly this name; empty for an image without one."""
        if self.tag:
            return f"{self.repository}:{self.tag}"
        return f"{self.repository}@{self.digest}" if self.digest and self.repository != NONE else ""


@dataclass(frozen=True)
class Repository:
    """All listed tags of one repository; `size` counts each image once."""

    name: str
    rows: tuple[ImageRow, ...]
    size: int


@dataclass(frozen=True)
class ImageTree:
    """What the page shows. Counts and sizes are of images, not of names."""

    repositories: tuple[Repository, ...]
    count: int
    size: int
    unused: int
    unused_size: int
    dangling: int
    takes_filter: bool = field(default=False)
    """Whether the Engine has the old `filter` parameter."""
    takes_reference: bool = field(default=True)
    """Whether the Engine has the newer filter by a pattern of name and tag."""


NOTHING = ImageTree((), 0, 0, 0, 0, 0)


def parse(given: Mapping[str, Sequence[str]]) -> ImageQuery:
    """The query of a URL. Raises BadInput for what no list can be made of."""
    texts = {key: (given.get(key) or [""])[-1].strip() for key in ("all", "dangling", "sort", "desc", *TEXTS)}
    lists = {key: tuple(filter(None, map(str.strip, given.get(key) or ()))) for key in LISTS}
    if any(len(text) > LONGEST for text in (*texts.values(), *lists["label"], *lists["reference"])):
        raise BadInput(f"A filter has at most {LONGEST} characters.")
    if texts["dangling"] not in ("", "true", "false"):
        raise BadInput("dangling is true or false.")
    return ImageQuery(
        all=texts["all"] in ("1", "true"),
        dangling=texts["dangling"],
        before=texts["before"],
        since=texts["since"],
        filter=texts["filter"],
        sort=texts["sort"] if texts["sort"] in SORTS else "name",
        descending=texts["desc"] == "1",
        **lists,
    )


def image_list(actor: Actor, query: ImageQuery) -> ImageTree:
    """The images that the query asks for, by repository, with the containers that use each. Raises BadInput
    for a filter that names an image which is not there.
    """
    try:
        images = perform(
            actor,
            "image_list",
            call=lambda engine: engine.image_list(
                all=query.all or None, filter=query.filter or None, filters=query.filters
            ),
        )
    except NotFound as error:
        if not (query.before or query.since):
            raise
        raise BadInput(
            f"{sentence(error.message)} “Created before” and “since” need an image that this Engine has."
        ) from error
    users = image_users(actor)
    rows = [row for image in images for row in rows_of(image, users)]
    version = engine_for(actor).version
    return _tree(images, rows, users, query, version)


def image_users(actor: Actor) -> dict[str, tuple[User, ...]]:
    """The containers, running or not, of each image's id."""
    found: dict[str, list[User]] = {}
    if not actor.may("container.list"):
        return {}
    for container in perform(actor, "container_list", call=lambda engine: engine.container_list(all=True)):
        name = (container.get("Names") or [container["Id"][:12]])[0].removeprefix("/")
        user = User(container["Id"], name, str(container.get("State") or ""))
        found.setdefault(str(container.get("ImageID") or ""), []).append(user)
    return {image: tuple(sorted(users, key=lambda user: user.name)) for image, users in found.items()}


def names_of(image: Json) -> list[tuple[str, str, str]]:
    """Repository, tag and digest of each name; one with `<none>` for an image without any."""
    names = []
    tagged = set()
    for name in image.get("RepoTags") or ():
        repository, _, tag = str(name).rpartition(":")
        if repository and repository != NONE and tag != NONE:
            names.append((repository, tag, ""))
            tagged.add(repository)
    digests = [str(name).partition("@") for name in image.get("RepoDigests") or ()]
    names += [(repo, "", digest) for repo, _, digest in digests if repo not in tagged and repo != NONE]
    return names or [(NONE, "", "")]


def rows_of(image: Json, users: Mapping[str, tuple[User, ...]]) -> list[ImageRow]:
    """A row for each name of an image."""
    names = names_of(image)
    shared = image.get("SharedSize")
    return [
        ImageRow(
            id=str(image["Id"]),
            repository=repository,
            tag=tag,
            digest=digest,
            created=int(image.get("Created") or 0),
            size=int(image.get("Size") or 0),
            shared=shared if isinstance(shared, int) and shared >= 0 else None,
            labels=image.get("Labels") or {},
            users=users.get(str(image["Id"]), ()),
            names=len(names),
        )
        for repository, tag, digest in names
    ]


def _tree(
    images: list[Json],
    rows: list[ImageRow],
    users: Mapping[str, tuple[User, ...]],
    query: ImageQuery,
    version: ApiVersion,
) -> ImageTree:
    sizes = {str(image["Id"]): int(image.get("Size") or 0) for image in images}
    unused = [size for image, size in sizes.items() if image not in users]
    by_name: dict[str, list[ImageRow]] = {}
    for row in rows:
        by_name.setdefault(row.repository, []).append(row)
    repositories = [_repository(name, found, query) for name, found in by_name.items()]
    repositories.sort(key=lambda repo: _order(query, repo.rows[0], repo.size), reverse=query.descending)
    repositories.sort(key=lambda repo: repo.name == NONE)
    return ImageTree(
        repositories=tuple(repositories),
        count=len(sizes),
        size=sum(sizes.values()),
        unused=len(unused),
        unused_size=sum(unused),
        dangling=len(by_name.get(NONE, ())),
        takes_filter=IMAGE_LIST.knows("filter", version),
        takes_reference=IMAGE_LIST.knows("reference", version),
    )


def _repository(name: str, rows: list[ImageRow], query: ImageQuery) -> Repository:
    rows.sort(key=lambda row: _order(query, row, row.size), reverse=query.descending)
    if query.sort == "name" and not query.descending:
        rows.sort(key=lambda row: row.created, reverse=True)
    return Repository(name, tuple(rows), sum({row.id: row.size for row in rows}.values()))


def _order(query: ImageQuery, row: ImageRow, size: int) -> Any:
    match query.sort:
        case "size":
            return size
        case "created":
            return row.created
        case "used":
            return len(row.users)
        case _:
            return (row.repository.casefold(), row.tag)
