"""Registries: a list, a form, a check, and away with one. Passwords go in and never come out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dockerui.services import registries
from dockerui.services.errors import BadInput, describe
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("registry.list")
def registry_list(request: HttpRequest) -> HttpResponse:
    """All registries."""
    return render(
        request, "registries/list.html", {"registries": registries.registry_list(actor_of(request))}
    )


@require_http_methods(["GET", "POST"])
@needs("registry.manage")
def registry_edit(request: HttpRequest, registry_id: int | None = None) -> HttpResponse:
    """Store a registry, new or known, and check its credential at once if there is one."""
    actor = actor_of(request)
    registry = registries.registry_get(actor, registry_id) if registry_id else None
    values = request.POST or registry or {"address": request.GET.get("address", "")}
    context: dict[str, Any] = {"registry": registry, "values": values}
    if request.method == "GET":
        return render(request, "registries/form.html", context)
    try:
        stored = registries.registry_save(
            actor,
            registry_id,
            address=request.POST.get("address", ""),
            username=request.POST.get("username", ""),
            email=request.POST.get("email", ""),
            password=request.POST.get("password", ""),
        )
    except BadInput as error:
        context["problem"] = describe(error, actor)
        return render(request, "registries/form.html", context, status=422)
    if stored.has_credential:
        _say(request, stored.address, registries.registry_check(actor, stored.pk))
    else:
        messages.success(request, f"{stored.address} is stored.")
    return redirect("registry-list")


@require_POST
@needs("registry.manage")
def registry_check(request: HttpRequest, registry_id: int) -> HttpResponse:
    """Log in with what is stored."""
    actor = actor_of(request)
    address = registries.registry_get(actor, registry_id).address
    _say(request, address, registries.registry_check(actor, registry_id))
    return redirect("registry-list")


@require_POST
@needs("registry.manage")
def registry_remove(request: HttpRequest, registry_id: int) -> HttpResponse:
    """Forget it."""
    removed = registries.registry_remove(actor_of(request), registry_id)
    messages.success(request, f"{removed.address} and its password are forgotten.")
    return redirect("registry-list")


def _say(request: HttpRequest, address: str, problem: str) -> None:
    if problem:
        messages.error(request, f"{address} does not take these credentials: {problem}")
    else:
        messages.success(request, f"{address} takes these credentials.")
