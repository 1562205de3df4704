"""Topics `jobs` (the tray: what runs now) and `job` (one job's progress and output).

    jobs  {}             → {"ev":"jobs","jobs":[{id,kind,title,owner,state,fraction,message,error,rate}, …]} on every change,
                           {"ev":"ended","job":{…}} when one of them has ended
    job   {"id":"…"}     → {"ev":"job","job":{…, items:[{id,status,current,total}], result}, "output":"new text"} …
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, ClassVar

from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.jobs.models import Job
from dockerui.services import jobs
from dockerui.services.errors import BadInput
from dockerui.ws.topic import ChannelHandle, Topic

PAUSE = 0.25  # seconds between two frames of the tray


class JobsTopic(Topic):
    """Everything that runs and that the actor may see."""

    name: ClassVar[str] = "jobs"
    permission: ClassVar[str] = "job.list"

    async def run(self) -> str | None:
        shown: dict[str, Any] = {}
        while True:
            changed = jobs.runner.changed
            current = {live.id: live for live in jobs.runner.live.values() if jobs.visible(self.actor, live)}
            for job_id in shown.keys() - current.keys():
                job = await sync_to_async(jobs.job_get)(self.actor, job_id)
                await self.ch.send("ended", job=jobs.summary(job))
            await self.ch.send("jobs", jobs=[live.summary() for live in current.values()])
            shown = current
            await changed.wait()
            await asyncio.sleep(PAUSE)


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
        try:
            job: Job = await sync_to_async(jobs.job_get)(self.actor, self.id)
        except Job.DoesNotExist:
            raise BadInput("There is no such job.") from None
        while job.active and (live := jobs.runner.live.get(self.id)) is None:
            changed = jobs.runner.changed
            job = await sync_to_async(jobs.job_get)(self.actor, self.id)
            if job.active and self.id not in jobs.runner.live:
                await self.ch.send("job", job=jobs.summary(job), output="")
                await changed.wait()
        if job.active and live is not None:
            async for details, fresh in live.changes():
                await self.ch.send("job", job=details, output=fresh)
            job = await sync_to_async(jobs.job_get)(self.actor, self.id)
            await self.ch.send("job", job=jobs.summary(job), output="")
            return job.state
        output = await sync_to_async(jobs.job_output)(job)
        await self.ch.send("job", job=jobs.summary(job), output=output)
        return job.state
