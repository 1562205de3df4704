"""Every view declares what it needs; one that does not fails tests/web/test_routes.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import resolve_url

from dockerui.access import Actor
from dockerui.services.door import admit

View = TypeVar("View", bound=Callable[..., HttpResponseBase | Awaitable[HttpResponseBase]])
PUBLIC = "public"


def needs(permission: str) -> Callable[[View], View]:
    """Let only logged-in actors with the permission in; others go to the login page or get 403."""

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                refusal = await sync_to_async(_refuse)(request, permission)
                return refusal or await cast(Any, view)(request, *args, **kwargs)

            guarded: Any = guarded_async
        else:

            @wraps(view)
            def guarded_sync(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                return _refuse(request, permission) or cast(Any, view)(request, *args, **kwargs)

            guarded = guarded_sync
        guarded.needs = permission
        return cast(View, guarded)

    return decorate


def public(view: View) -> View:
    """Declare that anybody may open this."""
    setattr(view, "needs", PUBLIC)  # noqa: B010  (functions have no such field for mypy)
    return view


def actor_of(request: HttpRequest) -> Actor:
    """Who asks. Only for views behind `needs`."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise LookupError("the view declares no permission")
    return actor


def visitor(request: HttpRequest) -> Actor | None:
    """Who is logged in, for pages that anybody may see; None for strangers."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Actor.for_user(user, request.session.session_key)


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asked, and not a person's browser for a page."""
    return request.accepts("application/json") and not request.accepts("text/html")


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of a page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted


def is_visit(request: HttpRequest) -> bool:
    """Whether somebody opens this address as a page of its own, as far as the browser tells."""
    return request.headers.get("Sec-Fetch-Dest") == "document"


def _refuse(request: HttpRequest, permission: str) -> HttpResponseBase | None:
    actor = visitor(request)
    if actor is None:
        return _to_login(request)
    setattr(request, "actor", actor)  # noqa: B010  (HttpRequest has no such field for mypy)
    admit(actor, permission, request.path, audited=request.method not in ("GET", "HEAD"))
    return None


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """Strangers are sent to the login page, and scripts told to go there."""
    if is_fragment(request):
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        after = QueryDict(mutable=True)
        after["next"] = f"{shown.path}?{shown.query}" if shown.query else shown.path or "/"
        login = f"{resolve_url(settings.LOGIN_URL)}?{after.urlencode(safe='/')}"
        return HttpResponse(status=401, headers={"HX-Redirect": login})
    if wants_json(request):
        return JsonResponse({"status": 401, "title": "You are logged out", "message": ""}, status=401)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
