"""What goes wrong, in the form that was asked for: a page, a toast, JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dockerui.engine import Endpoint, errors
from dockerui.services import engines, people
from dockerui.services.errors import BadInput
from tests.support.silent_engine import SilentEngine

pytestmark = pytest.mark.django_db

CANARY = "/var/lib/docker/overlay2/canary"
HTMX = {"HX-Request": "true"}
SCRIPT = {"Accept": "application/json"}


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the account page fail in a certain way; any page would do."""

    def raise_it(*_: Any) -> None:
        raise error

    monkeypatch.setattr(people, "sessions_of", raise_it)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (BadInput("Port 65536 is too large."), 400, "Port 65536 is too large."),
        (errors.BadParameter(400, "invalid signal: FOO"), 400, "Invalid signal: FOO."),
        (errors.Unauthorized(401, "incorrect username or password"), 400, "Incorrect username or password."),
        (errors.Forbidden(403, "bridge is a pre-defined network"), 403, "Bridge is a pre-defined network."),
        (errors.NotFound(404, "no such container: x"), 404, "No such container: x."),
        (errors.NotFound(404, "network back not found"), 404, "Network back not found."),
        (errors.Conflict(409, "container is paused"), 409, "Container is paused."),
        (errors.NotSupported("This Engine lacks it"), 501, "This Engine lacks it."),
        (errors.StreamCut("cut"), 502, "Cut."),
        (errors.ProtocolError("garbage"), 502, "Garbage."),
        (errors.VersionMismatch("API 1.18 at most"), 502, "API 1.18 at most."),
        (errors.EngineUnavailable("connection refused"), 503, "Connection refused."),
        (errors.EngineTimeout("no answer"), 504, "No answer."),
    ],
)
def test_each_failure_has_its_status_and_words(
    admin_client: Client,
    silent_engine: SilentEngine,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    text: str,
) -> None:
    fail(monkeypatch, error)
    page = admin_client.get("/account/")
    assert page.status_code == status
    assert text in page.content.decode()
    assert '<aside class="side"' in page.content.decode()

    toast = admin_client.get("/account/", headers=HTMX)
    assert toast.status_code == status
    assert toast.headers["HX-Retarget"] == "#toasts"
    assert toast.headers["HX-Reswap"] == "beforeend"
    assert text in toast.content.decode()
    assert "<html" not in toast.content.decode()

    script = admin_client.get("/account/", headers=SCRIPT)
    assert script.status_code == status
    assert script.json()["message"] == text


def test_an_engines_failure_is_generic_for_viewers_and_the_log_has_the_rest(
    viewer_client: Client,
    admin_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fail(monkeypatch, errors.ServerError(500, f"open {CANARY}: permission denied"))
    page = viewer_client.get("/account/")
    number = page.headers["X-Request-Id"]
    assert page.status_code == 502
    assert CANARY not in page.content.decode()
    assert number in page.content.decode()
    assert number in caplog.text
    assert CANARY in caplog.text
    assert CANARY in admin_client.get("/account/").content.decode()


def test_a_bug_shows_a_number_and_nothing_else(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    admin_client.raise_request_exception = False
    fail(monkeypatch, ZeroDivisionError(CANARY))
    for headers in ({}, HTMX, SCRIPT):
        page = admin_client.get("/account/", headers=headers)
        assert page.status_code == 500
        assert CANARY not in page.content.decode()
        assert "ZeroDivisionError" not in page.content.decode()
        assert page.headers["X-Request-Id"] in page.content.decode()
        assert page.headers["X-Request-Id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_without_an_engine_every_page_says_what_to_do(
    admin_client: Client, viewer_client: Client, tmp_path: Any
) -> None:
    engines.use(Endpoint("unix", path=str(tmp_path / "none.sock")))
    try:
        for client in (admin_client, viewer_client):
            page = client.get("/containers/")
            text = page.content.decode()
            assert page.status_code == 503
            assert str(tmp_path / "none.sock") in text
            assert 'data-widget="engine-wait"' in text
            assert "<code>systemctl start docker</code>" in text
            assert page.headers["Retry-After"]
            assert client.get("/account/").status_code == 200
            assert client.get("/side?at=/").status_code == 200
    finally:
        engines.use(None)


PAGES = (
    "/containers/",
    f"/containers/{'a' * 64}/",
    f"/containers/{'a' * 64}/logs/",
    f"/containers/{'a' * 64}/stats/",
    f"/containers/{'a' * 64}/terminal/",
    f"/containers/{'a' * 64}/processes/",
    f"/containers/{'a' * 64}/changes/",
    f"/containers/{'a' * 64}/inspect/",
    "/images/",
    "/volumes/",
    "/volumes/data/",
    "/networks/",
    "/networks/?view=picture",
    "/networks/bridge/",
    "/projects/",
    "/projects/shop/",
    "/projects/shop/logs/",
    "/system/",
    "/system/disk/",
    "/system/capabilities/",
)
WITHOUT = ("/events/", "/registries/", "/jobs/", "/accounts/", "/audit/", "/account/", "/networks/new")
"""Pages that need no answer of the Engine: what is live on them says itself that it waits."""


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_lost_without_an_engine(admin_client: Client, tmp_path: Any, path: str) -> None:
    engines.use(Endpoint("unix", path=str(tmp_path / "none.sock")))
    try:
        page = admin_client.get(path)
    finally:
        engines.use(None)
    assert page.status_code == 503
    assert 'data-widget="engine-wait"' in page.content.decode()


@pytest.mark.parametrize("path", WITHOUT)
def test_pages_of_our_own_work_without_an_engine(admin_client: Client, tmp_path: Any, path: str) -> None:
    engines.use(Endpoint("unix", path=str(tmp_path / "none.sock")))
    try:
        assert admin_client.get(path).status_code == 200
    finally:
        engines.use(None)


def test_what_waits_for_the_engine_hears_when_it_answers(
    admin_client: Client, silent_engine: SilentEngine
) -> None:
    assert admin_client.get("/engine").status_code == 503
    assert admin_client.get("/engine").json()["up"] is False


def test_healthz_is_open_and_tells_strangers_nothing(
    client: Client, admin_client: Client, silent_engine: SilentEngine
) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert silent_engine.calls == 0
    state = admin_client.get("/healthz")
    assert (state.status_code, state.json()["up"], state.json()["engine"]["up"]) == (200, True, False)


@pytest.mark.parametrize(
    "path",
    [
        "/containers/%2e%2e%2finfo/",
        "/containers/a%252fb/",
        "/containers/a%00b/",
        "/containers/a%0d%0ab/",
        "/containers/%ed%b2%80/",
        "/containers/" + "x" * 10_000 + "/",
        "/containers/a%e2%80%aeb/",
        "/containers/..%5cinfo/",
        "/containers/abc%3fforce=1/",
    ],
)
def test_bad_ids_are_4xx_and_the_engine_hears_nothing(
    admin_client: Client, silent_engine: SilentEngine, path: str
) -> None:
    for answer in (
        admin_client.get(path),
        admin_client.post(path + "start"),
        admin_client.post(path + "remove"),
    ):
        assert 400 <= answer.status_code < 500
    assert silent_engine.calls == 0


def test_text_is_text_in_errors(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, errors.NotFound(404, "no such container: <img src=x onerror=alert(1)>"))
    for headers in ({}, HTMX):
        assert "<img src=x" not in admin_client.get("/account/", headers=headers).content.decode()


VISIT = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}


def test_the_address_of_a_button_opened_as_a_page_is_explained(admin_client: Client) -> None:
    answer = admin_client.get("/containers/x/stop", headers=VISIT)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Nothing has been done" in answer.content.decode()
    assert '<aside class="side"' in answer.content.decode()
    assert admin_client.get("/containers/x/stop").content == b""


@pytest.mark.parametrize(("part", "page"), [("/side", "/"), ("/containers/x/header", "/containers/x/")])
def test_a_part_of_a_page_opened_by_itself_leads_to_the_page(
    admin_client: Client, part: str, page: str
) -> None:
    assert admin_client.get(part, headers=VISIT)["Location"] == page


def test_a_container_without_its_network_is_told_what_to_do(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, errors.NotFound(404, "network back not found"))
    assert "Edit and replace" in admin_client.get("/account/", headers=SCRIPT).json()["hint"]
