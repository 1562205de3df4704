"""What is refused is refused before anything is sent to the Engine, whichever way it was asked for."""

from __future__ import annotations

import pytest
from django.test import Client

from dockerui.access import PERMISSIONS, Actor, Forbidden
from dockerui.access.roles import permissions_of
from dockerui.audit.models import AuditEntry
from dockerui.engine.errors import NotFound, ServerError
from dockerui.engine.operation import OPERATIONS
from dockerui.services import containers_bulk, disk
from dockerui.services.errors import for_everybody
from tests.support.silent_engine import SilentEngine

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", containers_bulk.ACTIONS)
def test_actions_on_many_are_refused_to_viewers_unasked(
    action: str, viewer_client: Client, silent_engine: SilentEngine
) -> None:
    for url in (f"/containers/bulk/{action}", f"/projects/shop/{action}"):
        assert viewer_client.post(url, {"ids": ["a" * 64]}).status_code == 403, url
    assert silent_engine.calls == 0


def test_an_action_that_does_not_exist_is_refused_unasked(
    admin_client: Client, silent_engine: SilentEngine
) -> None:
    for action in ("exec", "delete", "create"):
        assert admin_client.post(f"/projects/shop/{action}").status_code == 400
    assert silent_engine.calls == 0


@pytest.mark.parametrize("kind", ["container", "image", "volume", "network"])
def test_a_clean_up_needs_the_right_to_remove_each_sort(kind: str) -> None:
    lacking = permissions_of("admin") - {f"{kind}.remove"}
    actor = Actor("user", None, "otto", lacking)
    with pytest.raises(Forbidden):
        disk.clean_up(actor, [f"{kind}:{'a' * 64}"])
    assert not AuditEntry.objects.exists()


def test_every_operation_has_a_permission_and_no_viewer_has_one_that_changes_anything() -> None:
    for operation in OPERATIONS.values():
        assert operation.permission in PERMISSIONS
        if operation.mutates:
            assert operation.permission not in permissions_of("viewer"), operation.name


def test_a_view_that_people_share_does_not_quote_the_engines_failures() -> None:
    told = for_everybody(ServerError(500, "open /var/lib/docker/secret: no space left"))
    assert "/var/lib" not in told
    assert "no such container" in for_everybody(NotFound(404, "no such container: x")).lower()
