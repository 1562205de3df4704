"""What a viewer of the events asked for: time range and filters, checked before the Engine is asked."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dockerui.engine.protocol.events import Event
from dockerui.services.errors import BadInput

TYPES = (
    "container", "image", "volume", "network", "daemon", "plugin", "builder", "service", "node", "secret",
    "config",
)  # fmt: skip
FILTERS = (
    "type", "event", "container", "image", "label", "volume", "network", "daemon", "plugin", "scope", "node",
    "service", "secret", "config",
)  # fmt: skip
"""Every `filters` key of `GET /events`."""
ACTIONS = (
    "attach", "commit", "copy", "create", "destroy", "detach", "die", "exec_create", "exec_detach",
    "exec_die", "exec_start", "export", "health_status", "kill", "oom", "pause", "rename", "resize",
    "restart", "start", "stop", "top", "unpause", "update", "delete", "import", "load", "pull", "push",
    "save", "tag", "untag", "mount", "unmount", "connect", "disconnect", "reload", "prune",
    "archive-path", "extract-to-dir",
)  # fmt: skip
"""What the page offers for `event`; any other word may be typed, since newer Engines have more."""

MAX_VALUES = 20
MAX_LENGTH = 512

_RELATIVE = re.compile(r"([0-9]{1,6})([smhd])")
_UNIX = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}(: ?[A-Za-z0-9_ -]{1,64})?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class EventQuery:
    """Times are Unix seconds. Queries with equal `filters` share one stream of the Engine."""

    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: float | None = None
    until: float | None = None

    @property
    def engine_filters(self) -> dict[str, list[str]]:
        """As the client wants them."""
        return {key: list(values) for key, values in self.filters}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The filters as name and value, once per value."""
        return [(key, value) for key, values in self.filters for value in values]

    def covers(self, event: Event) -> bool:
        """Whether the event lies in the time range."""
        second = event.time_ns / 1e9
        return (self.since is None or second >= self.since) and (self.until is None or second < self.until)


def make_query(
    filters: Mapping[str, Iterable[Any]],
    *,
    since: object = None,
    until: object = None,
    now: float | None = None,
) -> EventQuery:
    """The checked query. Raises BadInput with words for a person."""
    checked = []
    for key in sorted(filters):
        if key not in FILTERS:
            raise BadInput(f"Events have no filter {str(key)[:40]!r}.")
        values = filters[key]
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise BadInput(f"The filter {key} needs a list of values.")
        unique = tuple(sorted({_value(key, value) for value in values}))
        if len(unique) > MAX_VALUES:
            raise BadInput(f"Too many values for the filter {key}.")
        if unique:
            checked.append((key, unique))
    moment = time.time() if now is None else now
    query = EventQuery(tuple(checked), _time("since", since, moment), _time("until", until, moment))
    if query.since is not None and query.until is not None and query.until <= query.since:
        raise BadInput("until must be later than since.")
    return query


def parse(params: Mapping[str, list[str]]) -> EventQuery:
    """Read the page's URL parameters. Raises BadInput for any it does not know or understand."""
    for key in params:
        if key not in (*FILTERS, "since", "until"):
            raise BadInput(f"Events have no filter {key[:40]!r}.")
    chosen = {key: [value for value in params[key] if value] for key in FILTERS if key in params}
    times = {key: params[key][-1] if params.get(key) else None for key in ("since", "until")}
    return make_query(chosen, since=times["since"], until=times["until"])


def _value(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{key} must be text.")
    if len(value) > MAX_LENGTH or any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in value):
        raise BadInput(f"{key} must be at most {MAX_LENGTH} characters without control characters.")
    if key == "type" and value not in TYPES:
        raise BadInput(f"type must be one of {', '.join(TYPES)}.")
    if key == "scope" and value not in ("local", "swarm"):
        raise BadInput("scope must be local or swarm.")
    if key == "event" and not _WORD.fullmatch(value):
        raise BadInput("event must be an action, such as start or health_status.")
    return value.strip()


def _time(key: str, value: object, now: float) -> float | None:
    """Unix seconds from `1700000000.5`, `2026-01-31T12:00:00Z` or `15m` (before now)."""
    if value is None or value == "":
        return None
    text = str(value).strip()
    if found := _RELATIVE.fullmatch(text):
        return now - int(found[1]) * _SECONDS[found[2]]
    if _UNIX.fullmatch(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        raise BadInput(f"{key} must be a time: 15m, 2h, 2026-01-31T12:00:00Z or Unix seconds.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
