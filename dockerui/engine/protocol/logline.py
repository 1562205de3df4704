"""Times as an Engine writes them, and log lines that begin with one.

Wire format of a line with `timestamps=1`: `2026-01-31T12:00:00.123456789Z message`. Docker writes nine
decimals and
`Z`; Podman may write fewer, and an offset such as `+01:00`. A line longer than 16 KiB comes in several
frames, each with the timestamp. Times are kept as whole nanoseconds since 1970: a float cannot hold them.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_SECOND = 10**9
_EPOCH = date(1970, 1, 1).toordinal()
_FORM = re.compile(
    rb"(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?(?:[Zz]|([+-])(\d{2}):?(\d{2}))"
)


def parse_time(text: str | bytes) -> int:
    """RFC 3339 with up to nine decimals to nanoseconds since 1970. Raises ValueError."""
    found = _FORM.fullmatch(text.encode("ascii", "replace") if isinstance(text, str) else text)
    if not found:
        raise ValueError("not an RFC 3339 time")
    return _nanoseconds(found)


def format_time(nanoseconds: int) -> str:
    """Nanoseconds since 1970 to RFC 3339 in UTC with nine decimals, as Docker writes them."""
    seconds, fraction = divmod(nanoseconds, _SECOND)
    days, rest = divmod(seconds, 86400)
    day = date.fromordinal(_EPOCH + days)
    return f"{day}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{fraction:09}Z"


def to_seconds(nanoseconds: int) -> str:
    """Nanoseconds to the `seconds.nanos` form that `since` and `until` take everywhere."""
    seconds, fraction = divmod(nanoseconds, _SECOND)
    return f"{seconds}.{fraction:09}"


def split_line(line: bytes) -> tuple[int | None, bytes]:
    """Take the timestamp off a log line: nanoseconds (None when there is no timestamp) and the message.

    >>> split_line(b"1970-01-01T00:00:01.000000002Z hello")
    (1000000002, b'hello')
    """
    found = _FORM.match(line)
    if not found:
        return None, line
    after = found.end()
    if line[after : after + 1] not in (b" ", b"", b"\n", b"\r"):
        return None, line
    try:
        time = _nanoseconds(found)
    except ValueError:
        return None, line
    return time, line[after + 1 :] if line[after : after + 1] == b" " else line[after:]


def _nanoseconds(found: re.Match[bytes]) -> int:
    seconds = _whole_seconds(found[1])
    if found[3]:
        offset = int(found[4]) * 3600 + int(found[5]) * 60
        seconds += offset if found[3] == b"-" else -offset
    return seconds * _SECOND + int((found[2] or b"0").ljust(9, b"0"))


# Lines come in order: neighbours share their second.
@lru_cache(maxsize=64)
def _whole_seconds(text: bytes) -> int:
    day = date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError("no such time of day")
    return (day.toordinal() - _EPOCH) * 86400 + hour * 3600 + minute * 60 + second
