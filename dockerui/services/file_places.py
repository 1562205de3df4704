"""Where files are, and the paths that people give: a container, or a volume through its helper container."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from dockerui.services.errors import BadInput

LONGEST_PATH, LONGEST_NAME = 4096, 255  # bytes, as Linux has them


@dataclass(frozen=True)
class Place:
    """A container whose files are shown, all of them or those below `root`.

    `target` is what the audit log calls it. `touch` is called while bytes flow: the place is in use.
    """

    container: str
    target: str
    root: str = ""
    touch: Callable[[], None] = lambda: None

    def inside(self, path: str) -> str:
        """The path in the container."""
        return self.root + path if path != "/" else self.root or "/"

    def shown(self, inside: str) -> str | None:
        """The path that people see; None for what lies outside of `root`."""
        if not self.root:
            return inside
        if inside == self.root:
            return "/"
        return inside[len(self.root) :] if inside.startswith(f"{self.root}/") else None


def clean_path(path: str) -> str:
    """An absolute path without `.`, `..` and doubled slashes. Raises BadInput."""
    if "\0" in path or not _is_utf8(path):
        raise BadInput("A path cannot hold a NUL or half a character.")
    if not path.startswith("/"):
        raise BadInput("A path starts with /, the root of the file system.")
    if len(path.encode()) > LONGEST_PATH:
        raise BadInput(f"A path has at most {LONGEST_PATH} bytes.")
    clean = "/" + posixpath.normpath(path).lstrip("/")
    if any(len(name.encode()) > LONGEST_NAME for name in clean.split("/")):
        raise BadInput(f"Each name in a path has at most {LONGEST_NAME} bytes.")
    return clean


def parent(path: str) -> str:
    """The folder that holds it; the root holds itself."""
    return posixpath.dirname(path)


def name_of(path: str) -> str:
    """The last part; empty for the root."""
    return posixpath.basename(path)


def join(folder: str, name: str) -> str:
    """The path of something in a folder."""
    return posixpath.join(folder, name)


def steps(path: str) -> list[tuple[str, str]]:
    """The folders on the way to it, itself included, as (name, path); the root is not among them."""
    names = [name for name in path.split("/") if name]
    return [(name, "/" + "/".join(names[: i + 1])) for i, name in enumerate(names)]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
