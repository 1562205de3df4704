"""JSON typed by a person, read strictly.

The Engine's own decoder forgives too much: of two equal keys the last wins, `privileged` is taken for
`Privileged`, unknown keys are dropped. What we show a person for approval must be what is sent, so every
ambiguity is refused here (security rule R2).
"""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import BadInput

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
INT64 = 1 << 63


def loads(text: str, *, what: str = "JSON") -> Any:
    """Parse one JSON document of at most 1 MiB and 64 levels.

    Raises:
        BadInput: not JSON, a key given twice, NaN or Infinity, an integer outside int64, too long or too
        deep.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise BadInput(f"The {what} is larger than 1 MiB.")
    if _depth(text) > MAX_DEPTH:
        raise BadInput(f"The {what} is nested deeper than {MAX_DEPTH} levels.")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"The {what} is not valid: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None


def _depth(text: str) -> int:
    """The deepest nesting, counted without recursion: the parser itself would run out of stack."""
    deepest = level = 0
    for char in _STRING.sub("", text):
        if char in "[{":
            level += 1
            deepest = max(deepest, level)
        elif char in "]}":
            level -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise BadInput(f"The key “{key}” is given twice.")
        result[key] = value
    return result


def _constant(name: str) -> Any:
    raise BadInput(f"{name} is not a JSON number.")


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -INT64 <= int(digits) < INT64:
        raise BadInput(f"The number {digits[:24]} does not fit in 64 bits.")
    return int(digits)
