"""Past events in one go, for pages that show what happened to one object."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor
from dockerui.engine.api.system import SYSTEM_EVENTS
from dockerui.engine.protocol.events import read_event
from dockerui.engine.protocol.jsonlines import JsonLinesDecoder
from dockerui.services import event_words
from dockerui.services.door import perform

_TONES = {"ok": "running", "bad": "unhealthy", "warn": "paused"}


@dataclass(frozen=True)
class Past:
    """`time` is in seconds since the epoch, `tone` the name of a state with the same colour."""

    time: float
    sentence: str
    tone: str


def recent(actor: Actor, *, filters: Mapping[str, Any], limit: int, skip: Collection[str] = ()) -> list[Past]:
    """The latest events that the Engine still knows (it keeps 256 of all objects), newest first.

    `skip` names actions to leave out. `GET /events` with `since` and `until`, so that the answer ends.
    """
    query = {"since": 1, "until": int(time.time()) + 1, "filters": filters}
    reply = perform(actor, "event.read", call=lambda engine: engine.call(SYSTEM_EVENTS, query=query))
    decoder = JsonLinesDecoder()
    events = [read_event(raw) for raw in [*decoder.feed(reply.body), *decoder.end()]]
    reveal = actor.may("container.reveal")
    found = [
        Past(
            event.time_ns / 1e9,
            event_words.sentence(event, reveal=reveal),
            _TONES.get(event_words.tone(event), ""),
        )
        for event in events
        if event.action not in skip
    ]
    return found[: -limit - 1 : -1]
