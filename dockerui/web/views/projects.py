"""Compose projects."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dockerui.services import containers_bulk, containers_list, projects
from dockerui.web.needs import actor_of, needs
from dockerui.web.views.containers_list import table_context

ACTIONS = (("start", "Start", "play"), ("restart", "Restart", "rotate-cw"), ("stop", "Stop", "square"))
"""Action, label and icon of the buttons that act on all containers."""


@require_GET
@needs("container.list")
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project that has a container."""
    return render(request, "projects/list.html", {"projects": projects.project_list(actor_of(request))})


@require_GET
@needs("container.list")
def project_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Containers, live and with their figures, networks and volumes of one project."""
    actor = actor_of(request)
    parts = projects.project_parts(actor, name)
    label = f"{projects.LABEL}={name}"
    labels = dict.fromkeys([label, *request.GET.getlist("label")])
    query, view = containers_list.parse({**dict(request.GET.lists()), "label": list(labels), "group": ["0"]})
    table = table_context(actor, query, view)
    # What makes it this project's page is no filter that one could take off.
    chips = [chip for chip in table["chips"] if chip["value"] != label]
    names = sorted(row.name for row in projects.members(actor, name))
    context = {"project": name, "parts": parts, "actions": ACTIONS, "names": names}
    return render(request, "projects/detail.html", {**table, **context, "chips": chips})


@require_POST
@needs("container.list")
def project_action(request: HttpRequest, name: str, action: str) -> HttpResponse:
    """Start, stop, restart or remove all containers of a project; says which could not."""
    actor = actor_of(request)
    containers_bulk.admit(actor, action)  # before the Engine is asked who belongs to it
    form = dict(request.POST.lists())
    too = {part: action == "remove" and bool(form.pop(part, None)) for part in ("networks", "volumes")}
    projects.admit_removal(actor, **too)
    order = containers_bulk.parse(action, {**form, "ids": projects.container_ids(actor, name)})
    results = containers_bulk.run(actor, order)
    bad = [(result.name, result.message) for result in results if result.status >= 400]
    if not bad:
        bad = projects.remove_parts(actor, name, **too)  # they are in use while a container is left
    for part, reason in bad:
        messages.error(request, f"{part}: {reason}")
    if not bad:
        messages.success(request, f"{action.capitalize()}: done for all {len(results)} containers.")
    if action == "remove" and not bad:
        return redirect("project-list")
    return redirect("project-detail", name)
