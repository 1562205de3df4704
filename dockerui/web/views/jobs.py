"""Long work: what runs, what ran, and how to stop it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dockerui.services import jobs
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("job.list")
def job_list(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    return render(request, "jobs/list.html", {"jobs": jobs.job_list(actor_of(request))})


@require_GET
@needs("job.list")
def job_detail(request: HttpRequest, job_id: str) -> HttpResponse:
    """Progress and output of one job."""
    job = jobs.job_get(actor_of(request), str(job_id))
    return render(request, "jobs/detail.html", {"job": job, "output": "" if job.active else jobs.job_output(job)})


@require_POST
@needs("job.cancel")
def job_cancel(request: HttpRequest, job_id: str) -> HttpResponse:
    """Stop it."""
    jobs.job_cancel(actor_of(request), str(job_id))
    if getattr(request, "htmx", False):
        return HttpResponse(status=204)
    return redirect("job-detail", job_id)
