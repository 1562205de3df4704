"""Commands inside running containers: an exec with a terminal or without one.

`exec_open` finds the container, authorises, writes down, creates and starts the exec, and hands back a
`Terminal`. The command is an argument list from the browser to the Engine: no shell sees it but the one that
was asked for.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from dockerui.access import Actor, authorise
from dockerui.engine.aio import AsyncEngine, Duplex
from dockerui.engine.errors import ApiError, EngineError, NotFound
from dockerui.engine.operation import OPERATIONS
from dockerui.services import terminals
from dockerui.services.door import FULL_ID, REFERENCE, aperform
from dockerui.services.errors import BadInput
from dockerui.services.exec_spec import ExecSpec
from dockerui.services.shells import find_shell
from dockerui.services.terminal_words import exec_failure, signal_words
from dockerui.services.terminals import Facts, Outcome, Process, Terminal
from dockerui.streams.terminal import TerminalStream

log = logging.getLogger(__name__)

Json = dict[str, Any]
# The Engine holds back the first key of the detach sequence until the next: with its default every Ctrl-P
# would hang. These nobody types in a row, and the first (Ctrl-Space) only marks a place for what comes next.
UNTYPED_DETACH_KEYS = "ctrl-@,ctrl-^,ctrl-@,ctrl-^"
_RESIZE_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4)  # seconds; older Engines refuse until the process has started
_POLLS = (
    0.0,
    0.02,
    0.05,
    0.1,
    0.2,
    0.4,
    0.8,
)  # seconds; the exit code comes after the output
_KILLED_POLLS = (0.0, 0.1, 0.3)  # seconds; a stopping container's execs die before it counts as stopped


async def exec_open(actor: Actor, ref: str, spec: ExecSpec) -> Terminal:
    """Run `spec` in the container and attach to it.

    Raises Forbidden before any Engine call, BadInput, NotFound, Conflict when the container does not run
    or is paused, and other EngineErrors. A command that cannot be run is told by the terminal's outcome.
    """
    for permission in ("exec.create", "exec.start", *(["exec.privileged"] if spec.privileged else [])):
        authorise(actor, permission)
    terminals.check_room(actor)
    container = await inspect_container(actor, ref)
    target = str(container["Id"])
    command = spec.command or await aperform(
        actor, "container_archive_info", target=target, call=lambda engine: find_shell(engine, target)
    )
    created = await aperform(
        actor,
        "exec_create",
        target=target,
        detail=_detail(spec, command),
        call=lambda engine: _create(engine, target, spec, command),
    )
    duplex, engine = await aperform(
        actor, "exec_start", target=target, call=lambda engine: _start(engine, created, spec)
    )
    stream = TerminalStream(duplex, framed=not spec.tty)
    user = spec.user or str((container.get("Config") or {}).get("User") or "") or "root"
    name = str(container.get("Name") or "").lstrip("/")
    facts = Facts(
        "exec",
        target,
        name,
        command,
        user,
        spec.tty,
        stdin=True,
        half_close=not spec.tty,
        framed=not spec.tty,
    )
    terminal = Terminal(actor, "exec.create", facts, stream, ExecProcess(engine, created, target, spec.tty))
    terminals.add(terminal)
    if not _starts_with_size(engine):
        terminal.resize(spec.rows, spec.columns)
        await terminal.sized()  # before the first key: what somebody runs at the first prompt sees it
    return terminal


async def inspect_container(actor: Actor, ref: str) -> Json:
    """The container behind a reference, with its full id. Raises BadInput before any Engine call."""
    if not isinstance(ref, str) or not (FULL_ID.fullmatch(ref) or REFERENCE.fullmatch(ref)):
        raise BadInput("That is not the id or the name of a container.")
    operation = OPERATIONS["container_inspect"]
    found = await aperform(
        actor, "container_inspect", call=lambda engine: engine.json(operation, path={"id": ref})
    )
    return dict(found)


class ExecProcess(Process):
    """A started exec."""

    def __init__(self, engine: AsyncEngine, id: str, container: str, tty: bool) -> None:
        self._engine = engine
        self._id = id
        self._container = container
        self._tty = tty

    async def resize(self, rows: int, columns: int) -> None:
        """Set the size; tries again while the process is starting. Raises EngineError."""
        for pause in (*_RESIZE_PAUSES, None):
            try:
                await self._engine.call(
                    OPERATIONS["exec_resize"], path={"id": self._id}, query={"h": rows, "w": columns}
                )
                return
            except ApiError:
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    async def outcome(self, stream: TerminalStream) -> Outcome:
        """The exit code, and why if there is more to say."""
        try:
            state = await self._settled()
        except NotFound:
            return Outcome(None, "The container was removed.")
        except EngineError as error:
            return Outcome(None, f"The Engine does not say how it ended: {error}")
        if state.get("Running"):
            broken = "The connection to the Engine broke" if stream.failure else "Detached"
            return Outcome(None, f"{broken}; the process is still running.", True, state.get("Pid") or None)
        code = state.get("ExitCode")
        return Outcome(code, await self._reason(stream, code))

    async def hang_up(self, stream: TerminalStream) -> None:
        """Ctrl-C, then end of input, twice: a shell first has to come back to its prompt."""
        if not self._tty:
            await stream.write_eof()
            await _over(stream, 1.0)
            return
        for keys, patience in ((b"\x03", 0.2), (b"\x04", 0.4), (b"\x03", 0.2), (b"\x04", 0.7)):
            try:
                async with asyncio.timeout(patience):
                    await stream.write(keys)
            except (TimeoutError, EngineError):
                return  # it takes no input, or it is gone
            if await _over(stream, patience):
                return

    async def _settled(self) -> Json:
        state: Json = {}
        for pause in _POLLS:
            await asyncio.sleep(pause)
            state = dict(await self._engine.json(OPERATIONS["exec_inspect"], path={"id": self._id}))
            if not state.get("Running"):
                break
        return state

    async def _reason(self, stream: TerminalStream, code: int | None) -> str:
        told = exec_failure(stream.ring.read(stream.ring.start, 4096), code)
        if told:
            return told
        try:
            for pause in _KILLED_POLLS if code in (137, 143) else (0.0,):
                await asyncio.sleep(pause)
                operation = OPERATIONS["container_inspect"]
                found = await self._engine.json(operation, path={"id": self._container})
                if not (found.get("State") or {}).get("Running"):
                    return "The container stopped."
        except NotFound:
            return "The container was removed."
        except EngineError as error:
            log.debug("the container's state: %s", error)
        return signal_words(code)


async def _over(stream: TerminalStream, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stream.over.wait()
    except TimeoutError:
        return False
    return True


async def _create(engine: AsyncEngine, target: str, spec: ExecSpec, command: tuple[str, ...]) -> str:
    operation, version = OPERATIONS["exec_create"], await engine.version()
    body: Json = {
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": spec.tty,
        "Cmd": list(command),
        "DetachKeys": spec.detach_keys or UNTYPED_DETACH_KEYS,
        "Privileged": spec.privileged,
    }
    environment = list(spec.environment)
    if spec.tty and operation.knows("Env", version):
        given = {entry.partition("=")[0] for entry in environment}
        defaults = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment += [f"{name}={value}" for name, value in defaults.items() if name not in given]
    body |= {"Env": environment} if environment else {}
    body |= {"User": spec.user} if spec.user else {}
    body |= {"WorkingDir": spec.working_dir} if spec.working_dir else {}
    if spec.tty and operation.knows("ConsoleSize", version):
        body["ConsoleSize"] = [spec.rows, spec.columns]
    answer = await engine.json(operation, path={"id": target}, body=body)
    return str(answer["Id"])


async def _start(engine: AsyncEngine, id: str, spec: ExecSpec) -> tuple[Duplex, AsyncEngine]:
    return await engine.exec_start(id, tty=spec.tty, rows=spec.rows, columns=spec.columns), engine


def _starts_with_size(engine: AsyncEngine) -> bool:
    """Whether the process has its size from the start. Podman takes ConsoleSize and ignores it."""
    known = OPERATIONS["exec_create"].knows("ConsoleSize", engine.engine.version)
    return known and not engine.engine.server.is_podman


def _detail(spec: ExecSpec, command: tuple[str, ...]) -> Json:
    """For the audit log: which program, as whom, where; neither arguments nor values of variables."""
    return {
        "program": command[0],
        "arguments": len(command) - 1,
        "user": spec.user,
        "workdir": spec.working_dir,
        "env": ", ".join(entry.partition("=")[0] for entry in spec.environment),
        "tty": spec.tty,
        "privileged": spec.privileged,
    }
