"""The Engine's events: a live page, and a download."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from dockerui.services import event_query, events
from dockerui.web.event_controls import controls
from dockerui.web.needs import actor_of, needs


@require_GET
@needs("event.read")
def event_list(request: HttpRequest) -> HttpResponse:
    """Events past and live; they come over the socket."""
    asked = {key: [value for value in values if value] for key, values in request.GET.lists()}
    query = event_query.parse(asked)
    if "" in request.GET.values():  # the filter form sends its empty fields too
        return redirect(f"{request.path}?{urlencode({k: v for k, v in asked.items() if v}, doseq=True)}")
    since, until = (asked.get(key, [""])[-1] for key in ("since", "until"))
    args = {"filters": query.engine_filters, "since": since or None, "until": until or None}
    return render(request, "events/list.html", {**controls(query, since, until), "args": json.dumps(args)})


@require_GET
@needs("event.read")
async def event_download(request: HttpRequest) -> StreamingHttpResponse:
    """What the Engine remembers of the URL's filters, one JSON document a line."""
    query = event_query.parse(dict(request.GET.lists()))
    pieces = await events.download(actor_of(request), query)
    name = time.strftime("events-%Y%m%d-%H%M%S.ndjson", time.gmtime())
    return StreamingHttpResponse(
        pieces,
        content_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
