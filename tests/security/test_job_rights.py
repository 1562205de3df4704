"""What a job shows and does ends with the right of who watches it and of who asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.accounts.models import User
from dockerui.jobs.models import Job, JobState
from dockerui.services import job_kinds, job_runner, jobs
from dockerui.services.errors import BadInput
from dockerui.services.job_kinds import JobContext, JobKind
from dockerui.services.job_runner import JobRunner
from dockerui.ws.topics.jobs import JobTopic
from tests.support.accounts import make_user

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "canary-of-the-other"


class Shown:
    """A channel that keeps what it is sent."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.news = asyncio.Event()

    async def send(self, ev: str, **fields: Any) -> None:
        self.frames.append(fields)
        self.news.set()


async def _account(name: str, role: str) -> Actor:
    return Actor.for_user(await sync_to_async(make_user)(name, role), "")


@pytest.fixture
async def running(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Job, Actor]]:
    """A job of the admin mira that has printed something and does not end by itself."""
    monkeypatch.setattr(job_runner, "SAVE_EVERY", 0.05)
    started = asyncio.Event()

    async def work(ctx: JobContext) -> None:
        ctx.output(SECRET)
        started.set()
        await asyncio.Event().wait()

    kind = JobKind("test.secret", "image.create", work, resumable=False)
    monkeypatch.setitem(job_kinds.KINDS, kind.name, kind)
    runner = JobRunner()
    monkeypatch.setattr(jobs, "runner", runner)
    await runner.start()
    mira = await _account("mira", "admin")
    job = await sync_to_async(jobs.submit)(mira, kind, "Work", {})
    async with asyncio.timeout(10):
        await started.wait()
    yield job, mira
    await runner.stop()


async def test_somebody_elses_running_job_shows_nothing(running: tuple[Job, Actor]) -> None:
    job, _ = running
    shown = Shown()
    topic = JobTopic(shown, await _account("vera", "viewer"), {"id": str(job.pk)})  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        await topic.run()
    assert shown.frames == []


async def test_who_is_no_admin_any_more_sees_no_more_of_it(running: tuple[Job, Actor]) -> None:
    job, _ = running
    shown = Shown()
    topic = JobTopic(shown, await _account("otto", "admin"), {"id": str(job.pk)})  # type: ignore[arg-type]
    watching = asyncio.create_task(topic.run())
    async with asyncio.timeout(10):
        await shown.news.wait()
        assert shown.frames[0]["output"] == SECRET
        topic.actor = await _account("vera", "viewer")  # as the session does at a re-check
        jobs.runner.live[str(job.pk)].print("more")
        with pytest.raises(BadInput):
            await watching
    assert all("more" not in frame["output"] for frame in shown.frames)


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_active": False}], ids=["role", "disabled"])
async def test_a_job_stops_when_its_owner_has_lost_the_right(
    running: tuple[Job, Actor], change: dict[str, Any]
) -> None:
    job, mira = running
    task = jobs.runner._tasks[str(job.pk)]
    await User.objects.filter(username=mira.name).aupdate(**change)
    async with asyncio.timeout(10):
        await asyncio.wait({task})
    assert (await Job.objects.aget(pk=job.pk)).state == JobState.CANCELLED
