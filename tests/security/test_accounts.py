"""Logins that end stay ended, and what is said about people stays between them and us."""

from __future__ import annotations

import stat
from typing import Any

import pytest
from django.test import Client

from dockerui.access import Actor
from dockerui.accounts import setup
from dockerui.accounts.models import User
from dockerui.audit.models import AuditEntry
from dockerui.services import people
from tests.support.accounts import make_user
from tests.support.server import StartServer

PASSWORD = "correct horse battery staple"


@pytest.mark.django_db
def test_a_login_does_not_come_back_with_its_account(client: Client) -> None:
    admin = Actor.for_user(make_user("ada", "admin", PASSWORD), None)
    vera = make_user("vera", "viewer", PASSWORD)
    assert client.post("/login", {"username": "vera", "password": PASSWORD}).status_code == 302
    people.account_active(admin, vera.pk, False)
    assert client.get("/account/").status_code == 302
    people.account_active(admin, vera.pk, True)
    assert client.get("/account/").status_code == 302


@pytest.mark.django_db
def test_who_made_the_first_account_is_written_down_or_it_is_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: Any, **options: Any) -> None:
        raise OSError("disk full")

    token = str(setup.new_link()).rpartition("/")[2]
    with monkeypatch.context() as patch:
        patch.setattr("dockerui.audit.record", broken)
        with pytest.raises(OSError, match="disk full"):
            setup.first_admin(token, "ada", PASSWORD)
    assert not User.objects.exists()
    setup.first_admin(token, "ada", PASSWORD)
    entry = AuditEntry.objects.get(action="account.create")
    assert (entry.actor_name, entry.target) == ("system", "ada")


@pytest.mark.django_db
def test_messages_are_not_sent_around_in_a_cookie(admin_client: Client) -> None:
    form = {"username": "mira", "password": PASSWORD, "role": "viewer"}
    answer = admin_client.post("/accounts/", form)
    assert answer.status_code == 302
    assert "messages" not in answer.cookies
    assert "mira can log in now" in admin_client.get("/accounts/").content.decode()


def test_what_the_server_writes_is_nobody_elses(start_live_server: StartServer) -> None:
    server = start_live_server()
    kept = [path for path in server.data.iterdir() if path.is_file()]
    assert {"dockerui.sqlite3", "secret.key"} <= {path.name for path in kept}
    for file in kept:
        assert not stat.S_IMODE(file.stat().st_mode) & 0o077, file
