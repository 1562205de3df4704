"""The log pages: of one container, of several, of a compose project; and their downloads."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from dockerui.access import Actor
from dockerui.services import container_page, log_download, log_sources
from dockerui.services.allowed import while_allowed
from dockerui.services.log_request import LogRequest, log_request
from dockerui.services.log_sources import LogSource
from dockerui.web.needs import actor_of, needs

SPANS = (
    ("15m", "Last 15 min"),
    ("30m", "Last 30 min"),
    ("1h", "Last hour"),
    ("6h", "Last 6 hours"),
    ("24h", "Last 24 hours"),
    ("7d", "Last 7 days"),
)
_READ = ("stdout", "stderr", "since", "until", "tail", "details")


@require_GET
@needs("container.logs")
def container_logs(request: HttpRequest, ref: str) -> HttpResponse:
    """The log of one container."""
    _asked(request, ref)
    detail = container_page.detail(actor_of(request), ref)
    source = LogSource(detail.id, detail.name, "")
    view = _view([source], detail.name, reverse("container-logs-download", args=[detail.id]))
    context = {"container": detail, "tab": "logs", "port_host": request.get_host().rpartition(":")[0]}
    return render(request, "containers/logs.html", {**context, "view": view})


@require_GET
@needs("container.logs")
def logs(request: HttpRequest) -> HttpResponse:
    """The logs of the containers that the address names with `id`, in the order of their times."""
    _asked(request, "any")
    sources = log_sources.of_containers(actor_of(request), request.GET.getlist("id"))
    query = urlencode([("id", source.id) for source in sources])
    title = sources[0].name if len(sources) == 1 else f"{len(sources)} containers"
    view = _view(sources, title, f"{reverse('logs-download')}?{query}")
    return render(request, "logs/merged.html", {"view": view})


@require_GET
@needs("container.logs")
def project_logs(request: HttpRequest, name: str) -> HttpResponse:
    """The logs of a compose project; containers that join it are read as well."""
    _asked(request, "any")
    project = log_sources.project_name(name)
    sources = log_sources.of_project(actor_of(request), project)
    view = _view(sources, project, f"{reverse('logs-download')}?{urlencode({'project': project})}")
    return render(request, "logs/merged.html", {"view": {**view, "project": project}})


@require_GET
@needs("container.logs")
async def container_logs_download(request: HttpRequest, ref: str) -> StreamingHttpResponse:
    """A container's log as a file."""
    asked, timestamps = _asked(request, ref), _timestamps(request)
    file = await log_download.open_file(actor_of(request), asked, timestamps=timestamps)
    return _attachment(actor_of(request), file.pieces(), file.name)


@require_GET
@needs("container.logs")
async def logs_download(request: HttpRequest) -> StreamingHttpResponse:
    """The logs of several containers (`id`) or of a project (`project`) as one file."""
    actor, asked, timestamps = actor_of(request), _asked(request, "any"), _timestamps(request)
    name, sources = await sync_to_async(_sources)(request, actor)
    pieces = await log_download.open_merged(actor, sources, asked, timestamps=timestamps)
    return _attachment(actor, pieces, name)


def _sources(request: HttpRequest, actor: Actor) -> tuple[str, list[LogSource]]:
    if "project" in request.GET:
        project = log_sources.project_name(request.GET["project"])
        return project, log_sources.of_project(actor, project)
    return "containers", log_sources.of_containers(actor, request.GET.getlist("id"))


def _asked(request: HttpRequest, ref: str) -> LogRequest:
    """What the address asks for. Raises BadInput before anything is sent to the Engine."""
    return log_request({"id": ref, **{name: request.GET[name] for name in _READ if name in request.GET}})


def _timestamps(request: HttpRequest) -> bool:
    return request.GET.get("timestamps", "1") not in ("0", "false")


def _view(sources: Sequence[LogSource], title: str, download_url: str) -> dict[str, Any]:
    known = [{"id": source.id, "name": source.name} for source in sources]
    return {
        "sources": sources,
        "sources_json": json.dumps(known),
        "title": title,
        "download_url": download_url,
        "spans": SPANS,
    }


def _attachment(actor: Actor, pieces: AsyncGenerator[bytes, None], name: str) -> StreamingHttpResponse:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    disposition = content_disposition_header(True, f"{name}-{stamp}.log") or "attachment"
    return StreamingHttpResponse(
        while_allowed(actor, log_download.PERMISSION, pieces),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )
