"""Make a container: new, as a duplicate, or in the place of another."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dockerui.engine.errors import EngineError
from dockerui.services import containers, recreate, strict_json
from dockerui.services.container_spec import FormValues, from_text, join, split
from dockerui.services.errors import BadInput, describe
from dockerui.services.recreate import Original
from dockerui.web.needs import actor_of, needs


@require_http_methods(["GET", "POST"])
@needs("container.create")
def container_create(request: HttpRequest) -> HttpResponse:
    """A form for the common fields and JSON for the rest; `?from=` fills it from another container."""
    actor = actor_of(request)
    if request.method == "GET":
        source = request.GET.get("from")
        return _form(request, recreate.original(actor, source) if source else None, {})
    try:
        created = containers.container_create(
            actor,
            body_of(request),
            name=request.POST.get("name", "").strip(),
            platform=request.POST.get("platform", "").strip(),
        )
        if request.POST.get("start"):
            containers.container_start(actor, created["Id"])
    except (BadInput, EngineError) as error:
        return _form(request, None, {"problem": describe(error, actor)}, status=422)
    for warning in created.get("Warnings") or ():
        messages.warning(request, warning)
    messages.success(
        request, "The container is created" + (" and runs." if request.POST.get("start") else ".")
    )
    return redirect("container-detail", created["Id"])


@require_http_methods(["GET", "POST"])
@needs("container.create")
def container_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Edit a copy of the container; the next page shows what differs before anything is done."""
    actor = actor_of(request)
    original = recreate.original(actor, ref)
    if request.method == "GET" or request.POST.get("back"):
        return _form(request, original, {"edit": True})
    try:
        body = body_of(request)
    except BadInput as error:
        return _form(request, original, {"edit": True, "problem": describe(error, actor)}, status=422)
    context = {
        "original": original,
        "changes": recreate.diff(original, body),
        "fields": [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"],
    }
    return render(request, "containers/diff.html", context)


@require_POST
@needs("container.create")
def container_recreate(request: HttpRequest, ref: str) -> HttpResponse:
    """Replace the container by the edited copy."""
    actor = actor_of(request)
    try:
        recreate.container_recreate(actor, ref, body_of(request))
    except (BadInput, EngineError) as error:
        original = recreate.original(actor, ref)
        return _form(request, original, {"edit": True, "problem": describe(error, actor)}, status=422)
    messages.success(request, "The new container takes over; the old one stays until it is healthy.")
    return redirect("container-detail", ref)


@require_POST
@needs("container.create")
def container_rollback(request: HttpRequest, ref: str) -> HttpResponse:
    """Go back to the container that this one replaced."""
    recreate.container_rollback(actor_of(request), ref)
    messages.success(request, "The former container comes back.")
    return redirect("container-list")


@require_POST
@needs("container.remove")
def replacement_discard(request: HttpRequest, ref: str) -> HttpResponse:
    """Remove the container that this one replaced."""
    recreate.replacement_discard(actor_of(request), ref)
    messages.success(request, "The former container is removed.")
    return redirect("container-detail", ref)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The create body from the form's fields and its JSON. Raises BadInput."""
    rest = strict_json.loads(request.POST.get("rest", "").strip() or "{}", what="JSON of further settings")
    if not isinstance(rest, dict):
        raise BadInput("The JSON of further settings must be an object: { … }.")
    return join(from_text(request.POST), rest)


def _form(
    request: HttpRequest, original: Original | None, extra: dict[str, Any], status: int = 200
) -> HttpResponse:
    if request.method == "POST":
        values, rest = from_text(request.POST), request.POST.get("rest", "")
        name = request.POST.get("name", "")
    else:
        values, left = (
            split(original.body) if original else (FormValues(image=request.GET.get("image", "")), {})
        )
        rest = json.dumps(left, indent=2) if left else ""
        name = f"{original.name}-copy" if original and not extra.get("edit") else ""
    context = {"values": values, "rest": rest, "name": name, "original": original, **extra}
    return render(request, "containers/create.html", context, status=status)
