"""How a terminal ended, in words."""

from __future__ import annotations

import re
import signal

_CANNOT_RUN = frozenset((126, 127))
_RUNTIME = re.compile(rb"(?:OCI runtime exec failed|runtime exec failed|oci runtime error)[^\r\n]*")
_PROGRAM = re.compile(rb'exec: \\?"([^"\\]{1,200})\\?":? ([^\r\n]{1,200})')
_CRUN = b"Error: crun: "  # Podman
_QUOTED = re.compile(rb"`([^`]{1,200})`")
_CHDIR = re.compile(rb'chdir to cwd \(\\?"([^"\\]{1,200})')
_USER = re.compile(rb"unable to find (user|group) ([^\s:]{1,100})")


def exec_failure(output: bytes, code: int | None) -> str:
    """Why a command could not be started, from what the Engine printed in its place; empty when it ran.

    Engines report it as output, with exit code 126 or 127 (`POST /exec/{id}/start`).
    """
    if code in _CANNOT_RUN and output.startswith(_CRUN):
        return _crun_failure(output)
    missing_user = _USER.search(output)
    if missing_user and len(output) < 400:
        kind, name = missing_user.groups()
        return f"There is no {kind.decode()} “{_text(name)}” in the container."
    if code not in _CANNOT_RUN or not _RUNTIME.search(output):
        return ""
    folder = _CHDIR.search(output)
    if folder:
        return f"The working directory “{_text(folder[1])}” cannot be entered."
    program = _PROGRAM.search(output)
    if program is None:
        return "The command could not be started."
    name, why = _text(program[1]), _text(program[2]).removesuffix(": unknown")
    if "not found" in why or "no such file" in why:
        return f"“{name}” was not found in the container."
    if "permission denied" in why:
        return f"“{name}” is not executable."
    return f"“{name}” could not be started: {why}."


def _crun_failure(output: bytes) -> str:
    quoted = _QUOTED.search(output)
    name = _text(quoted[1]) if quoted else ""
    if b"chdir to" in output:
        return f"The working directory “{name}” cannot be entered."
    if b"not executable" in output:
        return f"“{name}” is not executable."
    if b"executable file" in output or b"command that was not found" in output:
        return f"“{name}” was not found in the container."
    return "The command could not be started."


def signal_words(code: int | None) -> str:
    """What an exit code above 128 usually means; empty for others.

    A shell left after a Ctrl-C ends with 130 too: that says nothing.
    """
    if code is None or not 128 < code <= 128 + 64 or code == 128 + signal.SIGINT:
        return ""
    try:
        name = signal.Signals(code - 128).name
    except ValueError:
        return ""
    hint = ", often because memory ran out" if name == "SIGKILL" else ""
    return f"Ended by {name}{hint}."


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
