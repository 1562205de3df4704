"""What a browser asks an exec to be, checked before anything is sent to the Engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from dockerui.services.containers import check_detach_keys
from dockerui.services.errors import BadInput

MOST_ARGUMENTS, LONGEST_COMMAND = 256, 32 << 10
MOST_VARIABLES, LONGEST_ENVIRONMENT = 100, 32 << 10
LARGEST = 0xFFFF  # rows or columns: the kernel's window size has 16 bits
_USER = re.compile(r"[^\s:\x00-\x1f\x7f]{1,64}(:[^\s:\x00-\x1f\x7f]{1,64})?")
_VARIABLE = re.compile(r"[^=\s\x00]+=[^\x00]*", re.DOTALL)


@dataclass(frozen=True)
class ExecSpec:
    """What to run. `command` is an argument list, empty for the best shell there is."""

    command: tuple[str, ...] = ()
    user: str = ""
    working_dir: str = ""
    environment: tuple[str, ...] = ()
    tty: bool = True
    privileged: bool = False
    detach_keys: str | None = None
    rows: int = 24
    columns: int = 80


def exec_spec(args: Mapping[str, Any]) -> ExecSpec:
    """Read and check what a browser asks for. Raises BadInput."""
    command = _texts(args, "cmd", MOST_ARGUMENTS, LONGEST_COMMAND)
    if command and not command[0].strip():
        raise BadInput("The command is empty.")
    environment = _texts(args, "env", MOST_VARIABLES, LONGEST_ENVIRONMENT)
    for entry in environment:
        if not _VARIABLE.fullmatch(entry):
            raise BadInput("Environment variables are NAME=value.")
    user, working_dir = text_of(args, "user"), text_of(args, "workdir")
    if user and not _USER.fullmatch(user):
        raise BadInput("A user is a name or a number, with an optional group after a colon: app, 1000:1000.")
    if working_dir and not working_dir.startswith("/"):
        raise BadInput("The working directory must be an absolute path.")
    rows, columns = size_of(args)
    keys = check_detach_keys(text_of(args, "detach_keys") or None)
    tty, privileged = flag_of(args, "tty", True), flag_of(args, "privileged", False)
    return ExecSpec(command, user, working_dir, environment, tty, privileged, keys, rows, columns)


def is_size(value: object) -> TypeGuard[int]:
    """Whether it can be a number of rows or columns."""
    return type(value) is int and 1 <= value <= LARGEST


def size_of(args: Mapping[str, Any]) -> tuple[int, int]:
    """Rows and columns of a request, or those of a terminal of old."""
    rows, columns = args.get("rows"), args.get("cols")
    return rows if is_size(rows) else 24, columns if is_size(columns) else 80


def text_of(args: Mapping[str, Any], name: str) -> str:
    """A text argument, empty when it is missing. Raises BadInput."""
    value = args.get(name) or ""
    if not isinstance(value, str) or len(value) > 4096 or "\0" in value:
        raise BadInput(f"{name} must be a text.")
    return value


def flag_of(args: Mapping[str, Any], name: str, default: bool) -> bool:
    """A boolean argument. Raises BadInput."""
    value = args.get(name, default)
    if not isinstance(value, bool):
        raise BadInput(f"{name} must be true or false.")
    return value


def _texts(args: Mapping[str, Any], name: str, most: int, longest: int) -> tuple[str, ...]:
    value = args.get(name) or []
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise BadInput(f"{name} must be a list of texts.")
    if len(value) > most or sum(map(len, value)) > longest or any("\0" in part for part in value):
        raise BadInput(f"{name} is too long, or has a NUL character in it.")
    try:
        "".join(value).encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{name} is not text.") from error
    return tuple(value)
