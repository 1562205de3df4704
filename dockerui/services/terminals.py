"""Terminals of this process: opened by `exec` and `attach`, kept while their browser is away for a moment.

A terminal belongs to the person and the login session that opened it, and is found again by an unguessable
token. Left alone by its browser it waits `LINGER` seconds for it to come back; then, or as soon as its owner
has logged out or may no longer use it, it is ended: a process is asked to leave (Ctrl-C, end of input), an
attach is let go.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async

from dockerui import audit
from dockerui.access import Actor, authorise, may
from dockerui.engine.errors import EngineError
from dockerui.engine.protocol.events import Event
from dockerui.services import background, hub
from dockerui.services.errors import BadInput
from dockerui.services.exec_spec import is_size
from dockerui.services.sessions import actors_of
from dockerui.streams.terminal import Missed, Superseded, TerminalStream, Viewer

__all__ = ["Missed", "Superseded", "Viewer"]

log = logging.getLogger(__name__)

LINGER = 30.0  # seconds a terminal waits for its browser
CHECK_EVERY = 2.0  # seconds between looks whether the owner of a waiting terminal is still logged in
MOST_PER_USER = 32
_BETWEEN_SIZES = 0.05  # seconds; Podman loses one of two sizes that come at once
_NEWS = frozenset(("pause", "unpause", "die", "destroy", "start", "oom"))


@dataclass(frozen=True)
class Facts:
    """What a terminal is, for the page. `command` is the argument list; `stdin` says that it takes input,
    `framed` that its output is stdcopy frames.
    """

    kind: str
    container: str
    name: str
    command: tuple[str, ...]
    user: str
    tty: bool
    stdin: bool
    half_close: bool
    framed: bool


@dataclass(frozen=True)
class Outcome:
    """How a terminal ended. `survived`: the process is still running, as `pid` on the Engine's host."""

    code: int | None
    message: str
    survived: bool = False
    pid: int | None = None


class Process(ABC):
    """What stands behind a terminal: an exec, or a container's main process."""

    @abstractmethod
    async def resize(self, rows: int, columns: int) -> None:
        """Set the size of the tty. Raises EngineError."""

    @abstractmethod
    async def outcome(self, stream: TerminalStream) -> Outcome:
        """How it ended, asked when the stream is over."""

    @abstractmethod
    async def hang_up(self, stream: TerminalStream) -> None:
        """Ask it to leave, for as long as is decent; the stream is closed afterwards."""


@dataclass(eq=False)
class Terminal:
    """One open terminal. `permission` is what its owner must keep to keep it."""

    owner: Actor
    permission: str
    facts: Facts
    stream: TerminalStream
    process: Process
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _size: tuple[int, int] | None = None
    _resizing: asyncio.Task[None] | None = None
    _waiting: asyncio.Task[None] | None = None
    _outcome: asyncio.Task[Outcome] | None = None

    def view(self, offset: int | None) -> Viewer:
        """Show it to a browser that has seen `offset` bytes (None: nothing); a browser before it loses it."""
        self._stop_waiting()
        return self.stream.view(offset)

    async def write(self, data: bytes) -> None:
        """Input. Raises StreamCut."""
        await self.stream.write(data)

    async def write_eof(self) -> bool:
        """End of input, where that is possible without losing the output."""
        return self.facts.half_close and await self.stream.write_eof()

    def resize(self, rows: object, columns: object) -> None:
        """Set the size of a tty, soon; the latest wins. What cannot be a size is ignored."""
        if self.facts.tty and is_size(rows) and is_size(columns):
            self._size = (rows, columns)
            if self._resizing is None or self._resizing.done():
                self._resizing = asyncio.create_task(self._resize(), name="terminal size")

    async def sized(self) -> None:
        """Wait until the size asked for has been set, or the process is over."""
        if self._resizing is not None:
            over = asyncio.create_task(self.stream.over.wait(), name="terminal over")
            await asyncio.wait((self._resizing, over), return_when=asyncio.FIRST_COMPLETED)
            over.cancel()

    def redraw(self, rows: object, columns: object) -> None:
        """Make the program draw its screen anew: programs do when the size changes, so change it and back."""
        if self.facts.tty and is_size(rows) and is_size(columns):
            self._resizing = asyncio.create_task(self._resize((rows + 1, columns)), name="terminal size")
            self._size = (rows, columns)

    async def outcome(self) -> Outcome:
        """How it ended; asks once, waits for the stream's end."""
        await self.stream.over.wait()
        if self._resizing is not None:
            self._resizing.cancel()
            await asyncio.gather(self._resizing, return_exceptions=True)
        if self._outcome is None:
            self._outcome = asyncio.create_task(self.process.outcome(self.stream), name="terminal outcome")
        return await asyncio.shield(self._outcome)

    async def end(self) -> Outcome:
        """End it: ask the process to leave, close the connection, and say whether it did."""
        _open.pop(self.token, None)
        self._stop_waiting()
        if not self.stream.over.is_set():
            await self.process.hang_up(self.stream)
        await self.stream.aclose()
        outcome = await self.outcome()
        if outcome.survived:
            record = sync_to_async(audit.record)
            await record(
                self.owner, self.permission, self.facts.container, "survived", {"pid": outcome.pid or 0}
            )
        return outcome

    def leave(self) -> None:
        """The browser is gone: wait for it to come back, or end."""
        if self.token in _open and self._waiting is None:
            self._waiting = asyncio.create_task(self._wait(), name="terminal without a browser")

    async def _wait(self) -> None:
        for _ in range(int(LINGER / CHECK_EVERY)):
            if not await _still_allowed(self.owner, self.permission):
                break
            await asyncio.sleep(CHECK_EVERY)
        self._waiting = None
        end_soon(self)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def _resize(self, first: tuple[int, int] | None = None) -> None:
        done = None
        wanted = first or self._size
        while wanted is not None and wanted != done:
            try:
                await self.process.resize(*wanted)
            except EngineError as error:
                # A process that just ended has no size; whatever else is wrong shows in the output.
                log.debug("resize: %s", error)
            done, wanted = wanted, self._size
            if wanted != done:
                await asyncio.sleep(_BETWEEN_SIZES)


_open: dict[str, Terminal] = {}


def add(terminal: Terminal) -> None:
    """Keep a terminal until it is forgotten or ended."""
    _open[terminal.token] = terminal


def check_room(owner: Actor) -> None:
    """Raises BadInput when the person has too many terminals open."""
    if sum(other.owner.user_id == owner.user_id for other in _open.values()) >= MOST_PER_USER:
        raise BadInput(f"You have {MOST_PER_USER} terminals open; close one first.")


def find(actor: Actor, token: object) -> Terminal:
    """The terminal behind a token, for the login session that opened it. Raises BadInput, Forbidden."""
    terminal = _open.get(token) if isinstance(token, str) else None
    if terminal is None or _login(terminal.owner) != _login(actor):
        raise BadInput("This session is over: its process was ended while the browser was away.")
    authorise(actor, terminal.permission, terminal.facts.container)
    return terminal


def forget(terminal: Terminal) -> None:
    """Its end was told: nobody needs to find it again."""
    _open.pop(terminal.token, None)


def end_soon(terminal: Terminal) -> None:
    """End it without waiting; its viewer is told."""
    ending = asyncio.create_task(terminal.end(), name="end terminal")
    _ending.add(ending)
    ending.add_done_callback(_ending.discard)


def abandon(opening: asyncio.Task[Terminal]) -> None:
    """End a terminal that nobody waits for any more as soon as it is there."""
    opening.add_done_callback(_end_opened)


async def end_all() -> None:
    """End every terminal, and wait for those that are ending."""
    for terminal in list(_open.values()):
        end_soon(terminal)
    while _ending:
        await asyncio.wait(_ending)


async def news(actor: Actor, container: str) -> AsyncGenerator[str, None]:
    """What happens to a container while a terminal is open in it: `pause`, `die`, `destroy` and so on."""
    with hub.streams(actor).events.subscribe() as events:
        async for item in events:
            if (
                isinstance(item, Event)
                and item.type == "container"
                and item.id == container
                and item.action in _NEWS
            ):
                yield item.action


@background.worker("terminals", roles={background.WEB})
async def end_with_the_server() -> None:
    """When the server stops, no process stays behind unasked."""
    try:
        await asyncio.Event().wait()
    finally:
        await end_all()


_ending: set[asyncio.Task[Outcome]] = set()


def _end_opened(opening: asyncio.Task[Terminal]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        end_soon(opening.result())


def _login(actor: Actor) -> tuple[str, int | None, str]:
    return actor.kind, actor.user_id, actor.session_key


async def _still_allowed(owner: Actor, permission: str) -> bool:
    if not owner.session_key:
        return owner.kind == "system"
    actors = await sync_to_async(actors_of)({owner.session_key})
    actor = actors.get(owner.session_key)
    return actor is not None and may(actor, permission)
