"""Log in and out: sessions, their limits, the lock-out."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from dockerui.audit.models import AuditEntry
from dockerui.services import sessions
from dockerui.services.sessions import SEEN, STARTED, actors_of
from dockerui.web.proxies import ProxyMiddleware
from tests.support.accounts import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


@pytest.fixture
def mira() -> Any:
    return make_user("mira", "viewer", PASSWORD)


def log_in(client: Client, password: str = PASSWORD, username: str = "mira", **extra: Any) -> Any:
    return client.post("/login", {"username": username, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def key_of(client: Client) -> str:
    return client.cookies["dockerui"].value


def remember(client: Client, **values: float) -> None:
    """Change what the login session remembers of itself."""
    store = client.session
    store.update(values)
    store.save()


def test_who_knows_the_password_gets_in(client, mira):
    answer = log_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(client)
    assert AuditEntry.objects.get().action == "account.login"


def test_a_login_gets_a_new_session(client, mira):
    client.get("/login")
    remember(client, anonymous=1)
    before = client.session.session_key
    client.cookies["dockerui"] = before
    log_in(client)
    assert key_of(client) != before
    assert not Session.objects.filter(session_key=before).exists()


def test_all_failures_look_the_same(client, mira):
    gone = make_user("gone", "admin", PASSWORD)
    gone.is_active = False
    gone.save()
    wrong, unknown, disabled = (
        log_in(client, "nope"),
        log_in(client, "nope", "nobody"),
        log_in(client, PASSWORD, "gone"),
    )

    def shown(answer: Any, name: str) -> Any:
        text = answer.content.decode().replace(f'value="{name}"', "")
        return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)

    assert shown(wrong, "mira") == shown(unknown, "nobody") == shown(disabled, "gone")
    assert wrong.status_code == 403


def test_too_many_failures_lock_the_pair_of_account_and_address(client, mira, settings):
    settings.AXES_FAILURE_LIMIT = 3
    texts = {log_in(client, "nope").content.decode().split("<form")[0] for _ in range(4)}
    assert len(texts) == 1
    locked = log_in(client)
    assert locked.status_code == 403
    assert locked.content.decode().split("<form")[0] in texts
    assert not is_in(client)
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert log_in(elsewhere).status_code == 302


def test_a_forged_address_does_not_get_around_the_lock(client, mira, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for number in range(3):
        log_in(
            client, "nope", headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": "198.51.100.7"}
        )
    assert log_in(client, headers={"X-Forwarded-For": "198.51.100.99"}).status_code == 403


def test_a_trusted_proxy_is_believed(mira, settings):
    settings.AXES_FAILURE_LIMIT = 3
    settings.DOCKERUI_TRUSTED_PROXIES = ["127.0.0.0/8"]
    client = Client()
    for _ in range(3):
        log_in(client, "nope", headers={"X-Forwarded-For": "198.51.100.1"})
    assert log_in(client, headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 403
    assert log_in(Client(), headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 302


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5", "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        ("nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(rf, settings, forwarded, client):
    settings.DOCKERUI_TRUSTED_PROXIES = ["10.0.0.0/8"]
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded})
    ProxyMiddleware(lambda request: request)(request)
    assert request.META["REMOTE_ADDR"] == client


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil",
        "http:///evil",
    ],
)
def test_nobody_is_led_away_after_login(client, mira, evil):
    assert 'value="/"' in client.get("/login", {"next": evil}).content.decode()
    answer = client.post("/login", {"username": "mira", "password": PASSWORD, "next": evil})
    assert answer.headers["Location"] == "/"


def test_after_login_one_goes_on_where_one_was(client, mira):
    asked = client.get("/audit/?who=x")
    assert asked.headers["Location"] == "/login?next=/audit/%3Fwho%3Dx"
    answer = client.post("/login", {"username": "mira", "password": PASSWORD, "next": "/audit/?who=x"})
    assert answer.headers["Location"] == "/audit/?who=x"


def test_log_out_is_a_post_and_ends_the_session(client, mira):
    log_in(client)
    key = key_of(client)
    assert client.get("/logout").status_code == 405
    assert is_in(client)
    client.post("/logout")
    assert not is_in(client)
    assert actors_of([key]) == {}


def test_an_idle_login_ends(client, mira, settings):
    log_in(client)
    remember(client, **{SEEN: time.time() - settings.DOCKERUI_SESSION_IDLE - 1})
    assert actors_of([key_of(client)]) == {}
    assert not is_in(client)


def test_an_old_login_ends_however_busy(client, mira, settings):
    log_in(client)
    remember(client, **{STARTED: time.time() - settings.DOCKERUI_SESSION_MAX - 1})
    assert actors_of([key_of(client)]) == {}
    assert not is_in(client)


def test_a_request_is_use_but_a_socket_is_not(client, mira):
    log_in(client)
    key, long_ago = key_of(client), time.time() - 600
    remember(client, **{SEEN: long_ago})
    assert actors_of([key])[key].name == "mira"
    assert client.session[SEEN] == long_ago
    client.get("/account/")
    assert client.session[SEEN] > long_ago + 500


def test_a_session_that_was_never_begun_is_over():
    assert sessions.is_over({}, time.time())


def test_a_new_password_ends_the_other_logins(client, mira):
    log_in(client)
    other = Client()
    log_in(other)
    words = "another horse battery staple"
    form = {"old_password": PASSWORD, "new_password1": words, "new_password2": words}
    assert client.post("/account/", form).status_code == 302
    assert is_in(client)
    assert actors_of([key_of(other)]) == {}
    assert not is_in(other)


def test_the_old_password_is_asked_for(client, mira):
    log_in(client)
    form = {"old_password": "wrong", "new_password1": "x" * 20, "new_password2": "x" * 20}
    assert client.post("/account/", form).status_code == 422


def test_one_sees_and_ends_ones_own_logins_only(client, mira):
    make_user("vera", "viewer", PASSWORD)
    log_in(client, headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    other, foreign = Client(), Client()
    log_in(other, headers={"User-Agent": "curl/8"})
    log_in(foreign, username="vera")
    logins = client.get("/account/").context["logins"]
    assert [(login.browser, login.current) for login in logins] == [
        ("Firefox on Linux", True),
        ("curl", False),
    ]
    theirs = foreign.get("/account/").context["logins"][0]
    client.post(f"/account/sessions/{theirs.handle}/end")
    assert is_in(foreign)
    client.post(f"/account/sessions/{logins[1].handle}/end")
    assert not is_in(other)
    assert is_in(client)


def test_all_others_end_at_once(client, mira):
    log_in(client)
    others = [Client(), Client()]
    for other in others:
        log_in(other)
    client.post("/account/sessions/end-others")
    assert [is_in(each) for each in (client, *others)] == [True, False, False]


def test_the_session_key_is_never_shown(client, mira):
    log_in(client)
    assert key_of(client) not in client.get("/account/").content.decode()


def test_the_login_page_tells_a_stranger_of_the_setup_link_only_before_the_first_account(client):
    assert "one-time link" in client.get("/login").content.decode()
    make_user("mira", "admin", PASSWORD)
    assert "one-time link" not in client.get("/login").content.decode()
