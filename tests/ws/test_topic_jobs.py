"""Topics `job` and `jobs`: progress and output of what runs, how it ended, and nothing of others' jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.jobs.models import Job
from dockerui.services import job_kinds, jobs
from dockerui.services.job_kinds import JobContext, JobKind
from dockerui.services.job_runner import JobRunner
from tests.support.accounts import make_user
from tests.ws.conftest import ADMIN, VIEWER, OpenTab

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def runner(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JobRunner]:
    made = JobRunner()
    monkeypatch.setattr(jobs, "runner", made)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def go() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def kind(go: asyncio.Event, monkeypatch: pytest.MonkeyPatch) -> JobKind:
    async def run(ctx: JobContext) -> Any:
        ctx.item("layer1", "Downloading", 5, 10)
        ctx.progress(fraction=0.5, message="half way", rate=1000.0)
        ctx.output("first\n")
        await go.wait()
        ctx.output("second\n")
        return {"image": "x"}

    made = JobKind("test.topic", "image.create", run, resumable=False)
    monkeypatch.setitem(job_kinds.KINDS, made.name, made)
    return made


@pytest.fixture
async def mira(actors: dict[str, Actor]) -> Actor:
    user = await sync_to_async(make_user)("mira", "admin")
    actors[ADMIN.session_key] = replace(ADMIN, user_id=user.pk)
    return actors[ADMIN.session_key]


@pytest.fixture
async def job(runner: JobRunner, mira: Actor, kind: JobKind) -> Job:
    made = await sync_to_async(jobs.submit)(mira, kind, "Work", {})
    runner.wake()
    while str(made.pk) not in runner.live:
        await runner.changed.wait()
    return made


async def test_a_job_is_followed_to_its_end(
    open_tab: OpenTab, mira: Actor, job: Job, go: asyncio.Event
) -> None:
    tab = await open_tab(mira)
    await tab.send("open", ch=1, topic="job", args={"id": str(job.pk)})
    text, now = "", {}
    while "first\n" not in text:
        message = await tab.until("job")
        text, now = text + message["output"], message["job"]
    assert (now["state"], now["fraction"], now["rate"]) == ("running", 0.5, 1000.0)
    assert now["items"] == [{"id": "layer1", "status": "Downloading", "current": 5, "total": 10}]
    go.set()
    while now["state"] == "running":
        message = await tab.until("job")
        text, now = text + message["output"], message["job"]
    assert text == "first\nsecond\n"
    assert (await tab.until("end"))["reason"] == "succeeded"


async def test_a_job_that_has_ended_is_told_whole(
    open_tab: OpenTab, runner: JobRunner, mira: Actor, job: Job, go: asyncio.Event
) -> None:
    go.set()
    await runner.finished(str(job.pk))
    tab = await open_tab(mira)
    await tab.send("open", ch=1, topic="job", args={"id": str(job.pk)})
    message = await tab.until("job")
    assert (message["job"]["state"], message["output"]) == ("succeeded", "first\nsecond\n")
    assert message["job"]["result"] == {"image": "x"}


async def test_a_job_that_waits_is_shown_and_then_followed(
    open_tab: OpenTab, runner: JobRunner, mira: Actor, kind: JobKind, go: asyncio.Event
) -> None:
    made = await sync_to_async(jobs.submit)(mira, kind, "Later", {}, needs_upload=True)
    tab = await open_tab(mira)
    await tab.send("open", ch=1, topic="job", args={"id": str(made.pk)})
    assert (await tab.until("job"))["job"]["state"] == "queued"
    await sync_to_async(jobs.job_cancel)(mira, str(made.pk))
    runner._notify()
    while (await tab.until("job"))["job"]["state"] != "cancelled":
        pass


async def test_the_tray_shows_what_runs_and_how_it_ended(
    open_tab: OpenTab, mira: Actor, job: Job, go: asyncio.Event
) -> None:
    tab = await open_tab(mira)
    await tab.send("open", ch=1, topic="jobs")
    shown = (await tab.until("jobs"))["jobs"]
    assert [entry["id"] for entry in shown] == [str(job.pk)]
    go.set()
    ended = await tab.until("ended")
    assert (ended["job"]["title"], ended["job"]["state"]) == ("Work", "succeeded")
    assert (await tab.until("jobs"))["jobs"] == []


async def test_nobody_sees_the_jobs_of_others(open_tab: OpenTab, job: Job) -> None:
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="jobs")
    assert (await tab.until("jobs"))["jobs"] == []
    await tab.send("open", ch=2, topic="job", args={"id": str(job.pk)})
    assert (await tab.until("error"))["status"] == 400


@pytest.mark.parametrize("bad", [None, "", "x", 5, ["a"]])
async def test_a_bad_id_is_refused(open_tab: OpenTab, bad: Any) -> None:
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="job", args={"id": bad})
    assert (await tab.until("error"))["status"] == 400
