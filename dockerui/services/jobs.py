"""Durable jobs: long Engine work that survives the tab that asked for it.

A service declares a kind with `@job_kind`; `submit` writes the row, and the runner (job_runner.py), on the
event loop of `manage.py serve`, does the work. What must not be lost (state, output, result) is in the
database (job_store.py); what moves (progress, job_live.py) is in memory and reaches browsers through the
`job` and `jobs` topics.

After a restart of the server, jobs of a resumable kind start again, and all others that were under way are
marked interrupted: nothing is lost silently and nothing runs twice.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction

from dockerui import audit
from dockerui.access import Actor, authorise
from dockerui.jobs.models import ACTIVE, Job, JobState
from dockerui.services import job_store
from dockerui.services.errors import BadInput
from dockerui.services.job_kinds import KINDS, JobContext, JobFailed, JobKind, job_kind
from dockerui.services.job_runner import runner

__all__ = ["JobContext", "JobFailed", "JobKind", "job_kind", "runner", "submit"]


def submit(
    actor: Actor,
    kind: JobKind,
    title: str,
    params: dict[str, Any],
    *,
    target: str = "",
    token: str | None = None,
    needs_upload: bool = False,
) -> Job:
    """Queue a job (from a thread). While one with the same `token` is active, that one is returned instead.

    `params` must hold no secret. A job that `needs_upload` waits until its bytes come to this process.
    """
    authorise(actor, kind.permission)
    token = f"{actor.user_id}:{token or f'{kind.name}:{target or title}'}"[:200]
    while True:
        try:
            job = _create(actor, kind, title, params, target, token, needs_upload)
        except IntegrityError:
            if running := Job.objects.filter(token=token).first():
                return running  # a double click
            continue  # it ended between the two questions
        transaction.on_commit(runner.wake)
        return job


def once_token(kind: JobKind, once: str) -> str | None:
    """The token of a job that a form begins: `once` is the form's own, so that a second click is no second
    job.
    """
    return f"{kind.name}:once:{once[:64]}" if once else None


def _create(
    actor: Actor,
    kind: JobKind,
    title: str,
    params: dict[str, Any],
    target: str,
    token: str,
    needs_upload: bool,
) -> Job:
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind.name, title=title[:300], target=target[:300], params=params, token=token,
            owner_id=actor.user_id, owner_name=actor.name, needs_upload=needs_upload,
        )  # fmt: skip
        audit.record(actor, kind.permission, target or title, "queued", {"job": kind.name}, call=job.id.hex)
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


def job_for_upload(actor: Actor, job_id: str) -> Job:
    """The actor's own queued job that waits for its bytes. Raises `Job.DoesNotExist`, BadInput."""
    job = job_get(actor, job_id)
    if job.owner_id != actor.user_id:
        raise Job.DoesNotExist
    if not job.needs_upload or job.state != JobState.QUEUED:
        raise BadInput("This job takes no upload, or has had it.")
    return job


def job_cancel(actor: Actor, job_id: str) -> None:
    """Stop a queued or running job; one that has ended stays as it is."""
    authorise(actor, "job.cancel")
    job = job_get(actor, job_id)
    if not job.active:
        return
    audit.record(actor, "job.cancel", job.title, "requested", {"job": job.kind}, call=job.id.hex)
    if job_store.cancel_queued(job):
        runner.wake()
    else:
        # Another process may run it: that one looks here about once a second.
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_asked=True)
        runner.cancel(str(job.id))


def may_begin_again(actor: Actor, job: Job) -> bool:
    """Whether `job_again` would take it once it has ended without success: nothing in it comes with a
    request, and the actor may do such a thing.
    """
    kind = KINDS.get(job.kind)
    return kind is not None and not job.needs_upload and actor.may(kind.permission)


def job_again(actor: Actor, job_id: str) -> Job:
    """Queue a job like one that failed, was cancelled or interrupted; twice at once is one. Raises BadInput,
    Forbidden.
    """
    job = job_get(actor, job_id)
    kind = KINDS.get(job.kind)
    if kind is not None:
        authorise(actor, kind.permission)
    unhappy = not job.active and job.state != JobState.SUCCEEDED
    if kind is None or not unhappy or not may_begin_again(actor, job):
        raise BadInput("This cannot begin again by itself. Start it from its own page.")
    token = f"{kind.name}:again:{job.pk}"
    return submit(actor, kind, job.title, job.params, target=job.target, token=token)


def summary(job: Job) -> dict[str, Any]:
    """A job from the database in the shape that a running one has."""
    return {
        "id": str(job.id), "kind": job.kind, "title": job.title,
        "owner": job.owner_name, "state": job.state,
        "fraction": job.fraction, "message": job.message, "error": job.error,
        "rate": None, "result": job.result,
    }  # fmt: skip


async def under_way(actor: Actor) -> dict[str, dict[str, Any]]:
    """Summaries of what runs or waits and may be shown to the actor, by id."""
    waiting = await sync_to_async(job_list)(actor, active=True)
    shown = {str(job.id): summary(job) for job in reversed(waiting)}
    for live in runner.live.values():
        if live.owner_id == actor.user_id or _sees_all(actor):
            shown[live.id] = live.summary()
    return shown


def _sees_all(actor: Actor) -> bool:
    return "job.list_all" in actor.permissions
