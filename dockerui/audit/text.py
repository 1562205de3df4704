"""Text for the log: nothing in it can forge a second entry or turn around what a reader sees."""

from __future__ import annotations

import unicodedata
from typing import Any

LONGEST = 500  # characters of one value in an entry's detail
MOST = 40  # values in an entry's detail

_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def clean(text: str, longest: int) -> str:
    """Control, direction-changing and unpaired characters made visible, and cut to `longest` characters."""
    shown = "".join("�" if unicodedata.category(char) in _INVISIBLE else char for char in text[:longest])
    return shown if len(text) <= longest else f"{shown[:-1]}…"


def clean_detail(detail: dict[str, Any]) -> dict[str, Any]:
    """Plain values only: numbers and truths as they are, everything else as short text."""
    return {clean(key, 80): _plain(value) for key, value in list(detail.items())[:MOST]}


def _plain(value: Any) -> bool | int | float | str | None:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        value = ", ".join(map(str, value))
    return clean(str(value), LONGEST)
