"""Volumes and who uses them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dockerui.engine.errors import Conflict, EngineError
from dockerui.services import volumes
from dockerui.services.errors import BadInput, describe
from dockerui.web import volume_controls
from dockerui.web.needs import actor_of, needs, wants_json


@require_GET
@needs("volume.list")
def volume_list(request: HttpRequest) -> HttpResponse:
    """All volumes."""
    asked = dict(request.GET.lists())
    measure = bool(asked.pop("sizes", None))
    sort = (asked.pop("sort", None) or ["name"])[-1]
    found = volumes.volume_list(actor_of(request), asked, measure=measure)
    columns = volume_controls.sort(found, sort, measure=measure, query=request.GET)
    context = {
        "volumes": found,
        "columns": columns,
        "query": request.GET,
        # Not followed live: the Engine would walk through all files at every change.
        "measured": timezone.now() if measure else None,
        "unused": sum(not volume.users for volume in found),
        "size": sum(volume.size or 0 for volume in found),
        "filtered": any(any(values) for values in asked.values()),
    }
    return render(request, "volumes/list.html", context)


@require_GET
@needs("volume.inspect")
def volume_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One volume and the containers that use it."""
    measure = "live" not in request.GET  # the page follows changes: sizes are not measured at each
    volume, document = volumes.volume_inspect(actor_of(request), name, measure=measure)
    return render(request, "volumes/detail.html", {"volume": volume, "inspect": document})


@require_http_methods(["GET", "POST"])
@needs("volume.create")
def volume_create(request: HttpRequest) -> HttpResponse:
    """Make a volume."""
    actor = actor_of(request)
    if request.method == "GET":
        return render(request, "volumes/create.html", {"values": {}})
    try:
        made = volumes.volume_create(actor, request.POST)
    except (BadInput, EngineError) as error:
        context = {"values": request.POST, "problem": describe(error, actor)}
        return render(request, "volumes/create.html", context, status=422)
    messages.success(request, "The volume is created.")
    return redirect("volume-detail", made)


@require_POST
@needs("volume.remove")
def volume_remove(request: HttpRequest, name: str) -> HttpResponse:
    """Remove it with its data; one that is in use stays, and its page says by whom."""
    actor = actor_of(request)
    try:
        volumes.volume_remove(actor, name, force=bool(request.POST.get("force")))
    except Conflict as error:
        if wants_json(request):
            raise
        messages.error(request, describe(error, actor).message)
        return redirect("volume-detail", name)
    messages.success(request, "The volume is removed.")
    return redirect("volume-list")
