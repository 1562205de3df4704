"""Attaching to a container's main process.

Nothing here ends the process: an attach is let go. Its output is read whether or not a browser takes it, for
an unread attach blocks the container.

There are two ways to the process: the hijacked connection of `POST /containers/{id}/attach`, which keeps
stdout and stderr apart and can end the input, and the Engine's own websocket, `GET
/containers/{id}/attach/ws`, which can do neither but passes proxies that know websockets only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor, authorise
from dockerui.engine.aio import AsyncEngine, Duplex
from dockerui.engine.errors import Conflict, EngineError, NotFound
from dockerui.engine.operation import OPERATIONS
from dockerui.services import terminals
from dockerui.services.containers import check_detach_keys
from dockerui.services.door import aperform, engine_for
from dockerui.services.errors import BadInput
from dockerui.services.exec import inspect_container
from dockerui.services.exec_spec import flag_of, size_of, text_of
from dockerui.services.terminal_words import signal_words
from dockerui.services.terminals import Facts, Outcome, Process, Terminal
from dockerui.streams.terminal import TerminalStream

Json = dict[str, Any]
_POLLS = (0.0, 0.1, 0.3)  # seconds; a container counts as running for a moment after its output has ended


@dataclass(frozen=True)
class AttachSpec:
    """What to attach: which streams, whether to show first what was printed so far, how to detach, and
    whether to go through the Engine's websocket.
    """

    stdin: bool = True
    stdout: bool = True
    stderr: bool = True
    logs: bool = False
    detach_keys: str | None = None
    rows: int = 24
    columns: int = 80
    websocket: bool = False


def attach_spec(args: Mapping[str, Any]) -> AttachSpec:
    """Read and check what a browser asks for. Raises BadInput."""
    stdin, stdout = flag_of(args, "stdin", True), flag_of(args, "stdout", True)
    stderr, logs = flag_of(args, "stderr", True), flag_of(args, "logs", False)
    if not (stdin or stdout or stderr):
        raise BadInput("Choose at least one of stdin, stdout and stderr.")
    keys = check_detach_keys(text_of(args, "detach_keys") or None)
    rows, columns = size_of(args)
    return AttachSpec(
        stdin, stdout, stderr, logs, keys, rows, columns, websocket=flag_of(args, "websocket", False)
    )


def has_websocket(actor: Actor) -> bool:
    """Whether the Engine has `attach/ws`: Docker does, Podman does not. Raises EngineError."""
    return not engine_for(actor).server.is_podman


async def attach_open(actor: Actor, ref: str, spec: AttachSpec) -> Terminal:
    """Attach to the container.

    Raises Forbidden before any Engine call, BadInput, NotFound, Conflict when the container does not run,
    NotSupported where there is no websocket, and other EngineErrors.
    """
    authorise(actor, "container.attach")
    terminals.check_room(actor)
    container = await inspect_container(actor, ref)
    target, config, state = str(container["Id"]), container.get("Config") or {}, container.get("State") or {}
    if not state.get("Running"):  # the Engine would keep us waiting until it starts
        raise Conflict(409, "the container is not running: start it, then attach")
    stdin = spec.stdin and bool(config.get("OpenStdin"))
    duplex, engine = await aperform(
        actor,
        "container_attach_ws" if spec.websocket else "container_attach",
        target=target,
        detail={"stdin": stdin, "logs": spec.logs},
        call=lambda engine: _attach(engine, target, spec, stdin),
    )
    facts = _facts(actor, container, spec, stdin)
    stream = TerminalStream(duplex, framed=facts.framed, drain=True)
    terminal = Terminal(actor, "container.attach", facts, stream, AttachedProcess(engine, target))
    terminals.add(terminal)
    terminal.redraw(spec.rows, spec.columns)
    return terminal


class AttachedProcess(Process):
    """A container's main process."""

    def __init__(self, engine: AsyncEngine, container: str) -> None:
        self._engine = engine
        self._container = container

    async def resize(self, rows: int, columns: int) -> None:
        """Set the size of the container's tty. Raises EngineError."""
        operation = OPERATIONS["container_resize"]
        await self._engine.call(operation, path={"id": self._container}, query={"h": rows, "w": columns})

    async def outcome(self, stream: TerminalStream) -> Outcome:
        """The container's exit code, or that it goes on without us."""
        try:
            state = await self._settled()
        except NotFound:
            return Outcome(None, "The container was removed.")
        except EngineError as error:
            return Outcome(None, f"The Engine does not say how it ended: {error}")
        if state.get("Running"):
            broken = "The connection to the Engine broke" if stream.failure else "Detached"
            return Outcome(None, f"{broken}; the container goes on.")
        code = state.get("ExitCode")
        return Outcome(code, f"The container stopped. {signal_words(code)}".strip())

    async def _settled(self) -> Json:
        state: Json = {}
        for pause in _POLLS:
            await asyncio.sleep(pause)
            operation = OPERATIONS["container_inspect"]
            found = await self._engine.json(operation, path={"id": self._container})
            state = found.get("State") or {}
            if not state.get("Running"):
                break
        return state

    async def hang_up(self, stream: TerminalStream) -> None:
        """Nothing: closing the connection lets go of it, and it goes on."""


def _facts(actor: Actor, container: Json, spec: AttachSpec, stdin: bool) -> Facts:
    config = container.get("Config") or {}
    tty = bool(config.get("Tty"))
    command = (str(container.get("Path") or ""), *map(str, container.get("Args") or []))
    return Facts(
        kind="attach",
        container=str(container["Id"]),
        name=str(container.get("Name") or "").lstrip("/"),
        command=command if actor.may("container.reveal") else command[:1],
        user=str(config.get("User") or "root"),
        tty=tty,
        stdin=stdin,
        half_close=stdin and bool(config.get("StdinOnce")) and not tty and not spec.websocket,
        framed=not tty and not spec.websocket,
    )


async def _attach(
    engine: AsyncEngine, target: str, spec: AttachSpec, stdin: bool
) -> tuple[Duplex, AsyncEngine]:
    attach = engine.container_attach_ws if spec.websocket else engine.container_attach
    duplex = await attach(
        target,
        logs=spec.logs,
        stdin=stdin,
        stdout=spec.stdout,
        stderr=spec.stderr,
        detach_keys=spec.detach_keys,
    )
    return duplex, engine
