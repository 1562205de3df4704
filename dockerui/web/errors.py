"""One mapping from what went wrong to what the browser shows: a page, or a toast where a fragment was asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from dockerui.access import Actor, Forbidden
from dockerui.engine.errors import EngineError
from dockerui.services import engines
from dockerui.services.errors import BadInput, Problem, describe

log = logging.getLogger(__name__)
_NOBODY = Actor("user", None, "", frozenset())


class ErrorMiddleware:
    """Turns the exceptions of services into answers. Innermost, so that every header is still added."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Known failures become their page; None leaves a bug to `server_error`."""
        if isinstance(error, (Forbidden, BadInput, EngineError)):
            return answer(request, describe(error, getattr(request, "actor", _NOBODY)))
        if isinstance(error, (Http404, ObjectDoesNotExist)):
            return not_found(request, error)
        log.error("request %s failed", getattr(request, "request_id", "?"), exc_info=error)
        return None


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a toast for htmx, else as a page."""
    context = {"problem": problem, "engine": engines.default().endpoint if problem.status == 503 else None}
    if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
        response = render(request, "_toast.html", context, status=problem.status)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    template = "errors/page.html" if getattr(request, "actor", None) else "errors/bare.html"
    return render(request, template, context, status=problem.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 by Django itself: a suspicious host, a form that is too large."""
    return answer(
        request,
        Problem(400, "That request cannot be read", "Something in it is not as a browser would send it."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 by Django itself."""
    return answer(request, Problem(403, "Not allowed", "Your role does not allow this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without our token, or from another origin."""
    hint = "Reload the page and try again; cookies must be allowed."
    return answer(
        request, Problem(403, "This form is out of date", "It did not come from a page of this login.", hint)
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what is not there and what is not for this actor to know of."""
    return answer(request, Problem(404, "There is nothing here", "The page or the object does not exist."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug. The page shows a number that the log has too, and nothing else."""
    reference = getattr(request, "request_id", "")
    problem = Problem(
        500, "dockerui made a mistake", f"The server's log says more under {reference}.", reference=reference
    )
    return answer(request, problem)
