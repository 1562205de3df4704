"""Volumes and who uses them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dockerui.engine.errors import EngineError
from dockerui.services import volumes
from dockerui.services.errors import BadInput, describe
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("volume.list")
def volume_list(request: HttpRequest) -> HttpResponse:
    """All volumes."""
    found = volumes.volume_list(actor_of(request), dict(request.GET.lists()))
    return render(request, "volumes/list.html", {"volumes": found, "query": request.GET})


@require_GET
@needs("volume.inspect")
def volume_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One volume and the containers that use it."""
    volume, document = volumes.volume_inspect(actor_of(request), name)
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
    """Remove it with its data."""
    volumes.volume_remove(actor_of(request), name, force=bool(request.POST.get("force")))
    messages.success(request, "The volume is removed.")
    return redirect("volume-list")
