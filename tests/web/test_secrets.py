"""Planted secrets: none of them shows up in a page, in the log or in the database."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from dockerui.access import Actor
from dockerui.access.roles import permissions_of
from dockerui.audit.models import AuditEntry
from dockerui.engine import Engine
from tests.support.accounts import make_user
from tests.support.engine import MakeContainer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app_on_engine")]

CANARY = "canary-2718281828"
PASSWORD = f"{CANARY} in a sentence"
PAGES = ("", "inspect/", "header", "logs/", "stats/", "terminal/")


def database() -> str:
    """Every value of every row."""
    return "\n".join(str(list(model.objects.values())) for model in apps.get_models())


def test_the_environment_is_on_no_page_until_it_is_revealed(
    admin_client: Client, viewer_client: Client, make_container: MakeContainer
) -> None:
    container = make_container(Env=[f"TOKEN={CANARY}"])
    for client in (admin_client, viewer_client):
        for page in PAGES:
            answer = client.get(f"/containers/{container}/{page}")
            assert CANARY not in answer.content.decode(), page
    assert viewer_client.post(f"/containers/{container}/reveal").status_code == 403
    assert "TOKEN" in viewer_client.get(f"/containers/{container}/").content.decode()

    assert CANARY in admin_client.post(f"/containers/{container}/reveal").content.decode()
    entries = AuditEntry.objects.filter(action="container.reveal").order_by("id")
    assert [(entry.actor_name, entry.outcome) for entry in entries] == [
        ("viewer", "refused"),
        ("admin", "started"),
        ("admin", "done"),
    ]


def test_no_secret_is_in_the_log_or_in_the_database(
    client: Client, make_container: MakeContainer, engine: Engine, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    make_user("mira", "admin", PASSWORD)
    client.post("/login", {"username": "mira", "password": f"{CANARY} wrong"})
    client.post("/login", {"username": "mira", "password": PASSWORD})
    container = make_container(Env=[f"TOKEN={CANARY}"])
    client.post(f"/containers/{container}/reveal")
    client.get(f"/containers/{container}/")
    client.post("/accounts/", {"username": "vera", "password": PASSWORD, "role": "viewer"})
    client.post("/accounts/", {"username": "", "password": PASSWORD, "role": "viewer"})
    client.get(f"/setup/{CANARY}")
    client.get(f"/nothing?token={CANARY}")
    form = {"name": "x/../y", "image": "busybox:test", "env": f"TOKEN={CANARY}"}
    client.post("/containers/new", form)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("dockerui", "axes"))
    )
    assert CANARY not in "\n".join(ours)
    assert CANARY not in database()


def test_a_traceback_of_a_bug_holds_no_secret(client: Client, monkeypatch: Any, caplog: Any) -> None:
    make_user("mira", "admin", PASSWORD)
    client.raise_request_exception = False

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("something unforeseen")

    monkeypatch.setattr("dockerui.web.views.accounts.login", broken)
    answer = client.post("/login", {"username": "mira", "password": PASSWORD})
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert CANARY not in caplog.text


def test_what_an_actor_is_prints_no_session_key() -> None:
    actor = Actor("user", 1, "ada", permissions_of("viewer"), session_key=CANARY)
    assert CANARY not in repr(actor)


def test_the_environment_of_an_image_is_hidden_until_it_is_revealed(
    admin_client: Client, viewer_client: Client, make_container: MakeContainer, engine: Engine
) -> None:
    made = engine.container_commit(make_container(start=False, Env=[f"TOKEN={CANARY}"]))["Id"]
    image = made.removeprefix("sha256:")
    try:
        page = admin_client.get(f"/images/{image}/").content.decode()
        assert "TOKEN=" in page
        assert CANARY not in page
        assert viewer_client.post(f"/images/{image}/reveal").status_code == 403
        assert f"TOKEN={CANARY}" in admin_client.post(f"/images/{image}/reveal").content.decode()
        shown = AuditEntry.objects.filter(action="container.reveal", outcome="done").get()
        assert (shown.actor_name, shown.target) == ("admin", made)
    finally:
        engine.image_remove(made, force=True)
