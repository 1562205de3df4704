"""Networks and who is on them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dockerui.engine.errors import EngineError
from dockerui.services import networks, topology
from dockerui.services.errors import BadInput, describe
from dockerui.web.needs import actor_of, needs
from dockerui.web.views.container_actions import leave


@require_GET
@needs("network.list")
def network_list(request: HttpRequest) -> HttpResponse:
    """All networks, as a table or as a picture."""
    filters = {key: values for key, values in request.GET.lists() if key != "view"}
    found = networks.network_list(actor_of(request), filters)
    drawn = request.GET.get("view") == "picture"
    context = {
        "networks": found,
        "picture": topology.draw(found) if drawn else None,
        "query": request.GET,
        "filtered": any(any(values) for values in filters.values()),
        "clear": "?view=picture" if drawn else "?",
    }
    return render(request, "networks/list.html", context)


@require_GET
@needs("network.inspect")
def network_detail(request: HttpRequest, ref: str) -> HttpResponse:
    """One network and the containers on it."""
    page = networks.network_page(actor_of(request), ref)
    return render(request, "networks/detail.html", {"page": page, "network": page.network})


@require_http_methods(["GET", "POST"])
@needs("network.create")
def network_create(request: HttpRequest) -> HttpResponse:
    """Make a network."""
    actor = actor_of(request)
    if request.method == "GET":
        return render(request, "networks/create.html", {"values": {}})
    try:
        made = networks.network_create(actor, request.POST)
    except (BadInput, EngineError) as error:
        context = {"values": request.POST, "problem": describe(error, actor)}
        return render(request, "networks/create.html", context, status=422)
    messages.success(request, "The network is created.")
    return redirect("network-detail", made)


@require_POST
@needs("network.connect")
def network_connect(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a container on it."""
    networks.network_connect(actor_of(request), ref, request.POST.get("container", "").strip(), request.POST)
    messages.success(request, "The container is connected.")
    return leave(request, reverse("network-detail", args=[ref]))


@require_http_methods(["GET", "POST"])
@needs("network.disconnect")
def network_disconnect(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a container off it; the question first."""
    actor = actor_of(request)
    if request.method == "GET":
        network = networks.network_page(actor, ref).network
        context = {"network": network, "endpoint": network.endpoint(request.GET.get("container", ""))}
        return render(request, "networks/_disconnect.html", context)
    container = request.POST.get("container", "").strip()
    networks.network_disconnect(actor, ref, container, force=bool(request.POST.get("force")))
    messages.success(request, "The container is disconnected.")
    return leave(request, reverse("network-detail", args=[ref]))


@require_POST
@needs("network.remove")
def network_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Remove it."""
    networks.network_remove(actor_of(request), ref)
    messages.success(request, "The network is removed.")
    return leave(request, reverse("network-list"))
