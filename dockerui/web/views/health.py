"""Is the server up, and does the Engine answer?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from dockerui.engine.errors import EngineError
from dockerui.services import engines
from dockerui.web.needs import needs, public


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process serves; says nothing else, since anybody may ask."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@needs("home.read")
def engine_state(request: HttpRequest) -> HttpResponse:
    """Whether the Engine answers now, for pages that wait for it."""
    try:
        engines.default().engine.ping()
    except EngineError as error:
        return JsonResponse({"up": False, "why": str(error)}, status=503)
    return JsonResponse({"up": True})


@require_safe
@needs("home.read")
def home(request: HttpRequest) -> HttpResponse:
    """The first page after login."""
    return redirect("container-list")
