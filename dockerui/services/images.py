"""What one asks and does about images at once: each function has the name of the Engine operation it calls.

Images are acted on by full id (security rule R4), names only where the name itself is what goes: untagging.
"""

from __future__ import annotations

import re
from typing import Any

from dockerui.access import Actor, authorise
from dockerui.access.masking import document, layer_command
from dockerui.services.door import engine_for, perform
from dockerui.services.errors import BadInput
from dockerui.services.image_ref import HUB, ImageRef, check_image, parse_ref

Json = dict[str, Any]
FULL_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


def image_inspect(actor: Actor, ref: str) -> Json:
    """The Engine's whole description, environment values masked. Raises NotFound."""
    name = check_image(ref)
    found = perform(actor, "image_inspect", target=name, call=lambda engine: engine.image_inspect(name))
    masked: Json = document(found)
    return masked


def resolve_image(actor: Actor, ref: str) -> str:
    """The full id behind a reference, with its `sha256:`. Raises BadInput, NotFound, Forbidden."""
    authorise(actor, "image.inspect")
    if FULL_ID.fullmatch(ref):
        return ref if ref.startswith("sha256:") else f"sha256:{ref}"
    return str(engine_for(actor).image_inspect(check_image(ref))["Id"])


def image_history(actor: Actor, ref: str) -> list[Json]:
    """The layers, newest first: `CreatedBy` (settings masked), `Size` in bytes, `Tags`. Raises NotFound."""
    image = resolve_image(actor, ref)
    layers = perform(actor, "image_history", target=image, call=lambda engine: engine.image_history(image))
    return [{**layer, "CreatedBy": layer_command(str(layer.get("CreatedBy") or ""))} for layer in layers]


def image_tag(actor: Actor, ref: str, *, repo: str, tag: str) -> ImageRef:
    """Give an image one more name. Raises BadInput, NotFound, Conflict."""
    image = resolve_image(actor, ref)
    whole = parse_ref(f"{repo.strip()}:{tag.strip()}" if tag.strip() else repo)
    if whole.digest:
        raise BadInput("A new name has a tag, not a digest.")
    perform(
        actor,
        "image_tag",
        target=image,
        detail={"name": str(whole)},
        call=lambda engine: engine.image_tag(image, repo=whole.name, tag=whole.tag or "latest"),
    )
    return whole


def image_remove(
    actor: Actor, ref: str, *, name: str = "", force: bool = False, noprune: bool = False
) -> list[Json]:
    """Remove one `name` of an image, or without one the image by its id; what was `Untagged` and `Deleted`.

    `force` also when it has several names or a stopped container uses it; `noprune` keeps its unnamed
    parents. Raises Conflict when containers use it, NotFound.
    """
    authorise(actor, "image.remove", ref)
    image = resolve_image(actor, ref)
    gone = check_image(name) if name else image
    if name and resolve_image(actor, name) != image:
        raise BadInput(f"{name} is the name of another image by now: reload the page.")
    return perform(
        actor,
        "image_remove",
        target=image,
        detail={"name": name, "force": force, "noprune": noprune},
        call=lambda engine: engine.image_remove(gone, force=force, noprune=noprune),
    )


def image_search(
    actor: Actor, term: str, *, limit: int | None = None, stars: int | None = None,
    official: bool | None = None, automated: bool | None = None,
) -> list[Json]:  # fmt: skip
    """What Docker Hub, or the registry before the term's first `/`, has; most stars first; `limit` 1 to 100.

    A name is what pulls the image. Raises BadInput, ServerError without a network.
    """
    term = term.strip()
    if not term or len(term) > 200:
        raise BadInput("Say what to look for, in 200 characters at most.")
    if limit is not None and not 1 <= limit <= 100:
        raise BadInput("Between 1 and 100 results can be asked for.")
    if stars is not None and stars < 0:
        raise BadInput("Stars are 0 or more.")
    filters = {"stars": stars, "is-official": official, "is-automated": automated}
    found = perform(
        actor,
        "image_search",
        target=term,
        call=lambda engine: engine.image_search(term=term, limit=limit, filters=filters),
    )
    place = "" if (registry := ImageRef(term, "", "").registry) == HUB else f"{registry}/"
    named = [{**row, "name": place + str(row.get("name", "")).removeprefix(place)} for row in found]
    return sorted(named, key=lambda row: -int(row.get("star_count") or 0))
