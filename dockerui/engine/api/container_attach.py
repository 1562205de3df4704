"""Containers: attach, by hijacking and by websocket, and the size of the terminal."""

from __future__ import annotations

from dockerui.engine.operation import Param, operation, query, ref

from .base import Caller

_ID = ref("id", "Container id or name")
_ATTACH: tuple[Param, ...] = (
    query("detachKeys", doc="Key sequence that detaches, such as ctrl-p,ctrl-q; needs a TTY and stdin"),
    query("logs", "bool", "First what was printed so far"),
    query("stream", "bool", "Then what is printed from now on"),
    query("stdin", "bool", "Standard input, with stream"),
    query("stdout", "bool", "Standard output"),
    query("stderr", "bool", "Standard error"),
)

CONTAINER_ATTACH = operation(
    "container_attach",
    "POST",
    "/containers/{id}/attach",
    _ID,
    *_ATTACH,
    stream="hijack",
    doc="Attach to the main process of a container.",
)
# Engines below API 1.42 ignore stdin, stdout and stderr here and attach all three; newer ones need them.
CONTAINER_ATTACH_WS = operation(
    "container_attach_ws",
    "GET",
    "/containers/{id}/attach/ws",
    _ID,
    *_ATTACH,
    permission="container.attach",
    mutates=True,
    stream="ws",
    doc="Attach to the main process of a container, over a websocket.",
)
CONTAINER_RESIZE = operation(
    "container_resize",
    "POST",
    "/containers/{id}/resize",
    _ID,
    query("h", "int", "Rows", required=True),
    query("w", "int", "Columns", required=True),
    mutates=False,
    doc="Set the size of a running container's TTY.",
)


class ContainerAttachApi(Caller):
    """The call that goes beside an attached terminal."""

    def container_resize(self, id: str, *, h: int, w: int) -> None:
        """Set rows `h` and columns `w` of the TTY, at once. Raises NotFound, Conflict when it does not run.

        `POST /containers/{id}/resize`
        """
        self.call(CONTAINER_RESIZE, path={"id": id}, query={"h": h, "w": w})
