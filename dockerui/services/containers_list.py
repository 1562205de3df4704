"""What a viewer of the containers list asked for, from the page's URL: checked here, filtered by the Engine.

The parameters that go to the Engine are the `filters` keys of `GET /containers/json`, by their own names and
repeatable, plus `limit` and `size`. `q`, `view`, `sort` and `group` say how the page shows what came back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dockerui.services.container_row import Row
from dockerui.services.errors import BadInput

MAX_VALUES = 20  # of one filter
MAX_LENGTH = 512  # characters of one value
MAX_LIMIT = 10_000

STATES = ("created", "restarting", "running", "removing", "paused", "exited", "dead")
HEALTHS = ("starting", "healthy", "unhealthy", "none")
ISOLATIONS = ("default", "process", "hyperv")
VIEWS = ("all", "running", "unhealthy", "stopped")
SORTS = ("name", "state", "image", "created", "cpu", "memory", "network")

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_HEX = re.compile(r"[0-9a-fA-F]{1,64}")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:@-]*")
_PORT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(?:tcp|udp|sctp))?")
_CODE = re.compile(r"-?[0-9]{1,10}")
_COUNT = re.compile(r"[0-9]{1,9}")


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _is_port(value: str) -> bool:
    found = _PORT.fullmatch(value)
    if not found:
        return False
    first, last = int(found[1]), int(found[2] or found[1])
    return 1 <= first <= last <= 65535


def _is_label(value: str) -> bool:
    return not value.startswith("=")


def _anything(value: str) -> bool:
    return True


FILTERS: dict[str, tuple[Callable[[str], bool], str]] = {
    "status": (_one_of(*STATES), "one of " + ", ".join(STATES)),
    "health": (_one_of(*HEALTHS), "one of " + ", ".join(HEALTHS)),
    "exited": (_matches(_CODE), "an exit code, a whole number"),
    "label": (_is_label, "a label's key, or key=value"),
    "ancestor": (_matches(_IMAGE), "an image: name, name:tag, name@digest or id"),
    "network": (_matches(_REF), "a network's name or id"),
    "volume": (_anything, "a volume's name or the place it is mounted at"),
    "before": (_matches(_REF), "a container's name or id"),
    "since": (_matches(_REF), "a container's name or id"),
    "name": (_anything, "a part of a name"),
    "id": (_matches(_HEX), "the beginning of an id"),
    "publish": (_is_port, "a port or range, with or without protocol: 80, 80/tcp, 8000-8100/tcp"),
    "expose": (_is_port, "a port or range, with or without protocol: 80, 80/tcp, 8000-8100/tcp"),
    "isolation": (_one_of(*ISOLATIONS), "one of " + ", ".join(ISOLATIONS)),
    "is-task": (_one_of("true", "false"), "true or false"),
}
"""Each `filters` key of the Engine: how a value is checked, and what it should be in words."""

SINGLE = frozenset({"before", "since", "is-task"})  # the Engine looks at one value of these


@dataclass(frozen=True)
class ListQuery:
    """What the Engine is asked for. Equal queries share one live board."""

    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int | None = None
    size: bool = False

    @property
    def engine_filters(self) -> dict[str, list[str]]:
        """As the client wants them."""
        return {key: list(values) for key, values in self.filters}

    @property
    def bounds(self) -> dict[str, str]:
        """The filters `since` and `before` as parameters of the query, which the Engine's API has as well.

        Docker 20.10 and newer go by the filters and ignore the parameters; an Engine that goes by either
        then answers the same.
        """
        return {key: values[0] for key, values in self.filters if key in ("since", "before")}

    @property
    def by_object(self) -> bool:
        """Whether a container can be looked up on its own: whether it belongs depends on no other one."""
        alone = {"before", "since", "id"}.isdisjoint(key for key, _ in self.filters)
        return alone and self.limit is None

    @property
    def args(self) -> dict[str, Any]:
        """As a browser opens the `containers` topic with it."""
        return {"filters": self.engine_filters, "limit": self.limit, "size": self.size}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As name and value, once per value."""
        pairs = [(key, value) for key, values in self.filters for value in values]
        return pairs + [("limit", str(self.limit))] * (self.limit is not None) + [("size", "1")] * self.size


@dataclass(frozen=True)
class ListView:
    """How the page shows the list."""

    q: str = ""
    view: str = "all"
    sort: str = "name"
    descending: bool = False
    grouped: bool = True

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As URL parameters, those that are not as usual."""
        sort = f"{'-' if self.descending else ''}{self.sort}"
        given = [("q", self.q), ("view", self.view), ("sort", sort), ("group", "1" if self.grouped else "0")]
        usual = {("q", ""), ("view", "all"), ("sort", "name"), ("group", "1")}
        return [pair for pair in given if pair not in usual]

    def shows(self, row: Row) -> bool:
        """Whether the quick filters let the row through; the browser applies the same rule."""
        if self.view == "running" and row.badge not in ("running", "starting"):
            return False
        if self.view == "unhealthy" and row.badge != "unhealthy":
            return False
        if self.view == "stopped" and row.state not in ("exited", "created", "dead"):
            return False
        return all(word in row.search for word in self.q.lower().split())


def parse(params: Mapping[str, Sequence[str]]) -> tuple[ListQuery, ListView]:
    """Read a URL's parameters, each with all its values. Raises BadInput for any it does not know or
    understand.
    """
    known = {*FILTERS, "limit", "size", "q", "view", "sort", "group"}
    for key in params:
        if key not in known:
            raise BadInput(f"The list has no filter {key[:40]!r}.")
    chosen = {key: [value for value in params[key] if value] for key in FILTERS if key in params}
    query = make_query(chosen, limit=_last(params, "limit"), size=_last(params, "size"))
    sort = _last(params, "sort") or "name"
    view = ListView(
        q=_text("q", _last(params, "q")),
        view=_choice("view", _last(params, "view") or "all", VIEWS),
        sort=_choice("sort", sort.removeprefix("-"), SORTS),
        descending=sort.startswith("-"),
        grouped=_choice("group", _last(params, "group") or "1", ("0", "1")) == "1",
    )
    return query, view


def make_query(
    filters: Mapping[str, Iterable[Any]], *, limit: object = None, size: object = None
) -> ListQuery:
    """The checked query. Raises BadInput with words for a person."""
    checked = []
    for key in sorted(filters):
        values = filters[key]
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise BadInput(f"The filter {key[:40]} needs a list of values.")
        unique = tuple(sorted({_value(key, value) for value in values}))
        if len(unique) > (1 if key in SINGLE else MAX_VALUES):
            raise BadInput(f"Too many values for the filter {key}.")
        if unique:
            checked.append((key, unique))
    return ListQuery(tuple(checked), _limit(limit), str(size or "0").lower() in ("1", "true", "on"))


def _value(key: str, value: Any) -> str:
    if key not in FILTERS:
        raise BadInput(f"The list has no filter {key[:40]!r}.")
    check, words = FILTERS[key]
    text = _text(key, value)
    if not text or not check(text):
        raise BadInput(f"{key} must be {words}.")
    return text


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{key} must be text.")
    if len(value) > MAX_LENGTH or any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in value):
        raise BadInput(f"{key} must be at most {MAX_LENGTH} characters without control characters.")
    return value.strip()


def _limit(value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value)
    if isinstance(value, bool) or not _COUNT.fullmatch(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise BadInput(f"limit must be a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def _choice(key: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise BadInput(f"{key} must be one of {', '.join(allowed)}.")
    return value


def _last(params: Mapping[str, Sequence[str]], key: str) -> str:
    return params[key][-1] if params.get(key) else ""
