"""What the command palette (Ctrl-K) offers beyond the page it is opened on."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from dockerui.access import Actor
from dockerui.services import live
from dockerui.services.container_row import Row
from dockerui.services.containers_list import ListQuery
from dockerui.web.needs import actor_of, needs


@dataclass(frozen=True)
class Action:
    """Something to begin from anywhere; `words` are searched as well."""

    label: str
    icon: str
    url_name: str
    permission: str
    words: str = ""


ACTIONS = (
    Action("New container", "plus", "container-create", "container.create", "run start"),
    Action("Pull an image", "download", "image-pull", "image.create", "download"),
    Action("Build an image", "box", "image-build", "image.build", "dockerfile"),
    Action("New volume", "plus", "volume-create", "volume.create", ""),
    Action("New network", "plus", "network-create", "network.create", ""),
    Action("Account and password", "user", "account", "home.read", "session logout"),
)


@require_GET
@needs("container.list")
def palette(request: HttpRequest) -> JsonResponse:
    """Actions that the actor may begin, and all containers by name."""
    actor = actor_of(request)
    snapshot = live.container_snapshot(actor, ListQuery())
    rows = sorted(snapshot.rows.values(), key=lambda row: row.name)
    answer = {"actions": _actions(actor), "containers": [_container(row) for row in rows]}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def _actions(actor: Actor) -> list[dict[str, str]]:
    found = []
    for action in ACTIONS:
        if not actor.may(action.permission):
            continue
        try:
            href = reverse(action.url_name)
        except NoReverseMatch:
            continue
        found.append({"label": action.label, "icon": action.icon, "href": href, "words": action.words})
    return found


def _container(row: Row) -> dict[str, str]:
    words = " ".join(filter(None, (row.image, row.project, row.short)))
    href = f"{reverse('container-list')}{row.id}/"
    return {"name": row.name, "state": row.badge, "href": href, "words": words}
