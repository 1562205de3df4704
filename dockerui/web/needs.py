"""Every view declares what it needs; one that does not cannot be routed (tests/web/test_routes.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from dockerui.access import Actor, authorise

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
    view.needs = PUBLIC  # type: ignore[attr-defined]
    return view


def actor_of(request: HttpRequest) -> Actor:
    """Who asks. Only for views behind `needs`."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise LookupError("the view declares no permission")
    return actor


def _refuse(request: HttpRequest, permission: str) -> HttpResponseBase | None:
    """Who may not in is sent to the login page, or, where a fragment was asked for, told to go there."""
    if not request.user.is_authenticated:
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return redirect_to_login(request.get_full_path())
    request.actor = Actor.for_user(request.user, request.session.session_key)  # type: ignore[attr-defined, arg-type]
    authorise(request.actor, permission)  # type: ignore[attr-defined]
    return None
