"""Where two streams of one log meet. Found by their bytes, since both bring the same in the same order."""

from __future__ import annotations

import re

from dockerui.engine.protocol.stdcopy import HEADER

_STAMP = re.compile(rb"\d{4}-\d\d-\d\d[Tt ]\S+")


def continuation(shared: bytes, tail: bytes, last: bytes, *, quiet: bool = False) -> int | None:
    """Where in `shared` goes on what `tail` ends with; `last` is its last message. None if that is not there,
    or not certain.

    The parts of a long line may be equal in everything, their time as well, and of such messages it takes one
    of another time before them to know which is which. When nothing comes (`quiet`) both are at their end.

    >>> continuation(b"a\\nb\\nc\\n", b"x\\na\\nb\\n", b"b\\n")
    4
    """
    if not last or 0 <= tail.find(last) < len(tail) - len(last):
        return None
    place = None
    at = shared.find(last)  # never rfind: it is quadratic, and a container chooses the bytes
    while at >= 0:
        end = at + len(last)
        if shared.endswith(tail[-min(end, len(tail)) :], 0, end):
            if place is not None:
                return None
            place = end
        at = shared.find(last, at + 1)
    if place is None:
        return None
    certain = min(place, len(tail)) > _same_time(tail, last) or (quiet and place == len(shared))
    return place if certain else None


def _same_time(tail: bytes, last: bytes) -> int:
    """Bytes at the end of `tail` whose messages may have the time of the last one."""
    stamp = _STAMP.search(last, 0, 64)
    if stamp is None:
        return len(last)
    return len(tail) - tail.find(stamp[0]) + HEADER
