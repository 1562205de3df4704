"""The images list and the pages of one image."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dockerui.access import Actor
from dockerui.services import image_page, images, images_list
from dockerui.services.errors import BadInput, describe
from dockerui.web.needs import actor_of, needs

COLUMNS = (("name", "Tag"), ("size", "Size"), ("created", "Created"), ("used", "Used by"))


@require_GET
@needs("image.list")
def image_list(request: HttpRequest) -> HttpResponse:
    """All images that match the URL's filters, by repository."""
    actor, query = actor_of(request), images_list.parse(dict(request.GET.lists()))
    context: dict[str, Any] = {"query": query, "columns": _columns(request, query), "chips": _chips(query)}
    try:
        context["tree"] = images_list.image_list(actor, query)
    except BadInput as error:
        context |= {"tree": images_list.NOTHING, "problem": describe(error, actor)}
    return render(request, "images/list.html", context, status=400 if "problem" in context else 200)


@require_GET
@needs("image.inspect")
def image_find(request: HttpRequest) -> HttpResponse:
    """The page of the image that a reference names."""
    found = images.resolve_image(actor_of(request), request.GET.get("ref", ""))
    return redirect("image-detail", found.removeprefix("sha256:"))


@require_GET
@needs("image.inspect")
def image_detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Facts, names, and who uses it."""
    return render(request, "images/overview.html", _context(actor_of(request), ref, "overview"))


@require_POST
@needs("container.reveal")
def image_reveal(request: HttpRequest, ref: str) -> HttpResponse:
    """Show the environment's values, once, and record that they were shown."""
    values = image_page.revealed_environment(actor_of(request), ref)
    context = {"environment": values, "image_hex": ref, "revealed": True}
    return render(request, "images/_env.html", context)


@require_GET
@needs("image.history")
def image_history(request: HttpRequest, ref: str) -> HttpResponse:
    """Its layers."""
    actor = actor_of(request)
    found = image_page.layers(actor, ref)
    context = {"layers": found, "total": sum(layer.size for layer in found)}
    return render(request, "images/layers.html", _context(actor, ref, "layers") | context)


@require_GET
@needs("image.inspect")
def image_inspect(request: HttpRequest, ref: str) -> HttpResponse:
    """The Engine's JSON, environment values masked."""
    context = _context(actor_of(request), ref, "inspect")
    document = context["image"].document
    return render(
        request,
        "images/inspect.html",
        context | {"inspect": document, "inspect_text": json.dumps(document, indent=2)},
    )


def _context(actor: Actor, ref: str, tab: str) -> dict[str, Any]:
    return {"image": image_page.image_detail(actor, ref), "tab": tab}


def _columns(request: HttpRequest, query: images_list.ImageQuery) -> list[dict[str, str]]:
    """Headings that sort: the address for the next click, and what is sorted now."""
    columns = []
    for key, label in COLUMNS:
        now = query.sort == key
        after = request.GET.copy()
        after["sort"] = key
        after.pop("desc", None)
        if not query.descending if now else key != "name":
            after["desc"] = "1"
        sorted_now = ("descending" if query.descending else "ascending") if now else "none"
        columns.append({"key": key, "label": label, "url": f"?{after.urlencode()}", "sorted": sorted_now})
    return columns


def _chips(query: images_list.ImageQuery) -> list[dict[str, str]]:
    """The filters in use, each with the address of the list without it."""
    kept = [("sort", query.sort)] if query.sort != "name" else []
    kept += [("desc", "1")] if query.descending else []
    chips = []
    for chip in query.chips:
        rest = [other for other in query.chips if other != chip] + kept
        chips.append(
            {"key": chip[0], "value": chip[1], "without": f"{reverse('image-list')}?{urlencode(rest)}"}
        )
    return chips
