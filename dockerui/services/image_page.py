"""One image in words: facts, names, who uses it, its layers; and what would go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor
from dockerui.services.door import perform
from dockerui.services.images import image_history, image_inspect, resolve_image
from dockerui.services.images_list import ImageRow, User, image_users, rows_of
from dockerui.services.words import nanoseconds, shell_words

Json = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """One step of an image's history; `size` in bytes, `share` of the largest one from 0 to 100."""

    id: str
    command: str
    created: int
    size: int
    share: int
    tags: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class ImageDetail:
    """What the pages of an image show."""

    id: str
    hex: str
    title: str
    names: tuple[str, ...]
    rows: tuple[ImageRow, ...]
    size: int
    created: str
    platform: str
    facts: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    environment: tuple[str, ...]
    users: tuple[User, ...]
    document: Json


@dataclass(frozen=True)
class Removal:
    """What a removal would do: `untags` are names that go, `deletes` says that the image itself goes with
    them.
    """

    name: str
    untags: tuple[str, ...]
    deletes: bool
    size: int
    running: tuple[User, ...]
    stopped: tuple[User, ...]

    @property
    def needs_force(self) -> bool:
        """Without force the Engine will refuse."""
        return self.deletes and (bool(self.stopped) or (not self.name and len(self.untags) > 1))


def image_detail(actor: Actor, ref: str) -> ImageDetail:
    """Everything about one image but its history. Raises NotFound."""
    found = image_inspect(actor, ref)
    users = image_users(actor)
    rows = tuple(rows_of({**found, "Created": 0}, users))
    names = tuple(row.name for row in rows if row.name)
    config = found.get("Config") or {}
    return ImageDetail(
        id=found["Id"],
        hex=found["Id"].removeprefix("sha256:"),
        title=names[0] if names else found["Id"].removeprefix("sha256:")[:12],
        names=names,
        rows=rows,
        size=int(found.get("Size") or 0),
        created=str(found.get("Created") or ""),
        platform="/".join(filter(None, (found.get("Os"), found.get("Architecture"), found.get("Variant")))),
        facts=tuple(_facts(found, config)),
        labels=tuple(sorted((config.get("Labels") or {}).items())),
        environment=tuple(config.get("Env") or ()),
        users=users.get(found["Id"], ()),
        document=found,
    )


def revealed_environment(actor: Actor, ref: str) -> list[str]:
    """`NAME=value` with the values; the reveal is audited before anything is shown."""
    image = resolve_image(actor, ref)
    found = perform(actor, "container.reveal", target=image, call=lambda engine: engine.image_inspect(image))
    return list((found.get("Config") or {}).get("Env") or ())


def layers(actor: Actor, ref: str) -> list[Layer]:
    """An image's history, newest first."""
    history = image_history(actor, ref)
    largest = max((int(layer.get("Size") or 0) for layer in history), default=0)
    return [
        Layer(
            id=str(layer.get("Id") or ""),
            command=_command(str(layer.get("CreatedBy") or "")),
            created=int(layer.get("Created") or 0),
            size=int(layer.get("Size") or 0),
            share=round(100 * int(layer.get("Size") or 0) / largest) if largest else 0,
            tags=tuple(layer.get("Tags") or ()),
            comment=str(layer.get("Comment") or ""),
        )
        for layer in history
    ]


def removal(actor: Actor, ref: str, name: str) -> Removal:
    """What removing `name`, or without one the whole image, would do. Raises NotFound."""
    image = resolve_image(actor, ref)
    found = perform(actor, "image_inspect", target=image, call=lambda engine: engine.image_inspect(image))
    names = tuple(row.name for row in rows_of({**found, "Created": 0}, {}) if row.name)
    users = image_users(actor).get(image, ())
    only = bool(name) and any(other != name for other in names)
    return Removal(
        name=name,
        untags=(name,) if name else names,
        deletes=not only,
        size=int(found.get("Size") or 0),
        running=tuple(user for user in users if user.state in ("running", "paused", "restarting")),
        stopped=tuple(user for user in users if user.state not in ("running", "paused", "restarting")),
    )


def _facts(found: Json, config: Json) -> list[tuple[str, str]]:
    ports = ", ".join(sorted(config.get("ExposedPorts") or {}))
    health = config.get("Healthcheck") or {}
    every = f" every {nanoseconds(int(health['Interval']))}" if health.get("Interval") else ""
    facts = [
        ("Entrypoint", shell_words(config.get("Entrypoint") or ())),
        ("Command", shell_words(config.get("Cmd") or ())),
        ("User", str(config.get("User") or "")),
        ("Working directory", str(config.get("WorkingDir") or "")),
        ("Exposes", ports),
        ("Volumes", ", ".join(sorted(config.get("Volumes") or {}))),
        ("Stop signal", str(config.get("StopSignal") or "")),
        ("Health check", shell_words(health.get("Test") or ()) + every if health.get("Test") else ""),
        ("Author", str(found.get("Author") or "")),
        ("Comment", str(found.get("Comment") or "")),
        ("Made with", str(found.get("DockerVersion") or "")),
        ("Parent", str(found.get("Parent") or "").removeprefix("sha256:")[:12]),
    ]
    return [(name, value) for name, value in facts if value]


def _command(created_by: str) -> str:
    """A layer's command as one would write it in a Dockerfile."""
    if created_by.startswith("/bin/sh -c #(nop)"):
        return created_by.removeprefix("/bin/sh -c #(nop)").strip()
    if created_by.startswith("/bin/sh -c "):
        return f"RUN {created_by.removeprefix('/bin/sh -c ').strip()}"
    return created_by.strip()
