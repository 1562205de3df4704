"""What the command palette offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("app_on_engine")


def offered(client: Client) -> Any:
    answer = client.get("/palette.json")
    assert answer.status_code == 200, answer.content[:500]
    return answer.json()


def test_it_lists_containers_with_what_one_may_search_for(
    admin_client: Client, make_container: Callable[..., str]
) -> None:
    container = make_container("true", start=False, Labels={"com.docker.compose.project": "shop"})
    [entry] = [each for each in offered(admin_client)["containers"] if container in each["href"]]
    assert entry["href"] == f"/containers/{container}/"
    assert entry["state"] == "created"
    assert {"busybox:test", "shop", container[:12]} <= set(entry["words"].split())


def test_it_offers_only_what_the_actor_may_begin(admin_client: Client, viewer_client: Client) -> None:
    def labels(client: Client) -> set[str]:
        return {action["label"] for action in offered(client)["actions"]}

    assert "New container" in labels(admin_client)
    assert "New container" not in labels(viewer_client)


@pytest.mark.django_db
def test_it_needs_a_login(client: Client) -> None:
    assert client.get("/palette.json").status_code == 302
