"""Jobs in the database: who has which, what they printed, what a dead process left behind. For threads.

A process that runs a job says so once in a while (`beat`). A job whose process is dead, or has been silent
for `LEASE` seconds, is taken from it: run again if that is harmless, else marked interrupted. Whoever finds
that a job is no longer its own must stop: so two processes never run the same one.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from dockerui import audit
from dockerui.access import Actor
from dockerui.jobs.models import ACTIVE, Job, JobOutput, JobState
from dockerui.services.job_kinds import KINDS
from dockerui.services.job_live import LiveJob
from dockerui.services.uploads import CUT

LEASE = 20  # seconds of silence after which a job's process is taken for dead
UPLOAD_WAIT = 60  # seconds within which an upload must begin
OUTPUT_LIMIT = 1 << 20  # characters kept per job; of a longer output the end
KEPT = 500  # ended jobs kept in the history
RESTARTED = "The server was restarted while this was running. Begin it again if it is still wanted."


def _namespace() -> str:
    """Process numbers mean something only inside it: in another container the same number is somebody
    else.
    """
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    return ""


HOST = f"{socket.gethostname()}/{_namespace()}"
ME = f"{HOST}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def claim(fed: Collection[str], *, everything: bool) -> Job | None:
    """Take the oldest queued job, if `everything`, or else of those whose upload is here (`fed`)."""
    mine = Q(pk__in=list(fed))
    wanted = mine | Q(needs_upload=False) if everything else mine
    for job in Job.objects.filter(wanted, state=JobState.QUEUED, kind__in=list(KINDS)).order_by("created_at")[
        :8
    ]:
        now = timezone.now()
        taken = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
            state=JobState.RUNNING, runner=ME, beat_at=now, started_at=job.started_at or now
        )
        if taken:
            return job
    return None


def waiting(job_ids: Collection[str]) -> set[str]:
    """Those of these jobs that are still queued."""
    return {
        str(pk)
        for pk in Job.objects.filter(pk__in=list(job_ids), state=JobState.QUEUED).values_list("pk", flat=True)
    }


def beat(job_id: str, text: str, fraction: float | None, message: str) -> str:
    """Say that the job still runs here and write down how far it is; `ok`, `cancel` or `lost` is what to
    do.
    """
    mine = Job.objects.filter(pk=job_id, runner=ME, state=JobState.RUNNING)
    if not mine.update(beat_at=timezone.now(), fraction=fraction, message=message):
        return "lost"
    append_output(job_id, text)
    return "cancel" if mine.filter(cancel_asked=True).exists() else "ok"


def finish(live: LiveJob, state: str, text: str) -> None:
    """Write down how the job ended; `queued` gives it back. Nothing happens when it is no longer ours."""
    ended = state not in ACTIVE
    with transaction.atomic():
        mine = Job.objects.filter(pk=live.id, runner=ME, state=JobState.RUNNING)
        values: dict[str, Any] = {"state": state, "error": live.error, "result": live.result, "runner": ""}
        if ended:
            values |= {"token": None, "finished_at": timezone.now()}
        if not mine.update(fraction=live.fraction, message=live.message, **values):
            return
        append_output(live.id, text)
    if ended:
        _ended(Job.objects.get(pk=live.id))


def append_output(job_id: str, text: str) -> None:
    """Keep what was printed; of more than `OUTPUT_LIMIT` characters the oldest pieces go."""
    if not text:
        return
    pieces = JobOutput.objects.filter(job_id=job_id)
    last = pieces.aggregate(Max("seq"))["seq__max"]
    JobOutput.objects.create(job_id=job_id, seq=0 if last is None else last + 1, size=len(text), text=text)
    held = 0
    for seq, size in pieces.order_by("-seq").values_list("seq", "size"):
        held += size
        if held - size >= OUTPUT_LIMIT:
            pieces.filter(seq__lte=seq).delete()
            return


def recover(running: Collection[str] = ()) -> bool:
    """Take what dead processes left, and uploads that never came; True when something is queued again.

    `running` are the jobs that this process knows to be its own.
    """
    now = timezone.now()
    again = False
    for job in Job.objects.filter(state=JobState.RUNNING):
        if str(job.pk) in running or not _is_dead(job, now - timedelta(seconds=LEASE)):
            continue
        left = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, runner=job.runner)
        kind = KINDS.get(job.kind)
        if kind is not None and kind.resumable and not job.cancel_asked:
            again = bool(left.update(state=JobState.QUEUED, runner="")) or again
        else:
            _interrupt(left, job, CUT if job.needs_upload else RESTARTED)
    late = Job.objects.filter(
        state=JobState.QUEUED, needs_upload=True, created_at__lt=now - timedelta(seconds=UPLOAD_WAIT)
    )
    for job in late:
        _interrupt(late.filter(pk=job.pk), job, "The upload never came.")
    return again


def cancel_queued(job: Job) -> bool:
    """End a job that has not begun; False when it has."""
    done = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, token=None, finished_at=timezone.now(), error="Cancelled."
    )
    if done:
        _ended(Job.objects.get(pk=job.pk))
    return bool(done)


def _is_dead(job: Job, oldest: Any) -> bool:
    if job.beat_at is None or job.beat_at < oldest:
        return True
    host, _, rest = job.runner.partition(":")
    pid = rest.partition(":")[0]
    if host != HOST or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return True  # one before us had our number, or this process lost sight of the job
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _interrupt(rows: QuerySet[Job], job: Job, why: str) -> None:
    if rows.update(state=JobState.INTERRUPTED, token=None, runner="", finished_at=timezone.now(), error=why):
        _ended(Job.objects.get(pk=job.pk))


def _ended(job: Job) -> None:
    """One row in the audit log, in the name of who asked; and the oldest of the history go."""
    owner = Actor("user", job.owner_id, job.owner_name, frozenset())
    kind = KINDS.get(job.kind)
    permission = kind.permission if kind else job.kind
    audit.record(owner, permission, job.target or job.title, job.state, {"job": job.kind}, call=job.id.hex)
    old = Job.objects.exclude(state__in=ACTIVE).values_list("pk", flat=True)[KEPT:]
    Job.objects.filter(pk__in=list(old)).delete()
