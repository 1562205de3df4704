"""The Engine as a whole."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dockerui.services import disk, system
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("system.info")
def system_overview(request: HttpRequest) -> HttpResponse:
    """What the Engine is and how it is."""
    return render(request, "system/overview.html", {"system": system.overview(actor_of(request))})


@require_GET
@needs("system.df")
def system_df(request: HttpRequest) -> HttpResponse:
    """What takes room, and what of it can go."""
    return render(request, "system/disk.html", {"usage": disk.usage(actor_of(request))})


@require_POST
@needs("container.prune")
def system_clean_up(request: HttpRequest) -> HttpResponse:
    """Delete exactly what was ticked."""
    job = disk.clean_up(actor_of(request), request.POST.getlist("key"))
    return redirect("job-detail", job.pk)


@require_GET
@needs("system.info")
def system_capabilities(request: HttpRequest) -> HttpResponse:
    """Which API version is spoken and what this Engine cannot do."""
    return render(request, "system/capabilities.html", {"can": system.capabilities(actor_of(request))})
