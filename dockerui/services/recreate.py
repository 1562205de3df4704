"""Replace a container by an edited copy of itself, and go back with one click.

The new container is created first, so that a bad body changes nothing. Then a job stops the old one, lets
the new
one take its name and starts it. The old one stays, stopped and renamed, until the new one is healthy *and*
somebody
discards it; when the new one fails, the old one comes back by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.api.container_lifecycle import CONTAINER_START, CONTAINER_STOP
from dockerui.engine.api.containers import CONTAINER_INSPECT, CONTAINER_RENAME, CONTAINER_UPDATE
from dockerui.engine.errors import ApiError, Conflict, EngineError, NotFound
from dockerui.engine.protocol.events import Event
from dockerui.jobs.models import Job, Replacement
from dockerui.services import containers, engines, jobs
from dockerui.services.container_copy import Change, body_from_inspect, changes
from dockerui.services.door import perform, resolve_container
from dockerui.services.errors import BadInput
from dockerui.services.jobs import JobContext, JobFailed, job_kind

Json = dict[str, Any]
SETTLED = 5.0  # seconds that a container without a health check must keep running
HEALTHY_WITHIN = 120.0  # seconds, beyond the check's own start period
NEVER = {"Name": "no", "MaximumRetryCount": 0}


@dataclass(frozen=True)
class Original:
    """A container as it is and as the body that would create it again."""

    id: str
    name: str
    running: bool
    body: Json


def original(actor: Actor, ref: str) -> Original:
    """Read a container for “edit” and “duplicate”. Needs the right to see its environment: the body holds
    it.
    """
    container = resolve_container(actor, ref)
    inspect = perform(
        actor, "container.reveal", target=container, call=lambda engine: engine.container_inspect(container)
    )
    body = body_from_inspect(inspect, _image_config(actor, str(inspect.get("Image") or "")))
    state = inspect.get("State") or {}
    return Original(inspect["Id"], str(inspect["Name"]).lstrip("/"), bool(state.get("Running")), body)


def diff(before: Original, body: Mapping[str, Any]) -> list[Change]:
    """What the edited body changes."""
    return changes(before.body, body)


def container_recreate(actor: Actor, ref: str, body: Json) -> Job:
    """Create the edited copy and queue the swap. Raises what `container_create` raises; then nothing has
    changed.
    """
    old = original(actor, ref)
    inspect = containers.container_inspect(actor, old.id)
    if Replacement.objects.filter(old_id=old.id, state=Replacement.State.UNDERWAY).exists():
        raise BadInput(f"{old.name} is being replaced already.")
    new_id = _create_beside(actor, old, body)
    Replacement.objects.create(
        old_id=old.id,
        new_id=new_id,
        name=old.name,
        old_running=old.running,
        old_restart=(inspect.get("HostConfig") or {}).get("RestartPolicy") or NEVER,
    )
    return jobs.submit(actor, RECREATE, f"Replace {old.name}", {"new": new_id}, target=old.id)


def container_rollback(actor: Actor, new_id: str) -> Job:
    """Queue the way back: the old container takes its name again and runs as before."""
    found = _replacement(new_id)
    return jobs.submit(actor, ROLLBACK, f"Roll back {found.name}", {"new": found.new_id}, target=found.new_id)


def replacement_discard(actor: Actor, new_id: str) -> None:
    """Remove the old container for good."""
    found = _replacement(new_id)
    with contextlib.suppress(NotFound):  # somebody has removed it already, which is what is wanted
        containers.container_remove(actor, found.old_id)
    Replacement.objects.filter(pk=found.pk).update(state=Replacement.State.DISCARDED)


def replacement_of(container_id: str) -> Replacement | None:
    """The replacement that the container came from, while one can still go back."""
    states = (Replacement.State.UNDERWAY, Replacement.State.KEPT)
    return Replacement.objects.filter(new_id=container_id, state__in=states).first()


@job_kind("container.recreate", permission="container.create")
async def RECREATE(context: JobContext) -> Json:
    """Swap the two; on failure swap back."""
    found: Replacement = await sync_to_async(_replacement)(context.params["new"])
    swap = _Swap(engines.default().aengine, found, context)
    try:
        await swap.forward()
    except (EngineError, JobFailed, asyncio.CancelledError) as error:
        await asyncio.shield(swap.back("failed"))
        await sync_to_async(_set_state)(found, Replacement.State.UNDONE)
        why = str(error) or "it was cancelled"
        raise JobFailed(f"The new container did not come up: {why}. The old one is back.") from error
    await sync_to_async(_set_state)(found, Replacement.State.KEPT)
    return {"container": found.new_id}


@job_kind("container.rollback", permission="container.create")
async def ROLLBACK(context: JobContext) -> Json:
    """Let the old container take its place again."""
    found: Replacement = await sync_to_async(_replacement)(context.params["new"])
    await _Swap(engines.default().aengine, found, context).back("undone")
    await sync_to_async(_set_state)(found, Replacement.State.UNDONE)
    return {"container": found.old_id}


class _Swap:
    """The steps of both directions. Each may be repeated: what is done already is left alone."""

    def __init__(self, engine: AsyncEngine, replacement: Replacement, context: JobContext) -> None:
        self.engine = engine
        self.old, self.new, self.name = replacement.old_id, replacement.new_id, replacement.name
        self.old_running, self.old_restart = replacement.old_running, replacement.old_restart
        self.context = context

    async def forward(self) -> None:
        """Old out, new in, and wait until the new one is healthy."""
        self._say(0.1, "Stopping the old container")
        await self._stop(self.old)
        await self._update(self.old, NEVER)
        await self._rename(self.old, f"{self.name}-previous-{self.old[:8]}")
        await self._rename(self.new, self.name)
        if not self.old_running:
            return
        self._say(0.5, "Starting the new container")
        events = await self.engine.events(filters={"container": [self.new]})
        try:
            await self.engine.call(CONTAINER_START, path={"id": self.new})
            self._say(0.7, "Waiting until it is healthy")
            await self._settle(events)
        finally:
            await events.aclose()
        self._say(1.0, "Healthy")

    async def back(self, word: str) -> None:
        """New out, old in, running if it ran before."""
        self._say(0.2, "Bringing the old container back")
        await self._stop(self.new)
        await self._update(self.new, NEVER)
        await self._rename(self.new, f"{self.name}-{word}-{self.new[:8]}")
        await self._rename(self.old, self.name)
        await self._update(self.old, self.old_restart)
        if self.old_running:
            await self.engine.call(CONTAINER_START, path={"id": self.old})

    async def _settle(self, events: Any) -> None:
        """Healthy, or for a container without a check: still running after `SETTLED` seconds."""
        inspect = await self._inspect(self.new)
        check = (inspect.get("Config") or {}).get("Healthcheck") or {}
        checked = bool(check.get("Test")) and check["Test"][0] != "NONE"
        limit = HEALTHY_WITHIN + (check.get("StartPeriod") or 0) / 1e9 if checked else SETTLED
        try:
            async with asyncio.timeout(limit):
                async for event in events:
                    if _verdict(event):
                        return
        except TimeoutError:
            if checked:
                raise JobFailed(f"it was not healthy after {limit:.0f} s") from None

    async def _inspect(self, container: str) -> Json:
        found: Json = await self.engine.json(CONTAINER_INSPECT, path={"id": container})
        return found

    async def _stop(self, container: str) -> None:
        await self.engine.call(CONTAINER_STOP, path={"id": container}, query={"t": 10})

    async def _update(self, container: str, policy: Mapping[str, Any]) -> None:
        try:
            await self.engine.call(
                CONTAINER_UPDATE, path={"id": container}, body={"RestartPolicy": dict(policy)}
            )
        except (Conflict, ApiError) as error:
            # A container with AutoRemove refuses any restart policy, and needs none.
            self.context.output(f"Restart policy of {container[:12]} left as it is: {error}\n")

    async def _rename(self, container: str, name: str) -> None:
        inspect = await self._inspect(container)
        if str(inspect["Name"]).lstrip("/") != name:
            await self.engine.call(CONTAINER_RENAME, path={"id": container}, query={"name": name})

    def _say(self, fraction: float, message: str) -> None:
        self.context.output(message + "\n")
        self.context.progress(fraction=fraction, message=message)


def _verdict(event: Event) -> bool:
    """True when the new container is healthy; raises when it is not going to be."""
    if event.action == "health_status" and event.detail == "healthy":
        return True
    if event.action == "health_status" and event.detail == "unhealthy":
        raise JobFailed("its health check fails")
    if event.action == "die":
        raise JobFailed(f"it stopped with exit code {event.attributes.get('exitCode', '?')}")
    return False


def _create_beside(actor: Actor, old: Original, body: Json) -> str:
    created = containers.container_create(actor, body, name=f"{old.name}-next-{old.id[:8]}")
    return str(created["Id"])


def _image_config(actor: Actor, image: str) -> Json:
    """The image's own defaults; empty when it is gone, then everything is kept."""
    try:
        found = perform(actor, "image_inspect", target=image, call=lambda engine: engine.image_inspect(image))
    except NotFound:
        return {}
    config: Json = found.get("Config") or {}
    return config


def _replacement(new_id: str) -> Replacement:
    found = (
        Replacement.objects.filter(new_id=new_id)
        .exclude(state__in=(Replacement.State.UNDONE, Replacement.State.DISCARDED))
        .first()
    )
    if found is None:
        raise BadInput("There is nothing to go back to.")
    return found


def _set_state(found: Replacement, state: Replacement.State) -> None:
    Replacement.objects.filter(pk=found.pk).update(state=state)
