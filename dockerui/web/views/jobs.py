"""Long work: what runs, what ran, and how to stop it."""

from __future__ import annotations

import json

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dockerui.jobs.models import JobState
from dockerui.services import jobs
from dockerui.services.allowed import while_allowed
from dockerui.services.errors import BadInput
from dockerui.services.uploads import Upload
from dockerui.web.bodies import body_of
from dockerui.web.needs import actor_of, needs

# Where a job that an upload fed is begun anew: the server has not kept the file.
FORMS = {"image.build": "image-build", "image.load": "image-load", "image.import": "image-import"}


@require_GET
@needs("job.list")
def job_list(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    return render(request, "jobs/list.html", {"jobs": jobs.job_list(actor_of(request))})


@require_GET
@needs("job.list")
def job_detail(request: HttpRequest, job_id: str) -> HttpResponse:
    """Progress and output of one job."""
    actor = actor_of(request)
    job = jobs.job_get(actor, str(job_id))
    context = {
        "job": job,
        "again": jobs.may_begin_again(actor, job),
        "unhappy": not job.active and job.state != JobState.SUCCEEDED,
        "form": FORMS.get(job.kind) if job.needs_upload else None,
        "output": "" if job.active else jobs.job_output(job),
        "outcome": json.dumps(job.result) if job.result else "",
    }
    return render(request, "jobs/detail.html", context)


@require_POST
@needs("job.cancel")
def job_cancel(request: HttpRequest, job_id: str) -> HttpResponse:
    """Stop it."""
    jobs.job_cancel(actor_of(request), str(job_id))
    if getattr(request, "htmx", False):
        return HttpResponse(status=204)
    return redirect("job-detail", job_id)


@require_POST
@needs("job.list")
def job_again(request: HttpRequest, job_id: str) -> HttpResponse:
    """Begin anew what did not succeed; what the job does needs its own permission."""
    return redirect("job-detail", jobs.job_again(actor_of(request), str(job_id)).pk)


@require_POST
@needs("job.list")
async def job_upload(request: HttpRequest, job_id: str) -> HttpResponse:
    """The bytes that a job waits for. Answered when the job has them all, or wants no more."""
    actor, body = actor_of(request), body_of(request)
    await sync_to_async(jobs.job_for_upload)(actor, str(job_id))
    upload = Upload(body.length)
    if not jobs.runner.attach_upload(str(job_id), upload):
        raise BadInput("This job has its upload already.")
    try:
        complete = await upload.pump(while_allowed(actor, "job.list", aiter(body)))
    except BaseException:
        # One that is complete stays: a small one can be over before its job begins.
        jobs.runner.detach_upload(str(job_id), upload)
        raise
    return JsonResponse({"complete": complete})
