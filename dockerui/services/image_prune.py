"""Clean up images: a list of what would go, and the job that lets the Engine do it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dockerui.access import Actor
from dockerui.engine.api.images import IMAGE_PRUNE
from dockerui.jobs.models import Job
from dockerui.services.door import aengine_for, perform
from dockerui.services.errors import BadInput
from dockerui.services.images_list import ImageRow, image_users, rows_of
from dockerui.services.job_kinds import JobContext, job_kind
from dockerui.services.jobs import submit
from dockerui.services.words import bytes_iec

Json = dict[str, Any]
_AGE = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")


@dataclass(frozen=True)
class PruneOrder:
    """`everything`: all images that no container uses, not only those without a name."""

    everything: bool = False
    until: str = ""
    label: tuple[str, ...] = ()
    unlabel: tuple[str, ...] = ()

    @property
    def filters(self) -> Json:
        """As the Engine takes them."""
        return {
            "dangling": "false" if self.everything else "true",
            "until": self.until or None,
            "label": list(self.label) or None,
            "label!": list(self.unlabel) or None,
        }


@dataclass(frozen=True)
class PrunePlan:
    """What would go. `size` in bytes at most: layers that other images share stay."""

    rows: tuple[ImageRow, ...]
    size: int

    @property
    def images(self) -> int:
        """How many images that is: one may have several names."""
        return len({row.id for row in self.rows})


def parse(given: Mapping[str, Sequence[str]]) -> PruneOrder:
    """The order in a form or a URL. Raises BadInput."""

    def words(key: str) -> tuple[str, ...]:
        return tuple(
            filter(None, (line.strip() for text in given.get(key, ()) for line in text.splitlines()))
        )

    order = PruneOrder(
        everything=bool(words("all")),
        until=(words("until") or ("",))[0],
        label=words("label"),
        unlabel=words("unlabel"),
    )
    _before(order.until)
    return order


def plan(actor: Actor, order: PruneOrder) -> PrunePlan:
    """The images that the Engine would remove now."""
    images = perform(actor, "image_list", call=lambda engine: engine.image_list())
    users = image_users(actor)
    before = _before(order.until)
    found = [
        image
        for image in images
        if image["Id"] not in users
        and (order.everything or not _is_named(image))
        and (before is None or int(image.get("Created") or 0) <= before.timestamp())
        and _labels_fit(image.get("Labels") or {}, order)
    ]
    found.sort(key=lambda image: -int(image.get("Size") or 0))
    rows = tuple(row for image in found for row in rows_of(image, users))
    return PrunePlan(rows, sum(int(image.get("Size") or 0) for image in found))


@job_kind("image.prune", permission="image.prune")
async def PRUNE(ctx: JobContext) -> Json:
    """`filters`."""
    engine = aengine_for(ctx.actor)
    answer = await engine.json(IMAGE_PRUNE, query={"filters": ctx.params["filters"]}, timeout=float("inf"))
    deleted = answer.get("ImagesDeleted") or []
    for item in deleted:
        for word, ref in item.items():
            ctx.output(f"{word.lower()}: {ref}\n")
    freed = int(answer.get("SpaceReclaimed") or 0)
    gone = sum("Deleted" in item for item in deleted)
    ctx.progress(fraction=1.0, message=f"{gone} layers removed, {bytes_iec(freed)} freed")
    return {"deleted": gone, "freed": freed}


def image_prune(actor: Actor, order: PruneOrder) -> Job:
    """Remove what `plan` names. Raises BadInput."""
    what = "unused images" if order.everything else "images without a name"
    return submit(actor, PRUNE, f"Remove {what}", {"filters": order.filters}, target="images")


def _is_named(image: Json) -> bool:
    return any(tag != "<none>:<none>" for tag in image.get("RepoTags") or ())


def _labels_fit(labels: Mapping[str, str], order: PruneOrder) -> bool:
    def has(wanted: str) -> bool:
        key, equals, value = wanted.partition("=")
        return key in labels and (not equals or labels[key] == value)

    return all(map(has, order.label)) and not any(map(has, order.unlabel))


def _before(until: str) -> datetime | None:
    """The time that `until` names: an age such as 24h or 1h30m, or a date. Raises BadInput."""
    if not until:
        return None
    if age := _AGE.fullmatch(until):
        hours, minutes, seconds = (int(part or 0) for part in age.groups())
        return datetime.now(UTC) - timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise BadInput("Older than: an age such as 24h or 90m, or a date such as 2026-01-31.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
