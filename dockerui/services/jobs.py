"""Durable jobs: long Engine work that survives the tab that asked for it.

A service declares a kind with `@job_kind`; `submit` writes the row, and the runner, on the event loop of
`manage.py serve`, does the work: at most `SLOTS` at once. What must not be lost (state, output, result) is in the
database; what moves (progress) is in memory and reaches browsers through the `job` and `jobs` topics.

After a restart of the server, jobs of a resumable kind start again, and all others that were under way are marked
interrupted: nothing is lost silently and nothing runs twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.utils import timezone

from dockerui import audit
from dockerui.access import Actor, Forbidden, authorise
from dockerui.engine.errors import EngineError
from dockerui.jobs.models import ACTIVE, Job, JobOutput, JobState
from dockerui.services import background
from dockerui.services.errors import BadInput, describe
from dockerui.services.job_live import OUTPUT_LIMIT, Item, LiveJob, Meter

log = logging.getLogger(__name__)

SLOTS = 4
SAVE_EVERY = 1.0  # seconds between two writes of one job's progress
KEPT = 500  # ended jobs kept in the history


@dataclass(frozen=True)
class JobKind:
    """A sort of job: who may submit it and what it does. `resumable`: running it again from the start is harmless."""

    name: str
    permission: str
    run: Callable[[JobContext], Awaitable[Any]]
    resumable: bool


KINDS: dict[str, JobKind] = {}


def job_kind(
    name: str, *, permission: str, resumable: bool = False
) -> Callable[[Callable[[JobContext], Awaitable[Any]]], JobKind]:
    """Declare a kind; the decorated coroutine does the work and returns a JSON result."""

    def declare(run: Callable[[JobContext], Awaitable[Any]]) -> JobKind:
        KINDS[name] = JobKind(name, permission, run, resumable)
        return KINDS[name]

    return declare


class JobFailed(Exception):
    """The work could not be done; the text is for the person who asked."""


class JobContext:
    """What a handler works with: its parameters, its actor, and the way to say how far it is."""

    def __init__(
        self, live: LiveJob, actor: Actor, params: dict[str, Any], source: AsyncIterator[bytes] | None
    ) -> None:
        self.live = live
        self.actor = actor
        self.params = params
        self.source = source
        """The upload that feeds this job, while its request is open; None for jobs that need none."""
        self.meter = Meter()

    def progress(
        self, *, fraction: float | None = None, message: str | None = None, rate: float | None = None
    ) -> None:
        """Say how far the work is: `fraction` 0 to 1, `rate` in bytes per second."""
        if fraction is not None:
            self.live.fraction = min(1.0, max(0.0, fraction))
        if message is not None:
            self.live.message = message[:500]
        self.live.rate = rate if rate is not None else self.live.rate
        self.live.touch()

    def item(self, item_id: str, status: str, current: int | None = None, total: int | None = None) -> None:
        """Say how far one part is, such as a layer; sizes in bytes."""
        known = self.live.items.get(item_id)
        if known is None:
            self.live.items[item_id] = Item(item_id, status, current, total)
        else:
            known.status = status
            known.current = current if current is not None else known.current
            known.total = total if total is not None else known.total
        self.live.touch()

    def output(self, text: str) -> None:
        """Print text to the job's output."""
        if text:
            self.live.print(text)


class JobRunner:
    """Runs the jobs of this process. One per process, on the event loop that `start` was called on."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sources: dict[str, AsyncIterator[bytes]] = {}
        self.live: dict[str, LiveJob] = {}
        self.changed = asyncio.Event()
        """Set and replaced whenever a job appears, moves or ends: the tray waits for it."""

    async def start(self) -> None:
        """Take up what a former process left, then run whatever is queued."""
        self._loop = asyncio.get_running_loop()
        await sync_to_async(_recover)()
        self._main = asyncio.create_task(self._run(), name="job runner")
        self._wake.set()

    async def stop(self) -> None:
        """Stop all work; what was running is found again by the next `start`."""
        tasks = [task for task in (self._main, *self._tasks.values()) if task]
        for task in tasks:
            task.cancel("shutdown")
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = self._main = None

    def wake(self) -> None:
        """Look for queued jobs; safe from any thread, harmless when the runner is not running."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    def attach_source(self, job_id: str, source: AsyncIterator[bytes]) -> None:
        """Give a queued job the upload that feeds it; call on the runner's loop, before `wake`."""
        self._sources[job_id] = source

    def cancel(self, job_id: str) -> None:
        """Stop a running job; safe from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel, job_id)

    async def finished(self, job_id: str) -> None:
        """Wait until the job's task has ended; returns at once for a job that does not run here."""
        task = self._tasks.get(job_id)
        if task is not None:
            await asyncio.wait({task})

    def notify(self) -> None:
        """Wake whoever watches the list of jobs."""
        self.changed.set()
        self.changed = asyncio.Event()

    def _cancel(self, job_id: str) -> None:
        if task := self._tasks.get(job_id):
            task.cancel("cancelled")

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while len(self._tasks) < SLOTS and (job := await sync_to_async(_claim)()):
                self._start(job)

    def _start(self, job: Job) -> None:
        job_id = str(job.id)
        live = LiveJob(job_id, job.kind, job.title, job.owner_id, job.owner_name, state=JobState.RUNNING)
        self.live[job_id] = live
        task = asyncio.create_task(self._work(job, live), name=f"job {job.kind}")
        self._tasks[job_id] = task
        task.add_done_callback(lambda _: self._ended(job_id))
        self.notify()

    def _ended(self, job_id: str) -> None:
        del self._tasks[job_id]
        self._sources.pop(job_id, None)
        self.live.pop(job_id).touch()
        self.notify()
        self._wake.set()

    async def _work(self, job: Job, live: LiveJob) -> None:
        saver = asyncio.create_task(self._save_often(live), name="job saver")
        outcome = JobState.INTERRUPTED
        try:
            outcome = await self._outcome(job, live)
        finally:
            saver.cancel()
            await asyncio.gather(saver, return_exceptions=True)
            live.state = outcome
            # Shielded: a server that shuts down must still write down how the job ended.
            await asyncio.shield(sync_to_async(_finish)(live))
            live.touch()

    async def _outcome(self, job: Job, live: LiveJob) -> JobState:
        kind = KINDS[job.kind]
        try:
            actor = await sync_to_async(_actor_of)(job)
            authorise(actor, kind.permission)
            live.result = await kind.run(JobContext(live, actor, job.params, self._sources.get(live.id)))
            return JobState.SUCCEEDED
        except asyncio.CancelledError as cancelled:
            if cancelled.args == ("shutdown",):
                return JobState.RUNNING if kind.resumable else JobState.INTERRUPTED
            live.error = "Cancelled."
            return JobState.CANCELLED
        except (JobFailed, Forbidden, BadInput, EngineError) as error:
            live.error = (
                str(error) if isinstance(error, JobFailed) else describe(error, Actor.system()).message
            )
        except Exception:
            log.exception("job %s failed", job.kind)
            live.error = "The server made a mistake; its log says which."
        return JobState.FAILED

    async def _save_often(self, live: LiveJob) -> None:
        saved = -1
        while True:
            await asyncio.sleep(SAVE_EVERY)
            if live.version != saved:
                saved = live.version
                self.notify()
                await sync_to_async(_save)(live)


runner = JobRunner()


@background.worker("jobs", roles={background.WORKER})
async def run_jobs() -> None:
    """Run jobs until the process ends."""
    await runner.start()
    try:
        await asyncio.Event().wait()
    finally:
        await runner.stop()


def submit(
    actor: Actor,
    kind: JobKind,
    title: str,
    params: dict[str, Any],
    *,
    target: str = "",
    token: str | None = None,
) -> Job:
    """Queue a job (from a thread). While one with the same `token` is active, that one is returned instead."""
    authorise(actor, kind.permission)
    token = token or f"{kind.name}:{target or title}"
    try:
        with transaction.atomic():
            audit.record(actor, kind.permission, target or title, "queued", {"job": kind.name})
            job = Job.objects.create(
                kind=kind.name, title=title[:300], target=target[:300], params=params, token=token[:200],
                owner_id=actor.user_id, owner_name=actor.name,
            )  # fmt: skip
    except IntegrityError:
        return Job.objects.get(token=token[:200])
    transaction.on_commit(runner.wake)
    return job


def job_list(actor: Actor, *, active: bool | None = None) -> list[Job]:
    """The newest jobs that the actor may see: all with `job.list_all`, else their own."""
    authorise(actor, "job.list")
    jobs = Job.objects.all() if _sees_all(actor) else Job.objects.filter(owner_id=actor.user_id)
    if active is not None:
        jobs = jobs.filter(state__in=ACTIVE) if active else jobs.exclude(state__in=ACTIVE)
    return list(jobs[:100])


def job_get(actor: Actor, job_id: str) -> Job:
    """One job. Raises `Job.DoesNotExist` for one that is not there or not the actor's to see."""
    authorise(actor, "job.list")
    job: Job = Job.objects.get(pk=job_id)
    if job.owner_id != actor.user_id and not _sees_all(actor):
        raise Job.DoesNotExist
    return job


def job_output(job: Job) -> str:
    """Everything the job printed that was kept."""
    return "".join(job.outputs.values_list("text", flat=True))


def job_cancel(actor: Actor, job_id: str) -> None:
    """Stop a queued or running job; one that has ended stays as it is."""
    authorise(actor, "job.cancel")
    job = job_get(actor, job_id)
    audit.record(actor, "job.cancel", job.title, "requested", {"job": str(job.id)})
    ended = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, token=None, finished_at=timezone.now(), error="Cancelled."
    )
    if not ended:
        runner.cancel(str(job.id))


def summary(job: Job) -> dict[str, Any]:
    """A job from the database in the shape that a running one has."""
    return {
        "id": str(job.id), "kind": job.kind, "title": job.title, "owner": job.owner_name, "state": job.state,
        "fraction": job.fraction, "message": job.message, "error": job.error, "rate": None, "result": job.result,
    }  # fmt: skip


def visible(actor: Actor, live: LiveJob) -> bool:
    """Whether a running job may be shown to the actor."""
    return live.owner_id == actor.user_id or _sees_all(actor)


def _sees_all(actor: Actor) -> bool:
    return "job.list_all" in actor.permissions


def _actor_of(job: Job) -> Actor:
    """Who the owner is now: a job queued by somebody who has since lost the right must not run."""
    if job.owner is None:
        raise Forbidden("The person who asked for this job is gone.")
    return Actor.for_user(job.owner, "")


def _recover() -> None:
    """What a former process left running starts again if that is harmless, and is marked interrupted if not."""
    again = [name for name, kind in KINDS.items() if kind.resumable]
    running = Job.objects.filter(state=JobState.RUNNING)
    running.filter(kind__in=again).update(state=JobState.QUEUED)
    running.exclude(kind__in=again).update(
        state=JobState.INTERRUPTED, token=None, finished_at=timezone.now(),
        error="The server was restarted while this was running.",
    )  # fmt: skip
    # An upload that was queued has lost the request that fed it.
    Job.objects.filter(state=JobState.QUEUED, params__has_key="upload").update(
        state=JobState.INTERRUPTED,
        token=None,
        finished_at=timezone.now(),
        error="The upload was cut by a restart.",
    )


def _claim() -> Job | None:
    """Take the oldest queued job; two processes never get the same."""
    for job in Job.objects.filter(state=JobState.QUEUED, kind__in=KINDS).order_by("created_at")[:SLOTS]:
        if Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
            state=JobState.RUNNING, started_at=timezone.now()
        ):
            job.state = JobState.RUNNING
            return job
    return None


def _save(live: LiveJob) -> None:
    pieces, live.pending = live.pending, []
    if pieces:
        seq = JobOutput.objects.filter(job_id=live.id).count()
        JobOutput.objects.create(job_id=live.id, seq=seq, text="".join(pieces)[-OUTPUT_LIMIT:])
    Job.objects.filter(pk=live.id).update(fraction=live.fraction, message=live.message)


def _finish(live: LiveJob) -> None:
    _save(live)
    ended = live.state not in ACTIVE
    Job.objects.filter(pk=live.id).update(
        state=live.state,
        error=live.error,
        result=live.result,
        **({"token": None, "finished_at": timezone.now()} if ended else {}),
    )
    job = Job.objects.get(pk=live.id)
    audit.record(
        Actor.system(), KINDS[job.kind].permission, job.target or job.title, live.state, {"job": live.id}
    )
    old = Job.objects.exclude(state__in=ACTIVE).values_list("pk", flat=True)[KEPT:]
    Job.objects.filter(pk__in=list(old)).delete()
