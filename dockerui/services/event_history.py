"""Past events in one go, for pages that show what happened to one object."""

from __future__ import annotations

import time
from dataclasses import dataclass

from dockerui.access import Actor
from dockerui.engine.api.system import SYSTEM_EVENTS
from dockerui.engine.protocol.events import Event, read_event
from dockerui.engine.protocol.jsonlines import JsonLinesDecoder
from dockerui.services import event_words, events
from dockerui.services.door import perform

HEALTH_CHANGES = 6  # shown at most
_PROBES = frozenset(("exec_create", "exec_start", "exec_die", "top"))
_TONES = {"ok": "running", "bad": "unhealthy", "warn": "paused"}


@dataclass(frozen=True)
class Past:
    """`time` is in seconds since the epoch, `tone` the name of a state with the same colour."""

    time: float
    sentence: str
    tone: str


def recent(actor: Actor, container: str, *, limit: int) -> list[Past]:
    """The latest events of a container (full id), newest first.

    From the Engine, which keeps 256 events of all objects, and from this server's own log, which keeps more.
    The probes of health checks are left out, and of a health that goes up and down only the latest changes
    are shown: neither may push the starts and the ends out of sight. `GET /events`
    """
    known = [*_of_engine(actor, container), *events.remembered(actor, container)]
    unique = {(event.time_ns, event.action, event.detail): event for event in known}
    found: list[Event] = []
    changes = 0
    for event in sorted(unique.values(), key=lambda event: event.time_ns, reverse=True):
        changes += event.action == "health_status"
        if event.action in _PROBES or (event.action == "health_status" and changes > HEALTH_CHANGES):
            continue
        found.append(event)
    reveal = actor.may("container.reveal")
    return [
        Past(
            event.time_ns / 1e9,
            event_words.sentence(event, reveal=reveal),
            _TONES.get(event_words.tone(event), ""),
        )
        for event in found[:limit]
    ]


def _of_engine(actor: Actor, container: str) -> list[Event]:
    """`since` and `until` make the answer end."""
    query = {"since": 1, "until": int(time.time()) + 1, "filters": {"container": [container]}}
    reply = perform(actor, "event.read", call=lambda engine: engine.call(SYSTEM_EVENTS, query=query))
    decoder = JsonLinesDecoder()
    return [read_event(raw) for raw in [*decoder.feed(reply.body), *decoder.end()]]
