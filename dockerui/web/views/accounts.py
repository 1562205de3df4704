"""Log in and out, set up, change one's password, end one's sessions; admins look after people."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from dockerui.accounts import setup
from dockerui.accounts.forms import PersonForm, SetupForm
from dockerui.services import people
from dockerui.web.needs import actor_of, needs, public

WRONG = "That account and password do not go together, or there were too many attempts."


@public
@require_http_methods(["GET", "POST"])
def login_view(request: HttpRequest) -> HttpResponse:
    """Ask for account and password. Every failure has the same words."""
    after = safe_next(request)
    if request.user.is_authenticated:
        return redirect(after)
    if request.method == "GET":
        return render(request, "accounts/login.html", {"next": after})
    user = authenticate(
        request, username=request.POST.get("username", "")[:150], password=request.POST.get("password", "")
    )
    if user is None:
        return render(request, "accounts/login.html", {"next": after, "error": WRONG}, status=403)
    login(request, user)
    return redirect(after)


@require_POST
@needs("account.self")
def logout_view(request: HttpRequest) -> HttpResponse:
    """End this login; its sockets close with it."""
    key = request.session.session_key
    logout(request)
    people.revoked(key)
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
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("container-list")
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("account.self")
def account_view(request: HttpRequest) -> HttpResponse:
    """One's own password and logins."""
    form = PasswordChangeForm(request.user, request.POST or None)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        messages.success(request, "Your password is changed; your other logins have ended.")
        return redirect("account")
    context = {"form": form, "sessions": people.sessions_of(actor_of(request))}
    return render(request, "accounts/account.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("account.self")
def session_end(request: HttpRequest, handle: str) -> HttpResponse:
    """End one of one's own logins elsewhere."""
    people.session_end(actor_of(request), handle)
    messages.success(request, "That login has ended.")
    return redirect("account")


@require_http_methods(["GET", "POST"])
@needs("account.manage")
def account_list(request: HttpRequest) -> HttpResponse:
    """Everybody, and a form for one more."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        people.account_create(actor_of(request), **form.cleaned_data)
        messages.success(request, f"{form.cleaned_data['username']} can log in now.")
        return redirect("account-list")
    context = {"form": form, "people": people.account_list(actor_of(request))}
    return render(request, "accounts/list.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("account.manage")
def account_change(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change a role, disable or enable an account, or set a new password."""
    people.account_change(
        actor_of(request), user_id,
        role=request.POST.get("role"), active=request.POST.get("active"), password=request.POST.get("password"),
    )  # fmt: skip
    messages.success(request, "Changed.")
    return redirect("account-list")


def locked_out(request: HttpRequest, credentials: object = None, *args: object) -> HttpResponse:
    """The same words as for a wrong password: a stranger must not learn which accounts there are."""
    return render(request, "accounts/login.html", {"error": WRONG, "next": "/"}, status=429)


def safe_next(request: HttpRequest) -> str:
    """Where to go after login: a path of ours, or home (`next=//evil` must not lead away)."""
    after = request.POST.get("next") or request.GET.get("next") or "/"
    allowed = url_has_allowed_host_and_scheme(after, allowed_hosts=None, require_https=False)
    return after if allowed and after.startswith("/") else "/"
