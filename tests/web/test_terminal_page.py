"""The terminal page: who may open it, and what it offers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

MakeContainer = Callable[..., str]


pytestmark = pytest.mark.usefixtures("app_on_engine")


def test_an_admin_gets_the_widget_with_its_container(
    admin_client: Client, make_container: MakeContainer
) -> None:
    container = make_container(name=None)
    page = admin_client.get(f"/containers/{container}/terminal/").content.decode()
    assert 'data-widget="terminal"' in page
    assert f'data-container-id="{container}"' in page
    assert 'data-running="1"' in page
    assert 'name="privileged"' in page


def test_a_stopped_container_starts_no_shell(admin_client: Client, make_container: MakeContainer) -> None:
    container = make_container(start=False)
    page = admin_client.get(f"/containers/{container}/terminal/").content.decode()
    assert 'data-running="0"' in page


def test_a_viewer_is_refused(viewer_client: Client, make_container: MakeContainer) -> None:
    assert viewer_client.get(f"/containers/{'a' * 64}/terminal/").status_code == 403


@pytest.mark.parametrize("ref", ["a%252fb", "..%2Finfo", "%00", "x" * 300])
def test_what_cannot_be_a_container_is_refused(admin_client: Client, ref: str) -> None:
    assert 400 <= admin_client.get(f"/containers/{ref}/terminal/").status_code < 500
