"""The terminal page of a container; the terminals themselves come over the socket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dockerui.services import attach, container_page
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("exec.create")
def container_terminal(request: HttpRequest, ref: str) -> HttpResponse:
    """Commands in the container and its main process, in tabs and side by side."""
    actor = actor_of(request)
    context = {
        "container": container_page.detail(actor, ref),
        "tab": "terminal",
        "has_websocket": attach.has_websocket(actor),
        "may_privileged": actor.may("exec.privileged"),
    }
    return render(request, "containers/terminal.html", context)
