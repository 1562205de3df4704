"""Is the server up, does the Engine answer, and what the frame of every page says of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dockerui.engine.errors import EngineError
from dockerui.services import engine_facts
from dockerui.services.door import perform
from dockerui.services.errors import describe
from dockerui.web.context import side as side_context
from dockerui.web.needs import actor_of, is_visit, needs, public, visitor


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponseBase:
    """200 while the process serves. Strangers learn nothing else; who is logged in hears of the Engine."""
    if visitor(request) is None:
        return HttpResponse("ok\n", content_type="text/plain")
    return JsonResponse({"up": True, "engine": _engine(request)})


@require_safe
@needs("system.ping")
def engine_state(request: HttpRequest) -> HttpResponse:
    """Whether the Engine answers now, for pages that wait for it; 503 while it does not."""
    state = _engine(request)
    return JsonResponse(state, status=200 if state["up"] else 503)


@require_safe
@needs("home.read")
def side(request: HttpRequest) -> HttpResponse:
    """The sidebar of the page at `?at=`, with fresh facts of the Engine."""
    if is_visit(request):
        return redirect("home")
    actor = actor_of(request)
    engine_facts.learn(actor)
    context = {**side_context(actor, request.GET.get("at", "/")[:500]), "asked": True}
    return render(request, "layout/_side.html", context)


@require_safe
@needs("home.read")
def home(request: HttpRequest) -> HttpResponse:
    """The first page after login."""
    return redirect("container-list")


def _engine(request: HttpRequest) -> dict[str, object]:
    actor = visitor(request)
    if actor is None or not actor.may("system.ping"):
        return {"up": None}
    try:
        perform(actor, "system_ping", call=lambda engine: engine.ping())
    except EngineError as error:
        engine_facts.forget()
        return {"up": False, "why": describe(error, actor).message}
    return {"up": True}
