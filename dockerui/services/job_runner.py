"""Runs jobs on the event loop of a serving process, at most `SLOTS` at once beside those of open requests."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.conf import settings

from dockerui.access import Actor, Forbidden, authorise, may
from dockerui.engine.errors import EngineError
from dockerui.jobs.models import Job, JobState
from dockerui.services import background, job_store
from dockerui.services.errors import BadInput, bug, describe
from dockerui.services.job_kinds import KINDS, JobContext, JobFailed
from dockerui.services.job_live import LiveJob
from dockerui.services.uploads import Download, Upload, UploadCut

log = logging.getLogger(__name__)

SLOTS = 4
SAVE_EVERY = 1.0  # seconds between two writes of one job's progress
LOOK_EVERY = 10.0  # seconds between two looks for what dead processes left
_IN_MEMORY = "channels.layers.InMemoryChannelLayer"


class JobRunner:
    """The jobs of this process. `everything` is off where only uploads are run, whose bytes come to this
    process.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._users = 0
        self._wake = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._uploads: dict[str, Upload | Download] = {}
        self._stopping = False
        self._unwanted: set[str] = set()
        self.everything = False
        self.live: dict[str, LiveJob] = {}
        self.changed = asyncio.Event()
        """Set, and replaced by another, whenever a job appears, moves or ends."""

    async def start(self, *, everything: bool = True) -> None:
        """Take up what a former process left, then run what is queued. Each start wants a stop of its own."""
        self.everything = self.everything or everything
        self._users += 1
        if self._users > 1:
            return
        self._loop, self._stopping = asyncio.get_running_loop(), False
        self._wake, self.changed = asyncio.Event(), asyncio.Event()
        self._main = asyncio.create_task(self._run(), name="job runner")

    async def stop(self) -> None:
        """Stop all work: what may run again is queued again, the rest marked interrupted."""
        self._users -= 1
        if self._users:
            return
        self._stopping = True
        tasks = [task for task in (self._main, *self._tasks.values()) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._loop = self._main = None
        self.everything = False

    def wake(self) -> None:
        """Look for queued jobs; safe from any thread, harmless when the runner is not running."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._wake.set)

    def attach_upload(self, job_id: str, upload: Upload | Download) -> bool:
        """Give a queued job what feeds it, and start it; on the runner's loop. False when it is fed
        already.
        """
        if job_id in self._uploads:
            return False
        self._uploads[job_id] = upload
        self._wake.set()
        return True

    def detach_upload(self, job_id: str, upload: Upload | Download) -> None:
        """The request was cut off: a job that has not begun will not find its upload any more."""
        if job_id not in self._tasks and self._uploads.get(job_id) is upload:
            del self._uploads[job_id]

    def cancel(self, job_id: str) -> None:
        """Stop a job that runs here; safe from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel, job_id)

    async def finished(self, job_id: str) -> None:
        """Wait until the job's task has ended; returns at once for a job that does not run here."""
        if task := self._tasks.get(job_id):
            await asyncio.wait({task})

    async def change(self) -> None:
        """Wait until a job appears, moves or ends. Where others run jobs too, that is to look again in a
        second.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self._alone else 1.0):
                await self.changed.wait()

    @property
    def _alone(self) -> bool:
        return self.everything and settings.CHANNEL_LAYERS["default"]["BACKEND"] == _IN_MEMORY

    def _notify(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    def _cancel(self, job_id: str) -> None:
        if task := self._tasks.get(job_id):
            self._unwanted.add(job_id)
            task.cancel()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await sync_to_async(job_store.recover)(set(self._tasks))
                while job := await self._claim():
                    self._start(job)
                await self._forget_uploads()
            except Exception:
                log.exception("the job runner could not look for work")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY if self._alone else 1.0):
                    await self._wake.wait()

    async def _claim(self) -> Job | None:
        fed = [job_id for job_id in self._uploads if job_id not in self._tasks]
        # What a request waits for goes at once: it must not stand behind four long pulls.
        everything = self.everything and len(self._tasks) < SLOTS
        return await sync_to_async(job_store.claim)(fed, everything=everything)

    async def _forget_uploads(self) -> None:
        """Drop what came for jobs that were cancelled before they began."""
        idle = self._uploads.keys() - self._tasks.keys()
        if idle:
            for job_id in idle - await sync_to_async(job_store.waiting)(idle):
                self._uploads.pop(job_id).end()

    def _start(self, job: Job) -> None:
        job_id = str(job.id)
        live = LiveJob(job_id, job.kind, job.title, job.owner_id, job.owner_name, state=JobState.RUNNING)
        self.live[job_id] = live
        if job.started_at is not None:
            live.print("The server was restarted; this starts again.\n")
        task = asyncio.create_task(self._work(job, live), name=f"job {job.kind}")
        self._tasks[job_id] = task
        task.add_done_callback(lambda _: self._ended(job_id))
        self._notify()

    def _ended(self, job_id: str) -> None:
        del self._tasks[job_id]
        self._unwanted.discard(job_id)
        if upload := self._uploads.pop(job_id, None):
            upload.end()
        self.live.pop(job_id).touch()
        self._notify()
        self._wake.set()

    async def _work(self, job: Job, live: LiveJob) -> None:
        saver = asyncio.create_task(self._save_often(job, live), name="job saver")
        outcome = JobState.INTERRUPTED
        try:
            outcome = await self._outcome(job, live)
        finally:
            saver.cancel()
            await asyncio.gather(saver, return_exceptions=True)
            # Shielded: a server that shuts down must still write down how the job ended.
            await asyncio.shield(sync_to_async(job_store.finish)(live, outcome, live.pending.take()))
            live.state = outcome
            live.touch()

    async def _outcome(self, job: Job, live: LiveJob) -> JobState:
        kind = KINDS[job.kind]
        try:
            actor = await sync_to_async(_actor_of)(job)
            authorise(actor, kind.permission)
            context = JobContext(live, actor, job.params, self._uploads.get(live.id))
            live.result = await kind.run(context)
            live.fraction, live.rate = 1.0, None
            return JobState.SUCCEEDED
        except asyncio.CancelledError:
            if live.id in self._unwanted or not self._stopping:
                live.error = "Cancelled."
                return JobState.CANCELLED
            live.error = "" if kind.resumable else job_store.RESTARTED
            return JobState.QUEUED if kind.resumable else JobState.INTERRUPTED
        except (JobFailed, UploadCut) as error:
            live.error = str(error)
        except Exception as error:
            live.error = _words(error)
        return JobState.FAILED

    async def _save_often(self, job: Job, live: LiveJob) -> None:
        permission = KINDS[job.kind].permission
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self._notify()
            text = live.pending.take()
            try:
                order = await sync_to_async(job_store.beat)(live.id, text, live.fraction, live.message)
                allowed = await sync_to_async(_still_allowed)(live.id, permission)
            except Exception:
                log.exception("the progress of a job could not be kept")
                continue
            if order != "ok" or not allowed:
                self._cancel(live.id)


def _words(error: Exception) -> str:
    """What the person who asked is told."""
    if isinstance(error, (Forbidden, BadInput, EngineError)):
        problem = describe(error, Actor.system())
    else:
        problem = bug(error)
    return f"{problem.message} {problem.hint}".strip()


def _actor_of(job: Job) -> Actor:
    """Who the owner is now: a job queued by somebody who has since lost the right must not run."""
    if job.owner is None:
        raise Forbidden("The person who asked for this job is gone.")
    return Actor.for_user(job.owner, "")


def _still_allowed(job_id: str, permission: str) -> bool:
    """Whether the owner could ask for it now: who is disabled or has lost the right has nothing done for
    them.
    """
    job = Job.objects.select_related("owner").filter(pk=job_id).first()
    return job is not None and job.owner is not None and may(_actor_of(job), permission)


runner = JobRunner()


@background.worker("jobs", roles={background.WORKER})
async def run_jobs() -> None:
    """Run jobs until the process ends."""
    await _serve(everything=True)


@background.worker("uploads", roles={background.WEB})
async def run_uploads() -> None:
    """Run what is fed by requests of this process until it ends."""
    await _serve(everything=False)


async def _serve(*, everything: bool) -> None:
    await runner.start(everything=everything)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.stop()
