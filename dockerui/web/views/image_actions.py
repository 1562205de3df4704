"""What one does to images that are there: tag, remove, push, save, prune; and to look for others."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dockerui.engine.errors import EngineError, ServerError
from dockerui.services import downloads, image_page, image_prune, image_transfers, images
from dockerui.services.door import REFERENCE
from dockerui.services.errors import BadInput, describe
from dockerui.services.image_ref import parse_ref
from dockerui.web.downloads import tar_response
from dockerui.web.needs import actor_of, is_fragment, needs
from dockerui.web.views.container_actions import leave


@require_POST
@needs("image.tag")
def image_tag(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it one more name."""
    repo, tag = request.POST.get("repo", ""), request.POST.get("tag", "")
    named = images.image_tag(actor_of(request), ref, repo=repo, tag=tag)
    messages.success(request, f"It is also called {named} now.")
    return leave(request, reverse("image-detail", args=[ref.removeprefix("sha256:")]))


@require_http_methods(["GET", "POST"])
@needs("image.remove")
def image_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Say what would go, then remove it."""
    actor, form = actor_of(request), request.GET if request.method == "GET" else request.POST
    name = form.get("name", "")
    if request.method == "GET":
        removal = image_page.removal(actor, ref, name)
        template = "images/_remove.html" if is_fragment(request) else "images/remove.html"
        return render(request, template, {"removal": removal, "ref": ref})
    gone = images.image_remove(
        actor, ref, name=name, force=bool(form.get("force")), noprune=bool(form.get("noprune"))
    )
    untagged = [item["Untagged"] for item in gone if "Untagged" in item and "@" not in item["Untagged"]]
    deleted = sum("Deleted" in item for item in gone)
    layers = f"{deleted} layer{'' if deleted == 1 else 's'} deleted" if deleted else "its layers stay"
    messages.success(request, f"{', '.join(untagged) or 'The image'} removed; {layers}.")
    return leave(request, reverse("image-list"))


@require_GET
@needs("image.search")
def image_search(request: HttpRequest) -> HttpResponse:
    """Look for images on Docker Hub."""
    actor, form = actor_of(request), request.GET
    context: dict[str, object] = {"form": form}
    if form.get("term", "").strip():
        try:
            context["results"] = images.image_search(
                actor,
                form["term"],
                limit=_count(form.get("limit", ""), "limit"),
                stars=_count(form.get("stars", ""), "stars"),
                official=_yes_no(form.get("official", ""), "official"),
                automated=_yes_no(form.get("automated", ""), "automated"),
            )
        except (BadInput, EngineError) as error:
            context["problem"] = describe(error, actor)
            context["unreached"] = isinstance(error, ServerError)
    return render(request, "images/search.html", context)


@require_http_methods(["GET", "POST"])
@needs("image.prune")
def image_prune_view(request: HttpRequest) -> HttpResponse:
    """List what would go; then let the Engine do it."""
    actor = actor_of(request)
    form = dict((request.GET if request.method == "GET" else request.POST).lists())
    if request.method == "POST":
        return redirect("job-detail", image_prune.image_prune(actor, image_prune.parse(form)).pk)
    context: dict[str, object] = {"form": request.GET}
    try:
        context["plan"] = image_prune.plan(actor, image_prune.parse(form))
    except BadInput as error:
        context["problem"] = describe(error, actor)
    return render(request, "images/prune.html", context)


@require_POST
@needs("image.push")
def image_push(request: HttpRequest, ref: str) -> HttpResponse:
    """Send one name, or all tags of its repository, to the registry in the name."""
    name = parse_ref(request.POST.get("name", ""))
    platform = platform_of(request.POST.get("platform", ""))
    every = bool(request.POST.get("all_tags"))
    job = image_transfers.image_push(
        actor_of(request), name.name, tag=name.tag or "latest", all_tags=every, platform=platform
    )
    return leave(request, reverse("job-detail", args=[job.pk]))


@require_GET
@needs("image.get")
async def image_save(request: HttpRequest) -> HttpResponseBase:
    """One or several images as one tar."""
    actor, names = actor_of(request), request.GET.getlist("name")
    download = await downloads.image_save(actor, names)
    return tar_response(actor, "image.get", download, tar_name(names))


@require_GET
@needs("container.export")
async def container_export(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The whole file system of a container as a tar."""
    actor, asked = actor_of(request), request.GET.get("name", "")
    name = asked if REFERENCE.fullmatch(asked) else ref[:12]  # it becomes a title and a header
    download = await downloads.container_export(actor, ref, name)
    return tar_response(actor, "container.export", download, f"{name}.tar")


def tar_name(names: list[str]) -> str:
    """`registry.example_team_app_v1-and-2-more.tar`; what a file system may refuse becomes `_`."""
    first = re.sub(r"[^A-Za-z0-9.-]+", "_", names[0].removeprefix("sha256:"))[:80].lstrip(".-")
    return f"{first}{f'-and-{len(names) - 1}-more' if len(names) > 1 else ''}.tar"


def platform_of(text: str) -> dict[str, str] | None:
    """`os/architecture/variant` as newer Engines want it; None when empty."""
    parts = [part.strip() for part in text.split("/") if part.strip()]
    if len(parts) > 3 or len(parts) == 1:
        raise BadInput("A platform looks like linux/arm64 or linux/arm/v7.")
    return dict(zip(("os", "architecture", "variant"), parts, strict=False)) or None


def _yes_no(text: str, name: str) -> bool | None:
    if text not in ("", "true", "false"):
        raise BadInput(f"{name} is true or false.")
    return text == "true" if text else None


def _count(text: str, name: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or len(text) > 9:
        raise BadInput(f"{name} is a whole number.")
    return int(text)
