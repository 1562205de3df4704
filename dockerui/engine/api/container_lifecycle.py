"""Containers: start, stop, restart, kill, pause, unpause, wait."""

from __future__ import annotations

from typing import Any

from dockerui.engine.operation import Operation, operation, query, ref
from dockerui.engine.transport import Reply

from .base import Caller, mapping

_ID = ref("id", "Container id or name")
_DETACH_KEYS = query("detachKeys", doc="Key sequence that detaches, such as ctrl-p,ctrl-q")
_GRACE = 10
"""Seconds that the Engine itself waits before it kills."""
_FOREVER = 7 * 24 * 3600.0

CONTAINER_START = operation(
    "container_start", "POST", "/containers/{id}/start", _ID, _DETACH_KEYS, doc="Start a container."
)
CONTAINER_STOP = operation(
    "container_stop",
    "POST",
    "/containers/{id}/stop",
    _ID,
    query("t", "int", "Seconds to wait before killing, -1 is for ever"),
    query("signal", doc="Signal to send instead of the container's own", since="1.42"),
    doc="Stop a container: its stop signal, then KILL.",
)
CONTAINER_RESTART = operation(
    "container_restart",
    "POST",
    "/containers/{id}/restart",
    _ID,
    query("t", "int", "Seconds to wait before killing, -1 is for ever"),
    query("signal", doc="Signal to send instead of the container's own", since="1.42"),
    doc="Stop and start a container.",
)
CONTAINER_KILL = operation(
    "container_kill",
    "POST",
    "/containers/{id}/kill",
    _ID,
    query("signal", doc="Name or number; KILL when there is none"),
    doc="Send a signal to a running container.",
)
CONTAINER_PAUSE = operation(
    "container_pause", "POST", "/containers/{id}/pause", _ID, doc="Freeze all processes of a container."
)
CONTAINER_UNPAUSE = operation(
    "container_unpause", "POST", "/containers/{id}/unpause", _ID, doc="Thaw a paused container."
)
CONTAINER_WAIT = operation(
    "container_wait",
    "POST",
    "/containers/{id}/wait",
    _ID,
    query("condition", doc="not-running (the default), next-exit or removed", since="1.30"),
    mutates=False,
    stream="json",
    doc="Wait until a container stops; its exit code.",
)


class ContainerLifecycleApi(Caller):
    """Calls that change whether a container runs."""

    def container_start(self, id: str, *, detach_keys: str | None = None) -> bool:
        """Start a container; False when it ran already (304).

        Raises NotFound, Conflict when paused, BadParameter when its command cannot be run.

        `POST /containers/{id}/start`
        """
        reply = self.call(CONTAINER_START, path={"id": id}, query={"detachKeys": detach_keys})
        return reply.status != 304

    def container_stop(self, id: str, *, t: int | None = None, signal: str | None = None) -> bool:
        """Stop a container; False when it was stopped already (304).

        `t`: seconds until it is killed (-1: never; None: 10). `signal`: API 1.42. Raises NotFound.

        `POST /containers/{id}/stop`
        """
        reply = self._halt(CONTAINER_STOP, id, t, signal)
        return reply.status != 304

    def container_restart(self, id: str, *, t: int | None = None, signal: str | None = None) -> None:
        """Stop and start a container; `t` and `signal` as for `container_stop`. Raises NotFound.

        `POST /containers/{id}/restart`
        """
        self._halt(CONTAINER_RESTART, id, t, signal)

    def container_kill(self, id: str, *, signal: str | None = None) -> None:
        """Send a signal, by name or number (None: KILL, and wait for the exit).

        Raises NotFound, Conflict when it does not run, BadParameter for an unknown signal.

        `POST /containers/{id}/kill`
        """
        self.call(CONTAINER_KILL, path={"id": id}, query={"signal": signal})

    def container_pause(self, id: str) -> None:
        """Freeze all processes. Raises NotFound, Conflict when it does not run or is paused.

        `POST /containers/{id}/pause`
        """
        self.call(CONTAINER_PAUSE, path={"id": id})

    def container_unpause(self, id: str) -> None:
        """Thaw a paused container. Raises NotFound; ServerError or Conflict when it is not paused.

        `POST /containers/{id}/unpause`
        """
        self.call(CONTAINER_UNPAUSE, path={"id": id})

    def container_wait(
        self, id: str, *, condition: str | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Wait until a container stops; return `StatusCode` and perhaps `Error`.

        `condition`: `not-running`, `next-exit`, `removed` (API 1.30). `timeout` is in seconds;
        EngineTimeout after it.

        `POST /containers/{id}/wait`
        """
        return mapping(
            self.json(CONTAINER_WAIT, path={"id": id}, query={"condition": condition}, timeout=timeout)
        )

    def _halt(self, operation: Operation, id: str, t: int | None, signal: str | None) -> Reply:
        # Engine 1.12 kills at once when there is no t: always send it.
        seconds = _GRACE if t is None else t
        timeout = _FOREVER if seconds < 0 else self.timeout + seconds
        return self.call(operation, path={"id": id}, query={"t": seconds, "signal": signal}, timeout=timeout)
