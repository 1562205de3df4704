"""Log in and out, the first account, one's own password and logins."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from dockerui.accounts import setup
from dockerui.services import people
from dockerui.web.forms.people import OwnPasswordForm, SetupForm
from dockerui.web.needs import actor_of, needs, public

WRONG = "User name and password do not go together, or there were too many attempts: wait a while."
BACKEND = "django.contrib.auth.backends.ModelBackend"


@public
@require_http_methods(["GET", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    """Ask for user name and password. Every failure has the same words."""
    after = safe_next(request)
    if request.user.is_authenticated:
        return redirect(after)
    if request.method == "GET":
        return render(request, "accounts/login.html", {"next": after, "fresh": setup.is_open()})
    user = authenticate(
        request, username=request.POST.get("username", "")[:150], password=request.POST.get("password", "")
    )
    if user is None:
        return _refused(request, after)
    login(request, user)
    return redirect(after)


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """Too many attempts: the same answer as to a wrong password, so that it tells nothing about accounts."""
    return _refused(request, safe_next(request))


def _refused(request: HttpRequest, after: str) -> HttpResponse:
    context = {"error": WRONG, "next": after, "username": request.POST.get("username", "")[:150]}
    return render(request, "accounts/login.html", context, status=403)


@require_POST
@needs("account.self")
def logout_view(request: HttpRequest) -> HttpResponse:
    """End this login; its sockets close with it."""
    people.logged_out(actor_of(request))
    logout(request)
    return redirect("login")


@public
@require_http_methods(["GET", "POST"])
def setup_view(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first account, through the link on the console."""
    if not setup.valid(token):
        return render(request, "accounts/setup_closed.html", status=404)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = setup.first_admin(token, form.cleaned_data["username"], form.cleaned_data["password"])
        except setup.SetupClosed:
            return render(request, "accounts/setup_closed.html", status=404)
        login(request, user, backend=BACKEND)
        return redirect("home")
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("account.self")
def account_view(request: HttpRequest) -> HttpResponse:
    """One's own password and logins."""
    actor = actor_of(request)
    assert request.user.is_authenticated  # `needs` has seen to it
    form = OwnPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        people.password_changed(actor)
        form.save()
        update_session_auth_hash(request, form.user)
        messages.success(request, "Your password is changed. Your other logins have ended.")
        return redirect("account")
    context = {"form": form, "logins": people.sessions_of(actor), "role": form.user.get_role_display()}
    return render(request, "accounts/account.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("account.self")
def session_end(request: HttpRequest, handle: str) -> HttpResponse:
    """End one of one's own logins elsewhere."""
    people.session_end(actor_of(request), handle)
    messages.success(request, "That login has ended.")
    return redirect("account")


@require_POST
@needs("account.self")
def session_end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own logins but this one."""
    count = people.sessions_end_others(actor_of(request))
    messages.success(request, f"{count} login{'' if count == 1 else 's'} ended.")
    return redirect("account")


def safe_next(request: HttpRequest) -> str:
    """Where to go after login: a path of ours, or home (`next=//evil` must not lead away)."""
    after = request.POST.get("next") or request.GET.get("next") or "/"
    allowed = url_has_allowed_host_and_scheme(after, allowed_hosts=None)
    return after if allowed and after.startswith("/") else "/"
