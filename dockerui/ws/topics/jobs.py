"""Topics `jobs` (the tray: what runs now) and `job` (one job's progress and output).

jobs  {}             → {"ev":"jobs","jobs":[{id,kind,title,owner,state,fraction,message,error,rate}, …]} on
  every change,
                       {"ev":"ended","job":{…}} when one of them has ended
job   {"id":"…"}     → {"ev":"job","job":{…, items:[{id,status,current,total}], result}, "output":"new text"}
  …
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import Any, ClassVar

from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.jobs.models import Job
from dockerui.services import jobs
from dockerui.services.errors import BadInput
from dockerui.services.job_live import LiveJob
from dockerui.ws.topic import ChannelHandle, Topic

PAUSE = 0.25  # seconds between two frames of the tray


class JobsTopic(Topic):
    """Everything that runs and that the actor may see."""

    name: ClassVar[str] = "jobs"
    permission: ClassVar[str] = "job.list"

    async def run(self) -> str | None:
        shown: dict[str, dict[str, Any]] | None = None
        while True:
            change = asyncio.ensure_future(jobs.runner.change())
            try:
                current = await jobs.under_way(self.actor)
                for job_id in (shown or {}).keys() - current.keys():
                    await self._tell_end(job_id)
                if current != shown:
                    await self.ch.send("jobs", jobs=list(current.values()))
                shown = current
                await change
            finally:
                change.cancel()
            await asyncio.sleep(PAUSE)

    async def _tell_end(self, job_id: str) -> None:
        try:
            job = await sync_to_async(jobs.job_get)(self.actor, job_id)
        except Job.DoesNotExist:
            return  # gone from the history already, or no longer this actor's to see
        await self.ch.send("ended", job=jobs.summary(job))


class JobTopic(Topic):
    """One job, from what it has printed so far to its end."""

    name: ClassVar[str] = "job"
    permission: ClassVar[str] = "job.list"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        try:
            self.id = str(uuid.UUID(args.get("id")))
        except (TypeError, ValueError, AttributeError):
            raise BadInput("id must be a job's id.") from None

    async def run(self) -> str | None:
        watched = False
        while True:
            change = asyncio.ensure_future(jobs.runner.change())
            try:
                job = await self._job()  # first of all: it raises for who may not see it
                live = jobs.runner.live.get(self.id)
                if live is not None and not watched:
                    watched = True
                    await self._watch(live)
                    job = await self._job()
                if not job.active:
                    await self._last(job, watched)
                    return str(job.state)
                if live is None:
                    watched = False
                    await self.ch.send("job", job=jobs.summary(job), output="")
                await change
            finally:
                change.cancel()

    async def _watch(self, live: LiveJob) -> None:
        """Show it until it ends, or until the actor has lost the right to see it."""
        seen_as = self.actor
        async with contextlib.aclosing(live.changes()) as changes:
            async for details, fresh in changes:
                if self.actor != seen_as:  # the session has found that the person's role has changed
                    await self._job()
                    seen_as = self.actor
                await self.ch.send("job", job=details, output=fresh)

    async def _job(self) -> Job:
        try:
            return await sync_to_async(jobs.job_get)(self.actor, self.id)
        except Job.DoesNotExist:
            raise BadInput("There is no such job.") from None

    async def _last(self, job: Job, watched: bool) -> None:
        """How it ended; the whole output for who has not seen it come."""
        output = "" if watched else await sync_to_async(jobs.job_output)(job)
        await self.ch.send("job", job=jobs.summary(job), output=output)
