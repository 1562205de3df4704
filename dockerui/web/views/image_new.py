"""Where images come from: pull, load, import, build, commit. Each makes a job; uploads follow in a request of
their own.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dockerui.access import Forbidden
from dockerui.engine.errors import EngineError
from dockerui.jobs.models import Job
from dockerui.services import (
    container_commit,
    container_page,
    image_build,
    image_transfers,
    registries,
    strict_json,
)
from dockerui.services.errors import BadInput, describe
from dockerui.services.image_ref import parse_ref
from dockerui.web.needs import actor_of, needs, wants_json


@require_http_methods(["GET", "POST"])
@needs("image.create")
def image_pull(request: HttpRequest) -> HttpResponse:
    """Get an image from a registry; `?image=` fills the form."""
    actor = actor_of(request)
    if request.method == "GET":
        return _pull_form(request, {"image": request.GET.get("image", "")})
    try:
        job = image_transfers.image_pull(
            actor,
            request.POST.get("image", ""),
            platform=request.POST.get("platform", ""),
            all_tags=bool(request.POST.get("all_tags")),
        )
    except BadInput as error:
        return _pull_form(request, {**request.POST.dict(), "problem": describe(error, actor)}, 422)
    return _job(request, job)


@require_http_methods(["GET", "POST"])
@needs("image.load")
def image_load(request: HttpRequest) -> HttpResponse:
    """Load images from a tar that save made."""
    if request.method == "GET":
        return render(request, "images/load.html")
    return _job(request, _load(request))


@require_http_methods(["GET", "POST"])
@needs("image.create")
def image_import(request: HttpRequest) -> HttpResponse:
    """Make an image of a tar of files."""
    actor = actor_of(request)
    if request.method == "GET":
        return render(request, "images/import.html", {"may_fetch": actor.may("image.fetch")})
    form = request.POST
    url = form.get("url", "") if form.get("source") == "remote" else ""
    if form.get("source") == "remote" and not url.strip():
        raise BadInput("Say from which address the Engine gets the file.")
    texts = {
        key: form.get(key, "")
        for key in ("repo", "tag", "message", "changes", "platform", "filename", "once")
    }
    return _job(request, image_transfers.image_import(actor, url=url, **texts))


@require_http_methods(["GET", "POST"])
@needs("image.build")
def image_build_view(request: HttpRequest) -> HttpResponse:
    """Build an image; every parameter of the Engine has a field."""
    actor = actor_of(request)
    context: dict[str, Any] = {"may_fetch": actor.may("image.fetch"), "values": request.POST}
    if request.method == "GET":
        return render(request, "images/build.html", context)
    try:
        return _job(request, image_build.image_build(actor, dict(request.POST.lists())))
    except (BadInput, Forbidden) as error:
        if wants_json(request):
            raise
        context["problem"] = describe(error, actor)
        return render(request, "images/build.html", context, status=422)


@require_http_methods(["GET", "POST"])
@needs("container.commit")
def container_commit_view(request: HttpRequest, ref: str) -> HttpResponse:
    """Make an image from a container."""
    actor = actor_of(request)
    context: dict[str, Any] = {"values": request.POST}
    if request.method == "POST":
        try:
            return _job(request, _commit(request, ref))
        except (BadInput, EngineError) as error:
            context["problem"] = describe(error, actor)
    context["container"] = container_page.detail(actor, ref)
    return render(request, "images/commit.html", context, status=422 if "problem" in context else 200)


def _load(request: HttpRequest) -> Job:
    form = request.POST
    return image_transfers.image_load(actor_of(request), form.get("filename", ""), once=form.get("once", ""))


def _commit(request: HttpRequest, ref: str) -> Job:
    form = request.POST
    rest = strict_json.loads(form.get("config", "").strip() or "{}", what="configuration")
    if not isinstance(rest, dict):
        raise BadInput("The configuration must be a JSON object: { … }.")
    config = container_commit.config_of(form.dict(), rest)
    texts = {key: form.get(key, "") for key in ("repo", "tag", "comment", "author", "changes", "once")}
    return container_commit.container_commit(
        actor_of(request), ref, pause=bool(form.get("pause")), config=config, **texts
    )


def _pull_form(request: HttpRequest, values: dict[str, Any], status: int = 200) -> HttpResponse:
    """The form, with what is known of the registry in the name."""
    actor, known = actor_of(request), []
    if actor.may("registry.list"):
        known = [registry.address for registry in registries.registry_list(actor) if registry.has_credential]
    try:
        registry = parse_ref(str(values.get("image") or "")).registry
    except BadInput:
        registry = ""
    context = {"values": values, "known": known, "registry": registry, "problem": values.get("problem")}
    return render(request, "images/pull.html", context, status=status)


def _job(request: HttpRequest, job: Job) -> HttpResponse:
    """To the job's page; a script is told where that is, and where the bytes go."""
    page = reverse("job-detail", args=[job.pk])
    if not wants_json(request):
        return redirect(page)
    upload = reverse("job-upload", args=[job.pk]) if job.needs_upload else None
    return JsonResponse({"job": str(job.pk), "page": page, "upload": upload}, status=201)
