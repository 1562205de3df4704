"""What the topics `exec` and `attach` have in common: the wire of a terminal.

Arguments: `{"reattach":token,"offset":n|null}` to come back to a terminal, else those of the topic; always
`"rows"` and `"cols"`. Browser to server, beside `[ch][input]`:

    {"op":"resize","rows":24,"cols":80}      what cannot be a size is ignored
    {"op":"eof"}                             no more input (without a tty)
    {"op":"terminate"}                       end it; answered by `exit`
    {"op":"probe","n":1}                     echoed as {"ev":"probe","n":1}: the time it takes is shown

Server to browser, beside `[ch][output]`, which is stdcopy frames where it is `framed`:

    {"ev":"started","token":…,"offset":n,"fresh":bool,"kind":"exec"|"attach","name":…,"command":[…],"user":…,
     "tty":bool,"stdin":bool,"half_close":bool,"framed":bool,"replay":n}  output starts at byte `offset`;
                                             fresh: on an empty screen, its first n bytes are history
    {"ev":"gap","count":n,…}                 n bytes were dropped: the browser was too slow for an attach
    {"ev":"container","action":"pause"}      what happens to the container
    {"ev":"eof","done":bool}                 answer to `eof`
    {"ev":"exit","code":n|null,"message":…,"survived":bool,"pid":n|null}    followed by `end`

A browser that disappears leaves the terminal waiting for it (dockerui/services/terminals.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from dataclasses import asdict
from typing import Any

from dockerui.access import Actor
from dockerui.services import terminals
from dockerui.services.errors import BadInput
from dockerui.services.terminals import Missed, Superseded, Terminal, Viewer
from dockerui.ws.topic import ChannelHandle, Topic

WINDOW = 128 << 10  # bytes the browser has not drawn yet: what Ctrl-C has to wait for
PIECE = 32 << 10


class TerminalTopic(Topic):
    """One browser at one terminal."""

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        ch.window.limit = WINDOW
        offset = args.get("offset")
        if offset is not None and (type(offset) is not int or not 0 <= offset < 1 << 53):
            raise BadInput("offset must be a count of bytes.")
        self.offset: int | None = offset
        self._ready: asyncio.Future[Terminal] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def open(self) -> Terminal:
        """Open a new terminal."""

    async def run(self) -> str | None:
        """Show the terminal until it ends or this browser is gone."""
        terminal = await self._obtain()
        viewer = terminal.view(self.offset)
        news = asyncio.create_task(self._tell_news(terminal), name="terminal news")
        try:
            await self._start(terminal, viewer)
            return await self._show(terminal, viewer)
        except Superseded:
            return "superseded"
        finally:
            news.cancel()
            viewer.close()
            if viewer.is_current:
                terminal.leave()

    async def on_bytes(self, data: bytes) -> None:
        """Input."""
        terminal = await self._terminal()
        if terminal.facts.stdin and not terminal.stream.over.is_set():
            await terminal.write(data)

    async def on_message(self, op: str, message: dict[str, Any]) -> None:
        """See the module."""
        if op == "probe":
            await self.ch.post("probe", n=message.get("n"))
            return
        terminal = await self._terminal()
        if op == "resize":
            terminal.resize(message.get("rows"), message.get("cols"))
        elif op == "eof":
            await self.ch.send("eof", done=await terminal.write_eof())
        elif op == "terminate":
            terminals.end_soon(terminal)
        else:
            await super().on_message(op, message)

    async def _obtain(self) -> Terminal:
        token = self.args.get("reattach")
        if token is not None:
            return terminals.find(self.actor, token)
        self.offset = None
        opening = asyncio.create_task(self.open(), name="open terminal")
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            terminals.abandon(opening)
            raise

    async def _terminal(self) -> Terminal:
        return await asyncio.shield(self._ready)

    async def _start(self, terminal: Terminal, viewer: Viewer) -> None:
        fresh = viewer.offset != self.offset
        returning = self.args.get("reattach") is not None
        replay = terminal.stream.ring.end - viewer.offset if returning and fresh else 0
        facts = asdict(terminal.facts) | {"token": terminal.token, "offset": viewer.offset}
        await self.ch.send("started", fresh=fresh, replay=replay, **facts)
        self._ready.set_result(terminal)
        if returning:
            size = self.args.get("rows"), self.args.get("cols")
            (terminal.redraw if fresh and viewer.offset else terminal.resize)(*size)

    async def _show(self, terminal: Terminal, viewer: Viewer) -> str:
        while piece := await viewer.read(PIECE):
            if isinstance(piece, Missed):
                await self.ch.gap(piece.count, 0, 0)
            else:
                await self.ch.send_bytes(piece)
        outcome = await terminal.outcome()
        terminals.forget(terminal)
        await self.ch.send("exit", **asdict(outcome))
        return "exited"

    async def _tell_news(self, terminal: Terminal) -> None:
        actions = terminals.news(self.actor, terminal.facts.container)
        async with contextlib.aclosing(actions):
            async for action in actions:
                await self.ch.send("container", action=action)
