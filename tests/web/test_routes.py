"""Every address declares who may open it, and that is what happens."""

from __future__ import annotations

import pytest
from django.test import Client

from dockerui.access import PERMISSIONS
from dockerui.access.roles import permissions_of
from dockerui.audit.models import AuditEntry
from dockerui.web.needs import PUBLIC
from tests.support.accounts import make_user
from tests.support.silent_engine import SilentEngine
from tests.web.routes import Route, routes

ALL = routes()
GUARDED = [route for route in ALL if route.needs != PUBLIC]
NOT_FOR_VIEWERS = [route for route in GUARDED if route.needs not in permissions_of("viewer")]

every = pytest.mark.parametrize("route", ALL, ids=str)
guarded = pytest.mark.parametrize("route", GUARDED, ids=str)


@every
def test_it_declares_a_permission_that_exists(route: Route) -> None:
    assert route.needs == PUBLIC or route.needs in PERMISSIONS


def test_few_are_open_to_strangers() -> None:
    assert {route.name for route in ALL if route.needs == PUBLIC} == {"healthz", "login", "setup"}


def test_every_name_is_given_once() -> None:
    names = [route.name for route in ALL]
    assert sorted(set(names)) == sorted(names)


@guarded
@pytest.mark.django_db
def test_a_stranger_is_sent_to_log_in_and_the_engine_hears_nothing(
    route: Route, client: Client, silent_engine: SilentEngine
) -> None:
    for answer in (client.get(route.url), client.post(route.url)):
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login")
    assert silent_engine.calls == 0


@guarded
@pytest.mark.django_db
def test_a_script_of_a_stranger_is_told_so(route: Route, client: Client) -> None:
    for headers in ({"Accept": "application/json"}, {"HX-Request": "true"}):
        answers = [client.get(route.url, headers=headers), client.post(route.url, headers=headers)]
        assert {answer.status_code for answer in answers} <= {401, 405}


@pytest.mark.parametrize("route", NOT_FOR_VIEWERS, ids=str)
@pytest.mark.django_db
def test_a_viewer_is_refused_and_the_engine_hears_nothing(
    route: Route, viewer_client: Client, silent_engine: SilentEngine
) -> None:
    answers = [viewer_client.get(route.url), viewer_client.post(route.url)]
    assert {answer.status_code for answer in answers} <= {403, 405}
    assert 403 in {answer.status_code for answer in answers}
    assert silent_engine.calls == 0


@guarded
@pytest.mark.django_db
def test_a_form_without_our_token_is_refused_and_the_engine_hears_nothing(
    route: Route, silent_engine: SilentEngine
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("mira", "admin"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(route.url)
    assert answer.status_code in (403, 405)
    assert silent_engine.calls == 0


# Its download waits for a job that only a server runs; it reads, and is refused to viewers above.
WITHOUT_A_SERVER = {"container-export"}


@pytest.mark.parametrize("route", [r for r in GUARDED if r.name not in WITHOUT_A_SERVER], ids=str)
@pytest.mark.django_db
def test_no_get_begins_a_mutation(route: Route, admin_client: Client, silent_engine: SilentEngine) -> None:
    admin_client.get(route.url)
    begun = AuditEntry.objects.filter(outcome__in=("started", "queued", "requested"))
    assert not begun.exclude(action="container.reveal").exists()  # which shows, and is audited for that
