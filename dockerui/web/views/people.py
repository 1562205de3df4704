"""What admins do with accounts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dockerui.services import people
from dockerui.web.forms.people import PersonForm
from dockerui.web.needs import actor_of, needs


@require_http_methods(["GET", "POST"])
@needs("account.manage")
def account_list(request: HttpRequest) -> HttpResponse:
    """Everybody, and a form for one more."""
    actor = actor_of(request)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = people.account_create(actor, **form.cleaned_data)
        messages.success(request, f"{made.username} can log in now.")
        return redirect("account-list")
    context = {"form": form, "people": people.account_list(actor)}
    return render(request, "accounts/list.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("account.manage")
def account_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give somebody another role."""
    user = people.account_role(actor_of(request), user_id, request.POST.get("role", ""))
    messages.success(request, f"{user.username} is {user.get_role_display().lower()} now.")
    return redirect("account-list")


@require_POST
@needs("account.manage")
def account_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Disable an account, or let it in again."""
    active = request.POST.get("active") == "1"
    user = people.account_active(actor_of(request), user_id, active)
    messages.success(request, f"{user.username} {'can log in again' if active else 'is disabled'}.")
    return redirect("account-list")


@require_POST
@needs("account.manage")
def account_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Set somebody's password."""
    user = people.account_password(actor_of(request), user_id, request.POST.get("password", ""))
    messages.success(
        request, f"{user.username} has a new password; all other logins of {user.username} ended."
    )
    return redirect("account-list")
