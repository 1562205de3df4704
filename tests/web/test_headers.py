"""Headers that every answer has, the errors included; pages that need none of what the headers forbid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings

from tests.support.accounts import make_user
from tests.support.silent_engine import SilentEngine

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("secret detail")


def answers(client: Client, admin: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, HttpResponse]:
    """One answer of every kind."""
    forging = Client(enforce_csrf_checks=True)
    found = {
        "page": client.get("/login"),
        "redirect": client.get("/account/"),
        "health": client.get("/healthz"),
        "404": client.get("/nothing"),
        "404 inside": admin.get("/nothing"),
        "405": client.get("/logout"),
        "403 csrf": forging.post("/login", {"username": "x", "password": "y"}),
        "400 host": client.get("/login", headers={"Host": "bad_host!"}),
        "503": admin.get("/containers/"),
        "400": admin.get("/containers/a b/"),
    }
    monkeypatch.setattr("dockerui.services.people.sessions_of", broken)
    found["500"] = Client(raise_request_exception=False).get("/login")
    admin.raise_request_exception = False
    found["500"] = admin.get("/account/")
    return found


def test_every_answer_has_them(
    client: Client, admin_client: Client, silent_engine: SilentEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, answer in answers(client, admin_client, monkeypatch).items():
        assert kind[:3] not in ("400", "403", "404", "405", "500", "503") or answer.status_code == int(
            kind[:3]
        )
        policy = answer.headers["Content-Security-Policy"]
        assert {part.strip() for part in policy.split(";") if part.strip()} == CSP, kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["Referrer-Policy"] == "same-origin", kind
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert answer.headers["X-Frame-Options"] == "DENY", kind
        assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]
        assert re.fullmatch(r"[0-9a-f]{12}", answer.headers["X-Request-Id"]), kind


def test_without_tls_there_is_no_hsts(client: Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/login").headers


@override_settings(SECURE=True, SECURE_HSTS_SECONDS=31_536_000)
def test_behind_tls_there_is(client: Client) -> None:
    assert client.get("/nothing").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(client: Client) -> None:
    make_user("mira", "viewer", "correct horse battery staple")
    client.get("/login")
    client.post("/login", {"username": "mira", "password": "correct horse battery staple"})
    assert set(client.cookies) == {"dockerui", "dockerui-csrf"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"\shx-on", text)
    assert "js:" not in text
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)(?![^>]*application/json)", text)
    assert not re.search(r'\b(?:src|srcset|href|action|formaction|poster)\s*=\s*["\']?\s*https?://', text)
