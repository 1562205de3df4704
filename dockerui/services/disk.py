"""What takes room on the Engine's disk, what of it can go, and a clean-up that deletes exactly what it has
listed.

The clean-up removes object by object instead of calling the Engine's prune: between the list and the click
something
new may have become unused, and that must not go along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dockerui.access import Actor, authorise
from dockerui.engine.api.containers import CONTAINER_REMOVE
from dockerui.engine.api.images import IMAGE_REMOVE
from dockerui.engine.api.networks import NETWORK_REMOVE
from dockerui.engine.api.volumes import VOLUME_REMOVE
from dockerui.engine.errors import Conflict, EngineError, NotFound
from dockerui.jobs.models import Job
from dockerui.services import engines, jobs
from dockerui.services.door import perform
from dockerui.services.errors import BadInput, describe
from dockerui.services.jobs import JobContext, job_kind
from dockerui.services.words import bytes_iec

Json = Mapping[str, Any]
_REMOVE = {
    "container": (CONTAINER_REMOVE, "id"),
    "image": (IMAGE_REMOVE, "name"),
    "volume": (VOLUME_REMOVE, "name"),
    "network": (NETWORK_REMOVE, "id"),
}
_BUILT_IN = ("bridge", "host", "none", "podman")


@dataclass(frozen=True)
class Candidate:
    """Something that can go; `size` in bytes, None where the Engine does not know. `why` says what makes it
    unused.
    """

    kind: str
    id: str
    name: str
    size: int | None
    why: str

    @property
    def key(self) -> str:
        """What the form sends back."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Usage:
    """One sort of object: how many, how large, and what of it can go. Sizes in bytes, None where unknown."""

    kind: str
    title: str
    note: str
    count: int
    size: int | None
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def reclaimable(self) -> int:
        """Bytes that the clean-up would free, as far as they are known."""
        return sum(candidate.size or 0 for candidate in self.candidates)


def usage(actor: Actor) -> list[Usage]:
    """Everything that takes room, with what can go. Slow on a large Engine: it walks the disk."""
    df = perform(actor, "system_df", call=lambda engine: engine.system_df())
    networks = perform(actor, "network_list", call=lambda engine: engine.network_list())
    # Podman's disk usage does not say which networks a container is on: the list does.
    listed = perform(actor, "container_list", call=lambda engine: engine.container_list(all=True))
    containers = df.get("Containers") or []
    return [
        _containers(containers),
        _images(df.get("Images") or [], df.get("LayersSize")),
        _volumes(df.get("Volumes") or []),
        _networks(networks, listed),
        _cache(df.get("BuildCache") or []),
    ]


def clean_up(actor: Actor, keys: list[str]) -> Job:
    """Queue the removal of exactly these. Raises BadInput for keys that the list cannot have held."""
    wanted = [key.partition(":")[::2] for key in keys]
    if not wanted or any(kind not in _REMOVE or not name for kind, name in wanted):
        raise BadInput("Choose what to delete from the list.")
    _admit(actor, wanted)
    return jobs.submit(
        actor,
        CLEAN_UP,
        f"Clean up {len(wanted)} object{'' if len(wanted) == 1 else 's'}",
        {"keys": [list(pair) for pair in wanted]},
        target="engine",
        token="clean-up",  # noqa: S106 what makes a double click one job
    )


@job_kind("system.clean_up", permission="container.prune")
async def CLEAN_UP(context: JobContext) -> Any:
    """Remove one after the other; what is in use by now stays and is named."""
    keys: list[list[str]] = context.params["keys"]
    _admit(context.actor, keys)
    order = list(_REMOVE)
    done = kept = 0
    for kind, name in sorted(
        keys, key=lambda pair: order.index(pair[0])
    ):  # containers first: they hold the rest
        operation, param = _REMOVE[kind]
        try:
            await engines.default().aengine.call(operation, path={param: name})
            context.output(f"Removed {kind} {name[:80]}\n")
        except NotFound:
            context.output(f"{kind} {name[:80]} was gone already\n")
        except (Conflict, EngineError) as error:
            kept += 1
            context.output(f"Kept {kind} {name[:80]}: {describe(error, Actor.system()).message}\n")
        done += 1
        context.progress(fraction=done / len(keys), message=f"{done} of {len(keys)}")
    if kept:
        context.progress(message=f"{done - kept} removed; {kept} kept, for the reasons below")
    return {"removed": done - kept, "kept": kept}


def _admit(actor: Actor, wanted: Iterable[Sequence[str]]) -> None:
    """Raise Forbidden unless the actor may remove each sort of object that is among these."""
    for kind in sorted({kind for kind, _ in wanted}):
        authorise(actor, _REMOVE[kind][0].permission)


def _containers(containers: list[Json]) -> Usage:
    idle = [c for c in containers if c.get("State") in ("exited", "created", "dead")]
    return Usage(
        "container",
        "Containers",
        "What containers wrote outside of their mounts.",
        len(containers),
        sum(int(c.get("SizeRw") or 0) for c in containers),
        [
            Candidate(
                "container",
                c["Id"],
                _name(c),
                int(c.get("SizeRw") or 0),
                str(c.get("Status") or "not running"),
            )
            for c in idle
        ],
    )


def _images(images: list[Json], layers: Any) -> Usage:
    unused = [image for image in images if not int(image.get("Containers") or 0) > 0]
    return Usage(
        "image",
        "Images",
        "Layers that images share are counted once in the total, and freed with the last that needs them.",
        len(images),
        int(layers) if layers is not None else None,
        [Candidate("image", i["Id"], _tag(i), _own_size(i), _why_image(i)) for i in unused],
    )


def _why_image(image: Json) -> str:
    unknown = image.get("Containers") == -1
    tags = [tag for tag in image.get("RepoTags") or () if tag != "<none>:<none>"]
    why = "no container uses it" if not unknown else "the Engine does not say whether a container uses it"
    return why if tags else f"dangling: it has no tag, and {why}"


def _own_size(image: Json) -> int:
    size, shared = int(image.get("Size") or 0), int(image.get("SharedSize") or 0)
    return max(0, size - shared) if shared > 0 else size


def _volumes(volumes: list[Json]) -> Usage:
    sizes = [(v, v.get("UsageData") or {}) for v in volumes]
    known = [int(data["Size"]) for _, data in sizes if int(data.get("Size", -1)) >= 0]
    return Usage(
        "volume",
        "Volumes",
        "Data that outlives containers. Deleting a volume deletes its data for good.",
        len(volumes),
        sum(known) if known or not volumes else None,
        [
            Candidate(
                "volume",
                v["Name"],
                v["Name"],
                size if (size := int(data.get("Size", -1))) >= 0 else None,
                "no container mounts it",
            )
            for v, data in sizes
            if int(data.get("RefCount", -1)) == 0
        ],
    )


def _networks(networks: Sequence[Json], containers: Sequence[Json]) -> Usage:
    """Unused is a network that no container names, a stopped one included: it would not start again without
    it.
    """
    used: set[str] = set()
    for container in containers:
        for name, entry in ((container.get("NetworkSettings") or {}).get("Networks") or {}).items():
            used |= {name, (entry or {}).get("NetworkID") or ""}
        used.add((container.get("HostConfig") or {}).get("NetworkMode") or "")
    return Usage(
        "network",
        "Networks",
        "They take no room, but their address ranges run out.",
        len(networks),
        0,
        [
            Candidate("network", n["Id"], n["Name"], 0, "no container is on it")
            for n in networks
            if n["Name"] not in _BUILT_IN and not {n["Name"], n["Id"]} & used and not n.get("Ingress")
        ],
    )


def _cache(cache: list[Json]) -> Usage:
    return Usage(
        "cache",
        "Build cache",
        "What BuildKit keeps to build faster; the command “docker builder prune” empties it.",
        len(cache),
        sum(int(entry.get("Size") or 0) for entry in cache),
    )


def _name(container: Json) -> str:
    return str((container.get("Names") or [container["Id"][:12]])[0]).lstrip("/")


def _tag(image: Json) -> str:
    tags = [tag for tag in image.get("RepoTags") or () if tag != "<none>:<none>"]
    return ", ".join(tags) or str(image["Id"]).removeprefix("sha256:")[:12]


def words(size: int | None) -> str:
    """A size for people; a dash where it is unknown."""
    return "—" if size is None else bytes_iec(size)
