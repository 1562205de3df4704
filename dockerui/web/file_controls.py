"""What surrounds a list of files: the rows that are shown, how they are sorted, the way to the folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from dockerui.services.file_entries import Entry
from dockerui.services.file_list import Listing
from dockerui.services.file_places import join, steps

SHOWN = 2_000  # rows in one page
COLUMNS = (
    ("name", "Name", ""),
    ("size", "Size", "r"),
    ("mode", "Permissions", "hide-s"),
    ("owner", "Owner", "hide-s"),
    ("mtime", "Modified", "hide-s"),
)
_DIGITS = re.compile(r"([0-9]+)")
_KEYS: dict[str, Callable[[Entry], Any]] = {
    "name": lambda entry: _natural(entry.name),
    "size": lambda entry: entry.size or 0,
    "mode": lambda entry: entry.octal,
    "owner": lambda entry: (entry.uid or 0, entry.gid or 0),
    "mtime": lambda entry: entry.mtime,
}
_LANGUAGES = {"json": "json", "yml": "yaml", "yaml": "yaml"}


def _natural(name: str) -> list[str | int]:
    """Numbers in it count as such: file-2 comes before file-10. Texts and numbers take turns."""
    parts = _DIGITS.split(name.lower())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


@dataclass(frozen=True)
class Row:
    """An entry and where it is."""

    entry: Entry
    path: str


@dataclass(frozen=True)
class Column:
    """A head of the table; `query` sorts by it, or the other way round."""

    key: str
    label: str
    classes: str
    sorted: str
    query: str


def controls(path: str, listing: Listing, query: QueryDict) -> dict[str, Any]:
    """The template's context for a folder. Sorting and filtering work here too: a page may not hold all."""
    words = query.get("q", "").lower().split()
    key = query.get("sort", "name").removeprefix("-")
    key, down = (key if key in _KEYS else "name"), query.get("sort", "").startswith("-")
    found = [entry for entry in listing.entries if all(word in entry.name.lower() for word in words)]
    found.sort(key=_KEYS[key], reverse=down)
    found.sort(key=lambda entry: entry.kind != "folder")
    return {
        "rows": [Row(entry, join(path, entry.name)) for entry in found[:SHOWN]],
        "more": max(0, len(found) - SHOWN),
        "total": len(listing.entries),
        "found": len(found),
        "sort": query.get("sort", ""),
        "patient": "patient" in query,
        "size": sum(entry.size or 0 for entry in found),
        "broken_off": listing.broken_off,
        "columns": [_column(name, label, classes, key, down, query) for name, label, classes in COLUMNS],
        "q": query.get("q", ""),
    }


def _column(name: str, label: str, classes: str, key: str, down: bool, query: QueryDict) -> Column:
    word = ("descending" if down else "ascending") if name == key else "none"
    kept = [(k, query[k]) for k in ("path", "q", "patient") if query.get(k)]
    wanted = f"-{name}" if word == "ascending" or (name in ("size", "mtime") and word == "none") else name
    return Column(name, label, classes, word, urlencode([*kept, ("sort", wanted)]))


def way(path: str) -> list[tuple[str, str]]:
    """The folders above it and itself, from the root, as (name, path)."""
    return [("/", "/"), *steps(path)]


def language(name: str) -> str:
    """How the editor colours a file of that name."""
    if name.lower().startswith(("dockerfile", "containerfile")):
        return "dockerfile"
    return _LANGUAGES.get(name.lower().rpartition(".")[2], "")


def named(entry: Entry, name: str) -> Entry:
    """The entry under the name it was asked for: a root has none of its own."""
    return replace(entry, name=name)
