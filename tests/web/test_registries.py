"""Registries: credentials go in encrypted and never come out; an address that changes loses its password."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from dockerui.access import Actor
from dockerui.engine import errors
from dockerui.registries.models import Registry
from dockerui.services import credentials, registries

SECRET = "hunter2-canary"
ADMIN = Actor.system()


class Told:
    """What the Engine was asked at /auth, and what it says."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.answer: dict[str, Any] | Exception = {"Status": "Login Succeeded"}

    def system_auth(self, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    engine = Told()
    monkeypatch.setattr("dockerui.services.door.engine_for", lambda actor: engine)
    return engine


def store(client: Client, address: str = "reg.example:5000", **fields: str) -> Registry:
    data = {"address": address, "username": "mira", "password": SECRET, **fields}
    answer = client.post("/registries/new", data)
    assert answer.status_code == 302, answer.content.decode()
    return Registry.objects.get()


def test_a_password_is_checked_and_kept_encrypted(admin_client: Client, told: Told) -> None:
    registry = store(admin_client)
    assert told.bodies == [{"username": "mira", "password": SECRET, "serveraddress": "reg.example:5000"}]
    assert registry.checked_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM registries_registry")
        assert SECRET.encode() not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("path", ["/registries/", "/registries/{}/", "/audit/"])
def test_no_page_shows_it_again(admin_client: Client, told: Told, path: str) -> None:
    registry = store(admin_client)
    page = admin_client.get(path.format(registry.pk)).content.decode()
    assert SECRET not in page
    assert registry.address in page


def test_an_identity_token_is_kept_instead_of_the_password(admin_client: Client, told: Told) -> None:
    told.answer = {"Status": "Login Succeeded", "IdentityToken": "token-1"}
    registry = store(admin_client)
    assert registry.has_token
    assert credentials.unseal(bytes(registry.secret)) == {"identitytoken": "token-1"}
    expected = {"identitytoken": "token-1", "serveraddress": "reg.example:5000"}
    assert registries.auth_for("reg.example:5000/app:1") == expected
    admin_client.post(f"/registries/{registry.pk}/check")
    assert told.bodies[-1] == expected


def test_wrong_credentials_are_told_and_stay_marked(admin_client: Client, told: Told) -> None:
    told.answer = errors.ServerError(500, "login attempt failed with status: 401 Unauthorized")
    store(admin_client)
    page = admin_client.get("/registries/").content.decode()
    assert "401 Unauthorized" in page
    assert "refused" in page


@pytest.mark.parametrize("change", [{"address": "evil.example"}, {"username": "otto"}])
def test_another_address_or_user_clears_the_credential(
    admin_client: Client, told: Told, change: dict[str, str]
) -> None:
    registry = store(admin_client)
    data = {"address": registry.address, "username": registry.username, "password": "", **change}
    admin_client.post(f"/registries/{registry.pk}/", data)
    registry.refresh_from_db()
    assert not registry.has_credential
    assert len(told.bodies) == 1


def test_an_empty_password_keeps_the_old_one(admin_client: Client, told: Told) -> None:
    registry = store(admin_client)
    same = {"address": "https://REG.example:5000/", "username": "mira"}
    admin_client.post(f"/registries/{registry.pk}/", same)
    assert registries.auth_for("reg.example:5000/a")["password"] == SECRET  # type: ignore[index]
    assert told.bodies[1] == told.bodies[0]  # the button says "Store and check"


def test_the_credential_is_chosen_by_the_registry_of_the_image(admin_client: Client, told: Told) -> None:
    store(admin_client)
    admin_client.post("/registries/new", {"address": "index.docker.io", "username": "hub", "password": "pw"})
    assert registries.auth_for("reg.example:5000/app")["username"] == "mira"  # type: ignore[index]
    hub = {"username": "hub", "password": "pw", "serveraddress": "https://index.docker.io/v1/"}
    assert registries.auth_for("alpine:3") == hub
    assert registries.auth_for("other.example/app") is None
    assert set(registries.auth_config()) == {"reg.example:5000", "https://index.docker.io/v1/"}


@pytest.mark.parametrize(
    "fields",
    [{"address": "no host"}, {"address": "alone"}, {"address": "x.example", "password": "p", "username": ""}],
)
def test_bad_input_is_explained_and_nothing_is_stored(
    admin_client: Client, told: Told, fields: dict[str, str]
) -> None:
    answer = admin_client.post("/registries/new", {"username": "mira", "password": "", **fields})
    assert answer.status_code == 422
    assert not Registry.objects.exists()
    assert told.bodies == []


def test_the_same_address_twice_is_refused(admin_client: Client, told: Told) -> None:
    store(admin_client)
    answer = admin_client.post("/registries/new", {"address": "reg.example:5000", "username": "x"})
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_a_viewer_sees_and_stores_nothing(viewer_client: Client, told: Told) -> None:
    assert viewer_client.get("/registries/").status_code == 403
    assert viewer_client.post("/registries/new", {"address": "x.example"}).status_code == 403
    assert told.bodies == []


def test_a_registry_can_be_forgotten(admin_client: Client, told: Told) -> None:
    registry = store(admin_client)
    admin_client.post(f"/registries/{registry.pk}/remove")
    assert not Registry.objects.exists()
    assert registries.auth_for("reg.example:5000/app") is None
