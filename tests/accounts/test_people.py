"""What admins do with accounts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dockerui.access import Actor, Forbidden
from dockerui.accounts.models import User
from dockerui.audit.models import AuditEntry
from dockerui.services import people
from dockerui.services.errors import BadInput
from dockerui.services.sessions import actors_of
from tests.support.accounts import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada() -> Any:
    return make_user("ada", "admin", PASSWORD)


@pytest.fixture
def vera() -> Any:
    return make_user("vera", "viewer", PASSWORD)


@pytest.fixture
def admin(ada: Any) -> Actor:
    return Actor.for_user(ada, None)


def logged_in(username: str) -> Client:
    client = Client()
    assert client.post("/login", {"username": username, "password": PASSWORD}).status_code == 302
    return client


def test_an_admin_adds_somebody(ada):
    client = logged_in("ada")
    form = {"username": "mira", "password": PASSWORD, "role": "viewer"}
    assert client.post("/accounts/", form).status_code == 302
    assert User.objects.get(username="mira").role == "viewer"
    logged_in("mira")
    entry = AuditEntry.objects.filter(action="account.create").get()
    assert (entry.actor_name, entry.target, entry.detail) == ("ada", "mira", {"role": "viewer"})


@pytest.mark.parametrize(
    "form",
    [
        {"username": "VERA", "password": PASSWORD, "role": "viewer"},
        {"username": "mira", "password": "password", "role": "viewer"},
        {"username": "mira", "password": PASSWORD, "role": "root"},
        {"username": "mi ra", "password": PASSWORD, "role": "viewer"},
    ],
)
def test_a_form_that_makes_no_sense_is_shown_again(ada, vera, form):
    answer = logged_in("ada").post("/accounts/", form)
    assert answer.status_code == 422
    assert User.objects.count() == 2


def test_a_name_that_is_taken_in_the_meantime_is_bad_input(admin, vera):
    with pytest.raises(BadInput, match="vera"):
        people.account_create(admin, "vera", PASSWORD, "viewer")
    assert not AuditEntry.objects.exists()


def test_a_role_counts_at_once(ada, vera):
    client = logged_in("vera")
    assert client.get("/accounts/").status_code == 403
    logged_in("ada").post(f"/accounts/{vera.pk}/role", {"role": "admin"})
    assert client.get("/accounts/").status_code == 200


def test_a_disabled_account_is_out_at_once_and_cannot_log_in(ada, vera):
    client = logged_in("vera")
    key = client.cookies["dockerui"].value
    assert actors_of([key])
    logged_in("ada").post(f"/accounts/{vera.pk}/active", {"active": "0"})
    assert actors_of([key]) == {}
    assert client.get("/account/").status_code == 302
    assert client.post("/login", {"username": "vera", "password": PASSWORD}).status_code == 403
    logged_in("ada").post(f"/accounts/{vera.pk}/active", {"active": "1"})
    logged_in("vera")


def test_a_password_that_an_admin_sets_ends_all_logins(ada, vera):
    client = logged_in("vera")
    key = client.cookies["dockerui"].value
    answer = logged_in("ada").post(f"/accounts/{vera.pk}/password", {"password": "quite another sentence"})
    assert answer.status_code == 302
    assert actors_of([key]) == {}
    assert client.get("/account/").status_code == 302
    assert Client().post("/login", {"username": "vera", "password": PASSWORD}).status_code == 403


def test_a_weak_password_is_refused_for_others_too(ada, vera):
    assert logged_in("ada").post(f"/accounts/{vera.pk}/password", {"password": "short"}).status_code == 400
    logged_in("vera")


@pytest.mark.parametrize(("path", "form"), [("role", {"role": "viewer"}), ("active", {"active": "0"})])
def test_the_last_admin_stays(ada, vera, path, form):
    client = logged_in("ada")
    assert client.post(f"/accounts/{ada.pk}/{path}", form).status_code == 400
    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == ("admin", True)
    assert not AuditEntry.objects.filter(action__startswith=f"account.{path}").exists()


def test_an_admin_may_go_while_another_stays(ada, admin):
    other = make_user("bea", "admin")
    assert people.account_role(admin, other.pk, "viewer").role == "viewer"


def test_nobody_is_404(ada):
    assert logged_in("ada").post("/accounts/4711/role", {"role": "viewer"}).status_code == 404


def test_no_such_role(admin, vera):
    with pytest.raises(BadInput):
        people.account_role(admin, vera.pk, "root")


def test_a_viewer_may_do_none_of_it(vera):
    actor = Actor.for_user(vera, None)
    for call in (
        lambda: people.account_list(actor),
        lambda: people.account_create(actor, "x", PASSWORD, "admin"),
        lambda: people.account_role(actor, vera.pk, "admin"),
        lambda: people.account_active(actor, vera.pk, True),
        lambda: people.account_password(actor, vera.pk, PASSWORD),
    ):
        with pytest.raises(Forbidden):
            call()


def test_no_password_reaches_the_audit_log(ada, vera):
    client, canary = logged_in("ada"), "canary sentence 31415"
    client.post("/accounts/", {"username": "mira", "password": canary, "role": "viewer"})
    client.post(f"/accounts/{vera.pk}/password", {"password": canary})
    assert canary not in str(list(AuditEntry.objects.values()))
