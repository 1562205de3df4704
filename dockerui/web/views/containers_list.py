"""The containers list, and what is done to several containers at once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from dockerui.access import Actor
from dockerui.fragments.containers import table_html
from dockerui.services import containers_bulk, containers_list, live
from dockerui.services.containers_list import ListQuery, ListView
from dockerui.web.container_controls import controls
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("container.list")
def container_list(request: HttpRequest) -> HttpResponse:
    """All containers that match the URL's filters, from the live board where there is one."""
    query, view = containers_list.parse(dict(request.GET.lists()))
    if "" in request.GET.values():  # the filter form sends its empty fields too
        return redirect(f"{request.path}?{urlencode(query.pairs + view.pairs)}")
    return render(request, "containers/list.html", table_context(actor_of(request), query, view))


def table_context(actor: Actor, query: ListQuery, view: ListView) -> dict[str, Any]:
    """What the live table of containers and its surroundings need, for any page that shows one."""
    snapshot = live.container_snapshot(actor, query)
    return {
        **controls(query, view, snapshot),
        "args": json.dumps({**query.args, "seen": snapshot.seen}),
        "table": mark_safe(table_html(snapshot, view)),  # noqa: S308 escaped by the rows' own templates
    }


@require_POST
@needs("container.list")
def container_bulk(request: HttpRequest, action: str) -> HttpResponse:
    """One action on several containers; every container has a result of its own."""
    order = containers_bulk.parse(action, dict(request.POST.lists()))
    results = containers_bulk.run(actor_of(request), order)
    return JsonResponse({"action": action, "results": [result.as_json() for result in results]})
