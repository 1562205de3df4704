"""What somebody asks of a log: checked here, whole, before anything is sent to the Engine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.engine.protocol.logline import parse_time, to_seconds
from dockerui.services.door import FULL_ID, REFERENCE
from dockerui.services.errors import BadInput

MOST_MESSAGES = 100_000_000  # of a tail: more is the same as all
LARGEST_WINDOW = 1 << 20
SMALLEST_WINDOW = 64 << 10
_INSTANT = re.compile(r"\d{1,10}(\.\d{1,9})?")
_COUNT = re.compile(r"\d{1,18}")
_TRUE, _FALSE = frozenset(("1", "true")), frozenset(("", "0", "false"))


@dataclass(frozen=True)
class LogRequest:
    """A log to read. Times are Unix seconds as text with up to nine decimals, as the Engine takes them.

    `tail` is how many of the last messages to begin with, None for all. `at` begins instead `before` messages
    ahead of a time. `window` is how many bytes may be under way to the browser.
    """

    ref: str
    stdout: bool = True
    stderr: bool = True
    since: str | None = None
    until: str | None = None
    tail: int | None = None
    at: str | None = None
    before: int = 0
    follow: bool = False
    details: bool = False
    window: int = LARGEST_WINDOW


def log_request(args: Mapping[str, Any]) -> LogRequest:
    """Read what a browser sends, as JSON or as the texts of a URL. Raises BadInput."""
    request = LogRequest(
        ref=_reference(args.get("id")),
        stdout=_flag(args, "stdout", True),
        stderr=_flag(args, "stderr", True),
        since=time_of(args, "since"),
        until=time_of(args, "until"),
        tail=tail_of(args),
        at=time_of(args, "at"),
        before=_count(args.get("before", 0), "before"),
        follow=_flag(args, "follow", False),
        details=_flag(args, "details", False),
        window=_window(args),
    )
    if not (request.stdout or request.stderr):
        raise BadInput("Choose at least one of stdout and stderr.")
    if request.since and request.until and nanoseconds(request.since) > nanoseconds(request.until):
        raise BadInput("The log would end before it begins: since is later than until.")
    return request


def time_of(args: Mapping[str, Any], name: str) -> str | None:
    """A time in the Engine's spelling, from Unix seconds or RFC 3339; None for none. Raises BadInput."""
    value = args.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return value
    if type(value) in (int, float) and math.isfinite(value) and 0 <= value < 1e10:
        return to_seconds(round(value * 10**9))
    try:
        if not isinstance(value, str) or len(value) > 64:
            raise ValueError
        found = parse_time(value)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{name} must be a time: Unix seconds, or like 2026-01-31T12:00:00Z.") from error
    if found < 0:
        raise BadInput(f"{name} must not be before 1970.")
    return to_seconds(found)


def tail_of(args: Mapping[str, Any]) -> int | None:
    """A number of messages, None for all. Raises BadInput for what is neither a count nor `all`."""
    value = args.get("tail", "all")
    return None if value in ("all", "", None) else min(MOST_MESSAGES, _count(value, "tail"))


def nanoseconds(time: str) -> int:
    """Unix seconds as text to whole nanoseconds."""
    seconds, _, fraction = time.partition(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def _window(args: Mapping[str, Any]) -> int:
    asked = _count(args.get("window", LARGEST_WINDOW), "window")
    return min(LARGEST_WINDOW, max(SMALLEST_WINDOW, asked))


def _reference(value: Any) -> str:
    if not isinstance(value, str) or not (FULL_ID.fullmatch(value) or REFERENCE.fullmatch(value)):
        raise BadInput("That is not the id or the name of a container.")
    return value


def _count(value: Any, name: str) -> int:
    if isinstance(value, str) and _COUNT.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or value < 0:
        raise BadInput(f"{name} must be a whole number that is not negative.")
    return value


def _flag(args: Mapping[str, Any], name: str, default: bool) -> bool:
    value = args.get(name, default)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise BadInput(f"{name} must be true or false.")
