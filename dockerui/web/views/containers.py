"""The pages of one container."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from dockerui.engine.errors import ApiError
from dockerui.services import container_page, containers
from dockerui.services.errors import BadInput, describe
from dockerui.web.needs import actor_of, is_visit, needs

CHANGES_SHOWN = 5_000


@require_GET
@needs("container.inspect")
def container_detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Overview: the configuration in words, health, mounts, networks, ports, history."""
    page = container_page.overview(actor_of(request), ref)
    return render(
        request, "containers/overview.html", _context(request, page.detail, "overview") | page.context()
    )


@require_GET
@needs("container.inspect")
def container_header(request: HttpRequest, ref: str) -> HttpResponse:
    """The head of the container's pages, for when it has changed."""
    if is_visit(request):
        return redirect("container-detail", ref)
    detail = container_page.detail(actor_of(request), ref)
    return render(request, "containers/_header.html", _context(request, detail, ""))


@require_GET
@needs("container.top")
def container_top(request: HttpRequest, ref: str) -> HttpResponse:
    """Processes, as `ps` on the Engine's host shows them, or why it did not."""
    actor, ps_args = actor_of(request), request.GET.get("ps_args", "-ef").strip() or "-ef"
    detail = container_page.detail(actor, ref)
    context = _context(request, detail, "processes") | {"ps_args": ps_args}
    try:
        if detail.running:
            context["top"] = containers.container_top(actor, detail.id, ps_args=ps_args)
    except (BadInput, ApiError) as error:
        problem = describe(error, actor)
        context["problem"] = problem
        return render(request, "containers/processes.html", context, status=problem.status)
    return render(request, "containers/processes.html", context)


@require_GET
@needs("container.changes")
def container_changes(request: HttpRequest, ref: str) -> HttpResponse:
    """What differs from the image."""
    actor = actor_of(request)
    detail = container_page.detail(actor, ref)
    found = container_page.file_changes(actor, detail.id)
    q = request.GET.get("q", "").strip()
    rows = [row for row in found.rows if q.lower() in row.path.lower()]
    context = {
        "changes": rows[:CHANGES_SHOWN],
        "more": max(0, len(rows) - CHANGES_SHOWN),
        "q": q,
        **found.counts,
    }
    return render(request, "containers/changes.html", _context(request, detail, "changes") | context)


@require_GET
@needs("container.stats")
def container_stats(request: HttpRequest, ref: str) -> HttpResponse:
    """CPU, memory, network, block I/O and pids over time; the figures come over the socket."""
    detail = container_page.detail(actor_of(request), ref)
    return render(request, "containers/stats.html", _context(request, detail, "stats"))


@require_GET
@needs("container.inspect")
def container_inspect(request: HttpRequest, ref: str) -> HttpResponse:
    """The Engine's JSON, searchable; environment values are masked for who may not see them."""
    actor = actor_of(request)
    document = container_page.inspect_document(actor, ref)
    context = {"inspect": document, "inspect_text": json.dumps(document, indent=2)}
    detail = container_page.detail(actor, document["Id"])
    return render(request, "containers/inspect.html", _context(request, detail, "inspect") | context)


@require_POST
@needs("container.reveal")
def container_reveal(request: HttpRequest, ref: str) -> HttpResponse:
    """Show the environment's values, once, and record that they were shown."""
    detail = container_page.revealed(actor_of(request), ref)
    return render(request, "containers/_env.html", {"container": detail, "revealed": True})


def _context(request: HttpRequest, detail: Any, tab: str) -> dict[str, Any]:
    return {
        "container": detail,
        "tab": tab,
        "port_host": request.get_host().rpartition(":")[0] or request.get_host(),
    }
