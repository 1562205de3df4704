"""What surrounds the events: the filter form and the chips of what is chosen."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dockerui.services.event_query import ACTIONS, TYPES, EventQuery
from dockerui.web.container_controls import Field

FIELDS = (
    Field("container", "Container", "name or id"),
    Field("image", "Image", "nginx:1.27 or an id"),
    Field("label", "Label", "key or key=value"),
    Field("volume", "Volume", "its name"),
    Field("network", "Network", "name or id"),
    Field("daemon", "Engine", "name or id"),
    Field("plugin", "Plugin", "name or id"),
    Field("service", "Service", "name or id"),
    Field("node", "Node", "name or id"),
    Field("secret", "Secret", "name or id"),
    Field("config", "Config", "name or id"),
    Field("scope", "Scope", choices=("local", "swarm")),
)


def controls(query: EventQuery, since: str, until: str) -> dict[str, Any]:
    """The template's context for everything but the events; times as they were typed."""
    chosen = dict(query.filters)
    times = [(key, value) for key, value in (("since", since), ("until", until)) if value]
    pairs = query.pairs + times
    return {
        "chosen": chosen,
        "live": not until,
        "since": since,
        "until": until,
        "types": TYPES,
        "actions": ACTIONS,
        "events": (*chosen.get("event", ()), ""),
        "fields": [Field(f.key, f.label, f.hint, f.choices, f.many, chosen.get(f.key, ())) for f in FIELDS],
        "chips": [
            {
                "key": key,
                "value": value,
                "without": urlencode([pair for pair in pairs if pair != (key, value)]),
            }
            for key, value in pairs
        ],
        "pairs": urlencode(pairs),
    }
