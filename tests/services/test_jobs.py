"""Jobs: progress, output, cancel, double clicks, restarts, and whose they are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from dockerui.access import Actor, Forbidden
from dockerui.audit.models import AuditEntry
from dockerui.jobs.models import Job, JobOutput, JobState
from dockerui.services import job_kinds, job_store, jobs
from dockerui.services.errors import BadInput
from dockerui.services.job_kinds import JobContext, JobFailed, JobKind
from dockerui.services.job_live import LiveJob, Meter, Tail
from dockerui.services.job_runner import JobRunner
from dockerui.services.uploads import Upload, UploadCut
from tests.support.accounts import make_user

pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    """A kind whose jobs wait until the test lets them go."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.go = asyncio.Event()
        self.runs = 0
        self.taken: list[bytes] = []

    async def run(self, ctx: JobContext) -> Any:
        self.runs += 1
        self.started.set()
        ctx.progress(fraction=0.5, message="half way")
        ctx.output("\x1b[32mhello\x1b[0m\n")
        if ctx.params.get("feed"):
            async for piece in ctx.fed():
                self.taken.append(piece)
        await self.go.wait()
        if why := ctx.params.get("fail"):
            raise JobFailed(why)
        return {"answer": 42}


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def kind(work: Work, monkeypatch: pytest.MonkeyPatch) -> JobKind:
    made = JobKind("test.work", "image.create", work.run, resumable=False)
    monkeypatch.setitem(job_kinds.KINDS, made.name, made)
    return made


@pytest.fixture
def again(work: Work, monkeypatch: pytest.MonkeyPatch) -> JobKind:
    made = JobKind("test.again", "image.create", work.run, resumable=True)
    monkeypatch.setitem(job_kinds.KINDS, made.name, made)
    return made


@pytest.fixture
async def admin() -> Actor:
    return Actor.for_user(await sync_to_async(make_user)("mira", "admin"), "")


@pytest.fixture
async def runner(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JobRunner]:
    made = JobRunner()
    monkeypatch.setattr(jobs, "runner", made)
    await made.start()
    yield made
    if made._loop is not None:
        await made.stop()


async def submit(actor: Actor, kind: JobKind, **params: Any) -> Job:
    needs_upload = bool(params.get("feed"))
    job = await sync_to_async(jobs.submit)(actor, kind, "Work", params, needs_upload=needs_upload)
    jobs.runner.wake()
    return job


async def fresh(job: Job) -> Job:
    return await sync_to_async(Job.objects.get)(pk=job.pk)


async def ended(job: Job) -> Job:
    async with asyncio.timeout(10):
        while True:
            changed = jobs.runner.changed
            now = await fresh(job)
            if not now.active:
                return now
            await changed.wait()


async def test_a_job_leaves_its_result_its_output_and_who_asked(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    work.go.set()
    done = await ended(await submit(admin, kind))
    assert (done.state, done.result, done.owner_name) == (JobState.SUCCEEDED, {"answer": 42}, "mira")
    assert await sync_to_async(jobs.job_output)(done) == "\x1b[32mhello\x1b[0m\n"
    rows = [(row.actor_name, row.outcome) async for row in AuditEntry.objects.order_by("id")]
    assert rows == [("mira", "queued"), ("mira", "succeeded")]


async def test_a_failure_is_told_in_its_own_words(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    work.go.set()
    done = await ended(await submit(admin, kind, fail="The registry said no."))
    assert (done.state, done.error) == (JobState.FAILED, "The registry said no.")


async def test_a_bug_is_a_failure_with_a_number_for_the_log(
    runner: JobRunner, kind: JobKind, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(ctx: JobContext) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(job_kinds.KINDS, kind.name, JobKind(kind.name, kind.permission, broken, False))
    done = await ended(await submit(admin, kind))
    assert done.state == JobState.FAILED
    assert "bug in dockerui" in done.error
    assert "Zero" not in done.error


async def test_a_double_click_is_one_job(runner: JobRunner, work: Work, kind: JobKind, admin: Actor) -> None:
    both = await asyncio.gather(submit(admin, kind), submit(admin, kind))
    assert both[0].pk == both[1].pk
    work.go.set()
    await ended(both[0])
    assert work.runs == 1
    assert (await submit(admin, kind)).pk != both[0].pk


async def test_a_running_job_can_be_cancelled(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    job = await submit(admin, kind)
    await work.started.wait()
    await sync_to_async(jobs.job_cancel)(admin, str(job.pk))
    done = await ended(job)
    assert (done.state, done.error) == (JobState.CANCELLED, "Cancelled.")


async def test_a_queued_job_can_be_cancelled(work: Work, kind: JobKind, admin: Actor) -> None:
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {})
    await sync_to_async(jobs.job_cancel)(admin, str(job.pk))
    assert (await fresh(job)).state == JobState.CANCELLED


async def test_cancel_reaches_the_process_that_runs_it(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await submit(admin, kind)
    await work.started.wait()
    elsewhere = JobRunner()
    monkeypatch.setattr(jobs, "runner", elsewhere)
    await sync_to_async(jobs.job_cancel)(admin, str(job.pk))
    monkeypatch.setattr(jobs, "runner", runner)
    assert (await ended(job)).state == JobState.CANCELLED


async def test_a_stop_of_the_server_gives_a_harmless_job_back_and_marks_the_others(
    runner: JobRunner, work: Work, kind: JobKind, again: JobKind, admin: Actor
) -> None:
    first, second = await submit(admin, kind), await submit(admin, again)
    while len(runner.live) < 2:
        await runner.changed.wait()
    await work.started.wait()
    await runner.stop()
    assert (await fresh(first)).state == JobState.INTERRUPTED
    assert "restarted" in (await fresh(first)).error
    assert (await fresh(second)).state == JobState.QUEUED
    work.go.set()
    await runner.start()
    done = await ended(second)
    assert done.state == JobState.SUCCEEDED
    assert "starts again" in await sync_to_async(jobs.job_output)(done)


def left_behind(kind: JobKind, **values: Any) -> Job:
    """A job as a process that was killed leaves it."""
    return Job.objects.create(kind=kind.name, title="x", owner_name="x", state=JobState.RUNNING, **values)


async def test_what_a_killed_process_left_is_taken_up(kind: JobKind, again: JobKind) -> None:
    now, dead = timezone.now(), f"{job_store.HOST}:{2**22 + 1}:abc"  # beyond the largest process number
    lost = await sync_to_async(left_behind)(kind, beat_at=now, runner=dead)
    back = await sync_to_async(left_behind)(again, beat_at=now, runner=dead)
    await sync_to_async(job_store.recover)()
    assert (await fresh(lost)).state == JobState.INTERRUPTED
    assert (await fresh(back)).state == JobState.QUEUED


async def test_what_another_process_runs_is_left_to_it(again: JobKind) -> None:
    now = timezone.now()
    alive = f"{job_store.HOST}:{os.getppid()}:abc"
    here = await sync_to_async(left_behind)(again, beat_at=now, runner=alive)
    there = await sync_to_async(left_behind)(again, beat_at=now, runner="elsewhere/1:1:abc")
    silent = await sync_to_async(left_behind)(
        again, beat_at=now - timedelta(seconds=60), runner="elsewhere/1:1:abc"
    )
    await sync_to_async(job_store.recover)()
    states = [(await fresh(job)).state for job in (here, there, silent)]
    assert states == [JobState.RUNNING, JobState.RUNNING, JobState.QUEUED]


def test_two_processes_never_run_the_same(db: Any, kind: JobKind, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Actor.for_user(make_user("boss", "admin"), "")
    for number in range(2):
        jobs.submit(owner, kind, f"Work {number}", {})
    got: list[Any] = []
    now = timezone.now

    def just_before_it_is_taken() -> Any:
        monkeypatch.setattr(job_store.timezone, "now", now)
        got.append(job_store.claim((), everything=True))
        return now()

    monkeypatch.setattr(job_store.timezone, "now", just_before_it_is_taken)
    got.append(job_store.claim((), everything=True))
    assert len({job.pk for job in got}) == 2
    assert job_store.claim((), everything=True) is None


async def test_a_job_that_was_taken_away_stops(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    job = await submit(admin, kind)
    await work.started.wait()
    await Job.objects.filter(pk=job.pk).aupdate(runner="somebody else")
    async with asyncio.timeout(10):
        await runner.finished(str(job.pk))
    assert (await fresh(job)).state == JobState.RUNNING


async def test_an_upload_feeds_its_job(runner: JobRunner, work: Work, kind: JobKind, admin: Actor) -> None:
    work.go.set()
    job = await submit(admin, kind, feed=True)
    upload = Upload(10)
    assert runner.attach_upload(str(job.pk), upload)
    assert not runner.attach_upload(str(job.pk), Upload(10))

    async def body() -> AsyncIterator[bytes]:
        for piece in (b"hello", b"world"):
            yield piece

    assert await upload.pump(body())
    assert (await ended(job)).state == JobState.SUCCEEDED
    assert work.taken == [b"hello", b"world"]
    assert upload.taken == 10


async def test_an_upload_that_is_over_before_its_job_begins_is_kept_for_it(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    work.go.set()
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {"feed": True}, needs_upload=True)
    upload = Upload(5)
    runner._uploads[str(job.pk)] = upload

    async def body() -> AsyncIterator[bytes]:
        yield b"hello"

    assert await upload.pump(body())
    runner.wake()
    assert (await ended(job)).state == JobState.SUCCEEDED
    assert work.taken == [b"hello"]


async def test_what_came_for_a_cancelled_job_is_let_go(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {"feed": True}, needs_upload=True)
    upload = Upload(5)
    runner._uploads[str(job.pk)] = upload
    await sync_to_async(jobs.job_cancel)(admin, str(job.pk))
    await asyncio.wait_for(upload.wait_ended(), 10)
    assert runner._uploads == {}


async def test_a_cut_upload_is_a_failure(runner: JobRunner, work: Work, kind: JobKind, admin: Actor) -> None:
    job = await submit(admin, kind, feed=True)
    upload = Upload(None)
    runner.attach_upload(str(job.pk), upload)

    async def body() -> AsyncIterator[bytes]:
        yield b"hello"
        raise UploadCut

    with pytest.raises(UploadCut):
        await upload.pump(body())
    assert "cut off" in (await ended(job)).error


async def test_a_job_that_ends_early_lets_its_sender_go(
    runner: JobRunner, kind: JobKind, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def picky(ctx: JobContext) -> None:
        async for _ in ctx.fed():
            raise JobFailed("Not a tar.")

    monkeypatch.setitem(job_kinds.KINDS, kind.name, JobKind(kind.name, kind.permission, picky, False))
    job = await submit(admin, kind, feed=True)
    upload = Upload(None)
    runner.attach_upload(str(job.pk), upload)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65536)

    assert not await upload.pump(endless())
    assert (await ended(job)).error == "Not a tar."


async def test_an_upload_that_never_comes_is_interrupted(kind: JobKind, admin: Actor) -> None:
    job = await sync_to_async(jobs.submit)(admin, kind, "Load", {}, needs_upload=True)
    assert await sync_to_async(job_store.claim)((), everything=True) is None
    await Job.objects.filter(pk=job.pk).aupdate(created_at=timezone.now() - timedelta(minutes=5))
    await sync_to_async(job_store.recover)()
    assert (await fresh(job)).state == JobState.INTERRUPTED


async def test_what_failed_can_begin_again_and_two_clicks_are_one(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {"fail": "No way."}, target="it")
    again = sync_to_async(jobs.job_again)
    await work.started.wait()
    with pytest.raises(BadInput):
        await again(admin, str(job.pk))  # it still runs
    work.go.set()
    assert (await ended(job)).state == JobState.FAILED
    work.go.clear()
    second = await again(admin, str(job.pk))
    assert (await again(admin, str(job.pk))).pk == second.pk != job.pk
    assert (second.title, second.params, second.target) == (job.title, job.params, job.target)
    work.go.set()
    assert (await ended(second)).error == "No way."
    assert work.runs == 2


@pytest.mark.parametrize(
    ("state", "needs_upload"), [(JobState.SUCCEEDED, False), (JobState.FAILED, True)], ids=str
)
async def test_what_went_well_or_came_with_an_upload_does_not_begin_again(
    kind: JobKind, admin: Actor, state: str, needs_upload: bool
) -> None:
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {}, needs_upload=needs_upload)
    await Job.objects.filter(pk=job.pk).aupdate(state=state, token=None)
    with pytest.raises(BadInput):
        await sync_to_async(jobs.job_again)(admin, str(job.pk))


async def test_only_who_may_do_it_begins_it_again(kind: JobKind, admin: Actor) -> None:
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {})
    viewer = await sync_to_async(make_user)("otto", "viewer")
    await Job.objects.filter(pk=job.pk).aupdate(state=JobState.FAILED, token=None, owner=viewer)
    with pytest.raises(Forbidden):
        await sync_to_async(jobs.job_again)(Actor.for_user(viewer, ""), str(job.pk))


async def test_one_sees_ones_own_jobs_only(kind: JobKind, admin: Actor) -> None:
    other = Actor.for_user(await sync_to_async(make_user)("otto", "viewer"), "")
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {})
    assert await sync_to_async(jobs.job_list)(other) == []
    with pytest.raises(Job.DoesNotExist):
        await sync_to_async(jobs.job_get)(other, str(job.pk))
    with pytest.raises(Forbidden):
        await sync_to_async(jobs.job_cancel)(other, str(job.pk))
    with pytest.raises(Forbidden):
        await sync_to_async(jobs.submit)(other, kind, "Work", {})
    assert await jobs.under_way(other) == {}
    assert str(job.pk) in await jobs.under_way(admin)


async def test_a_job_whose_owner_lost_the_right_does_not_run(
    runner: JobRunner, work: Work, kind: JobKind, admin: Actor
) -> None:
    from dockerui.accounts.models import User

    await User.objects.filter(pk=admin.user_id).aupdate(role="viewer")
    done = await ended(await submit(admin, kind))
    assert done.state == JobState.FAILED
    assert work.runs == 0


async def test_output_keeps_its_end(kind: JobKind, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_store, "OUTPUT_LIMIT", 10)
    job = await sync_to_async(jobs.submit)(admin, kind, "Work", {})
    for number in range(8):
        await sync_to_async(job_store.append_output)(str(job.pk), f"{number}aaaa")
    assert await sync_to_async(jobs.job_output)(job) == "6aaaa7aaaa"
    assert await JobOutput.objects.filter(job=job).acount() == 2


async def test_a_late_watcher_gets_the_tail_and_then_what_is_new() -> None:
    live = LiveJob("1", "k", "t", 1, "mira", state="running")
    live.print("one ")
    seen = []

    async def watch() -> None:
        async for details, text in live.changes():
            seen.append((details["state"], text))

    task = asyncio.create_task(watch())
    await asyncio.sleep(0)
    live.print("two")
    live.state = "succeeded"
    live.touch()
    await asyncio.wait_for(task, 5)
    assert "".join(text for _, text in seen) == "one two"
    assert seen[-1][0] == "succeeded"


@pytest.mark.parametrize("pieces", [["abc", "defg"], ["a"] * 20, ["x" * 50, "yz"]])
async def test_tail(pieces: list[str]) -> None:
    tail, whole = Tail(5), ""
    for piece in pieces:
        before = tail.length
        tail.append(piece)
        whole += piece
        assert tail.since(0) == whole[-5:]
        assert tail.since(before) == piece[-5:]
    assert tail.since(tail.length) == ""
    assert tail.take() == whole[-5:]
    assert tail.take() == ""


async def test_the_meter_tells_bytes_per_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("dockerui.services.job_live.time.monotonic", lambda: now[0])
    meter = Meter()
    assert meter.rate(0) is None
    for step in range(1, 60):
        now[0] += 0.1
        rate = meter.rate(step * 1000)
    assert rate == pytest.approx(10_000)
