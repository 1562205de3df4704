"""Exec: commands inside running containers. The stream of `exec_start` belongs to the async client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerui.engine.operation import body, operation, query, ref

from .base import Caller, mapping

_EXEC = ref("id", "Exec id")

EXEC_CREATE = operation(
    "exec_create",
    "POST",
    "/containers/{id}/exec",
    ref("id", "Container id or name"),
    body("AttachStdin", "bool", "Attach standard input"),
    body("AttachStdout", "bool", "Attach standard output"),
    body("AttachStderr", "bool", "Attach standard error"),
    body("DetachKeys", doc="Key sequence that detaches, such as ctrl-p,ctrl-q"),
    body("Tty", "bool", "Allocate a pseudo-TTY"),
    body("Cmd", "any", "Command, a list or one string"),
    body("User", doc="`user[:group]`, names or numbers"),
    body("Privileged", "bool", "With all capabilities"),
    body("Env", "list", "`NAME=value`", since="1.25"),
    body("WorkingDir", doc="Working directory", since="1.35"),
    body("ConsoleSize", "array", "`[height, width]` of the terminal", since="1.42"),
    doc="Set up a command in a running container.",
)
EXEC_START = operation(
    "exec_start",
    "POST",
    "/exec/{id}/start",
    _EXEC,
    body("Detach", "bool", "Return at once, without a stream"),
    body("Tty", "bool", "As at create: framing follows this one, the pseudo-TTY the other"),
    body("ConsoleSize", "array", "`[height, width]` of the terminal", since="1.42"),
    stream="hijack",
    doc="Run an exec and attach to it.",
)
EXEC_RESIZE = operation(
    "exec_resize",
    "POST",
    "/exec/{id}/resize",
    _EXEC,
    query("h", "int", "Rows", required=True),
    query("w", "int", "Columns", required=True),
    mutates=False,
    doc="Set the size of the TTY of a running exec.",
)
EXEC_INSPECT = operation(
    "exec_inspect", "GET", "/exec/{id}/json", _EXEC, doc="State of an exec, with its exit code."
)


class ExecApi(Caller):
    """Calls about execs that answer at once."""

    def exec_create(self, id: str, body: Mapping[str, Any]) -> str:
        """Set up a command in the running container `id` and return the exec's id; nothing runs yet.

        Raises NotFound, Conflict when the container does not run or is paused.

        `POST /containers/{id}/exec`
        """
        return str(mapping(self.json(EXEC_CREATE, path={"id": id}, body=body)).get("Id") or "")

    def exec_start_detached(self, id: str, *, tty: bool = False) -> None:
        """Run an exec without a stream. Raises NotFound; Conflict when it ran already or the container is
        paused.

        `POST /exec/{id}/start` with `Detach`
        """
        self.call(EXEC_START, path={"id": id}, body={"Detach": True, "Tty": tty})

    def exec_resize(self, id: str, *, h: int, w: int) -> None:
        """Set rows `h` and columns `w`. Only after the start: before it the Engine blocks 10 s, then fails.

        `POST /exec/{id}/resize`
        """
        self.call(EXEC_RESIZE, path={"id": id}, query={"h": h, "w": w})

    def exec_inspect(self, id: str) -> dict[str, Any]:
        """State of an exec; `ExitCode` is null while `Running`. Raises NotFound when it is long over.

        `GET /exec/{id}/json`
        """
        return mapping(self.json(EXEC_INSPECT, path={"id": id}))
