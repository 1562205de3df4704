"""One mapping from what went wrong to what the browser shows: a page, a toast for htmx, JSON for scripts."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from dockerui.access import Actor, Forbidden
from dockerui.engine.errors import EngineError
from dockerui.services import engines
from dockerui.services.errors import BadInput, Problem, bug, describe
from dockerui.web.needs import is_fragment, is_visit, visitor, wants_json

AGAIN = 5  # seconds after which a script may ask again while the Engine is away


class ErrorMiddleware:
    """Turns the exceptions of services into answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and is_visit(request):
            return _no_page(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Everything but what Django itself knows how to answer."""
        if isinstance(error, (Http404, PermissionDenied, SuspiciousOperation)):
            return None
        if isinstance(error, ObjectDoesNotExist):
            return not_found(request, error)
        if isinstance(error, (Forbidden, BadInput, EngineError)):
            actor = getattr(request, "actor", None) or Actor.nobody()
            return answer(request, describe(error, actor, reference=_number(request)))
        return answer(request, bug(error, reference=_number(request)))


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem in the form that was asked for."""
    if wants_json(request):
        body = {"status": problem.status, "title": problem.title, "message": problem.message}
        response: HttpResponse = JsonResponse({**body, "hint": problem.hint}, status=problem.status)
    elif is_fragment(request):
        response = render(request, "_problem_toast.html", {"problem": problem}, status=problem.status)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#toasts", "beforeend"
    else:
        response = _page(request, problem)
    if problem.passes:
        response.headers["Retry-After"] = str(AGAIN)
    return response


def _page(request: HttpRequest, problem: Problem) -> HttpResponse:
    actor = getattr(request, "actor", None) or _visitor(request)
    context = {"problem": problem, "actor": actor, "endpoint": engines.known_endpoint()}
    template = "errors/page.html" if actor else "errors/bare.html"
    return render(request, template, context, status=problem.status)


def _no_page(request: HttpRequest, refusal: HttpResponseBase) -> HttpResponse:
    """Somebody opened the address of a button, from the history or after a login."""
    message = "This address is what a button sends, not a page. Nothing has been done."
    response = answer(request, Problem(405, "There is nothing to see here", message))
    response.headers["Allow"] = refusal.headers.get("Allow", "")
    return response


def _visitor(request: HttpRequest) -> Actor | None:
    """Who is logged in, for the frame of the page; nobody when the database is what failed."""
    try:
        found = visitor(request)
    except Exception as error:
        bug(error, reference=_number(request))
        return None
    setattr(request, "actor", found)  # noqa: B010  (HttpRequest has no such field for mypy)
    return found


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 by Django itself: an unknown host, a form that is too large."""
    message = (
        "Something in it is not as a browser would send it, or dockerui was not told that it has this name."
    )
    return answer(request, Problem(400, "That request cannot be answered", message))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 by Django itself."""
    return answer(request, Problem(403, "Not allowed", "Your role does not include this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without our token, or from another origin."""
    hint = "Go back, reload the page and try again; cookies must be allowed."
    return answer(
        request, Problem(403, "This form is out of date", "It does not come from a page of this login.", hint)
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what is not there and what is not for this actor to know of."""
    return answer(request, Problem(404, "There is nothing here", "The page or the object does not exist."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug outside of views."""
    return answer(request, bug(None, reference=_number(request)))


def _number(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))
