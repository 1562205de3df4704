"""Volumes: list, create, inspect, remove, and who uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor, masking
from dockerui.engine import Engine
from dockerui.engine.errors import Conflict, EngineError, NotFound
from dockerui.services import volume_helper
from dockerui.services.container_fields import parse_labels
from dockerui.services.door import perform
from dockerui.services.errors import BadInput
from dockerui.services.networks import REFERENCE, check_ref

Json = dict[str, Any]
FILTERS = ("name", "dangling", "driver", "label")


@dataclass(frozen=True)
class User:
    """A container that mounts a volume."""

    container_id: str
    container: str
    state: str
    destination: str
    writable: bool


@dataclass(frozen=True)
class VolumeView:
    """A volume; `size` in bytes, None where the Engine has not measured it."""

    name: str
    driver: str
    mountpoint: str
    created: str
    scope: str
    options: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    size: int | None
    users: tuple[User, ...]
    project: str

    @property
    def anonymous(self) -> bool:
        """Whether the Engine made its name up, as for an image's VOLUME."""
        return len(self.name) == 64 and all(char in "0123456789abcdef" for char in self.name)


def volume_list(
    actor: Actor, filters: Mapping[str, list[str]] | None = None, *, measure: bool = False
) -> list[VolumeView]:
    """All volumes that match, by name, with their users, stopped containers included.

    Sizes only when told to `measure`: for that the Engine walks through all files of all volumes.
    """
    known = check_filters(filters or {})
    found = perform(actor, "volume_list", call=lambda engine: engine.volume_list(filters=known or None))
    containers = perform(actor, "container_list", call=lambda engine: engine.container_list(all=True))
    usage = _measured(actor) if measure else {}
    volumes = [
        view({**volume, "UsageData": usage.get(volume["Name"])}, containers)
        for volume in found.get("Volumes") or ()  # old Engines say null where there are none
    ]
    return sorted(volumes, key=lambda volume: volume.name)


def volume_inspect(actor: Actor, name: str, *, measure: bool = False) -> tuple[VolumeView, Json]:
    """One volume and the Engine's own words about it; its size when told to `measure`. Raises NotFound."""
    check_ref(name)
    found = perform(actor, "volume_inspect", target=name, call=lambda engine: engine.volume_inspect(name))
    containers = perform(actor, "container_list", call=lambda engine: engine.container_list(all=True))
    usage = _measured(actor).get(found["Name"]) if measure else None
    return view({**found, "UsageData": usage}, containers), masking.document(found)


def volume_create(actor: Actor, data: Mapping[str, Any]) -> str:
    """Create a volume from the form; returns its name. Raises Conflict, BadInput.

    The Engine would answer for a name that is taken as if it had made it, and forget options and labels.
    """
    body = body_of(data)
    if "Name" in body and _exists(actor, body["Name"]):
        raise BadInput(f"There is a volume of the name {body['Name']} already.")
    made = perform(
        actor,
        "volume_create",
        target=body.get("Name", ""),
        detail={"driver": body["Driver"]},
        call=lambda engine: engine.volume_create(body),
    )
    return str(made["Name"])


def volume_remove(actor: Actor, name: str, *, force: bool = False) -> None:
    """Remove a volume and its data. Raises Conflict while containers use it, and names them."""
    check_ref(name)

    def remove(engine: Engine) -> None:
        volume_helper.release(name)  # dockerui's own container must not be what keeps it
        engine.volume_remove(name, force=force or None)

    try:
        perform(actor, "volume_remove", target=name, call=remove)
    except Conflict as error:
        found = perform(actor, "container_list", call=lambda engine: engine.container_list(all=True))
        users = ", ".join(user.container for user in _users(name, found))
        raise Conflict(
            409, f"the volume {name} is in use by {users}; it stays" if users else error.message
        ) from error


def check_filters(filters: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Known filters with values. Raises BadInput for unknown ones and for a `dangling` that is not true or
    false.
    """
    for name, values in filters.items():
        if name not in FILTERS:
            raise BadInput(f"There is no filter “{name[:40]}” for volumes.")
        if name == "dangling" and any(value not in ("", "true", "false") for value in values):
            raise BadInput("dangling must be true or false.")
    return {name: [value for value in values if value] for name, values in filters.items() if any(values)}


def body_of(data: Mapping[str, Any]) -> Json:
    """The create body of the form. Raises BadInput."""
    name = str(data.get("name", "")).strip()
    if name and not REFERENCE.fullmatch(name):
        raise BadInput(
            "A volume's name starts with a letter or digit and goes on with letters, digits, _ . and -."
        )
    body: Json = {
        "Driver": str(data.get("driver", "")).strip() or "local",
        "DriverOpts": parse_labels(str(data.get("options", ""))),
        "Labels": parse_labels(str(data.get("labels", ""))),
    }
    return {"Name": name, **body} if name else body


def view(volume: Mapping[str, Any], containers: list[Json]) -> VolumeView:
    """A volume for people."""
    labels = volume.get("Labels") or {}
    size = int((volume.get("UsageData") or {}).get("Size", -1))
    return VolumeView(
        name=str(volume["Name"]),
        driver=volume.get("Driver") or "",
        mountpoint=volume.get("Mountpoint") or "",
        created=volume.get("CreatedAt") or "",
        scope=volume.get("Scope") or "",
        options=tuple(sorted(masking.options(volume.get("Options") or {}).items())),
        labels=tuple(sorted(labels.items())),
        size=size if size >= 0 else None,
        users=tuple(_users(str(volume["Name"]), containers)),
        project=labels.get("com.docker.compose.project", ""),
    )


def _exists(actor: Actor, name: str) -> bool:
    try:
        perform(actor, "volume_inspect", target=name, call=lambda engine: engine.volume_inspect(name))
    except NotFound:
        return False
    return True


def _users(name: str, containers: list[Json]) -> list[User]:
    return [
        User(
            container_id=container["Id"],
            container=str((container.get("Names") or [container["Id"][:12]])[0]).lstrip("/"),
            state=container.get("State") or "",
            destination=mount.get("Destination") or "",
            writable=bool(mount.get("RW")),
        )
        for container in containers
        for mount in container.get("Mounts") or ()
        if mount.get("Type") == "volume"
        and mount.get("Name") == name
        and volume_helper.LABEL not in (container.get("Labels") or {})
    ]


def _measured(actor: Actor) -> dict[str, Json]:
    """What the Engine knows of the sizes, by name; it measures all volumes at once, and Podman and old
    Engines none.
    """
    if not actor.may("system.df"):
        return {}
    try:
        df = perform(actor, "system_df", call=lambda engine: engine.system_df())
    except EngineError:
        return {}  # the page without a size is better than no page
    return {volume["Name"]: volume.get("UsageData") or {} for volume in df.get("Volumes") or ()}
