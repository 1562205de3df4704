"""Topic `logs`: the log of one container.

Arguments: `{"id":…,"stdout":bool,"stderr":bool,"since":t,"until":t,"tail":n|"all","at":t,"before":n,
"follow":bool,"details":bool,"window":bytes}`; times are Unix seconds as text with up to nine decimals.
Events:

    {"ev":"container","id":…,"name":…,"tty":bool,"state":…,"driver":…,"now":ms}    first of all
    {"ev":"located","tail":n}      answer to `at`: what follows are the last n messages
    {"ev":"caught_up"}             the past has been sent
    {"ev":"gap","count":n,"first":t,"last":t}
        so many messages between two times were left out: this viewer does not take what is written now as
        fast as it is written, and nobody waits for it; `{"since":t,"until":t}` fetches them
    {"ev":"stopped","state":…,"exit_code":n,"oom_killed":bool,"error":…,"finished_at":…}
        the container does not run; the channel waits for its next start

and the Engine's bytes as they are, with timestamps: stdcopy frames, or lines when there is a tty. The `end`
says `complete`, `started` and `again` (open it anew, behind the last line), or `removed`.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.services.log_request import log_request
from dockerui.services.logs import CaughtUp, Ended, Located, Missed, Opened, Stopped, container_logs
from dockerui.ws.topic import ChannelHandle, Topic

WORTH_A_TASK = 16 << 10
"""Bytes; a smaller piece is sent at once."""
_NAMES = {
    Opened: "container",
    Located: "located",
    CaughtUp: "caught_up",
    Missed: "gap",
    Stopped: "stopped",
}


class LogsTopic(Topic):
    """One viewer of one log."""

    name: ClassVar[str] = "logs"
    permission: ClassVar[str] = "container.logs"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.request = log_request(args)
        ch.window.limit = self.request.window

    async def run(self) -> str | None:
        items = container_logs(self.actor, self.request)
        async with contextlib.aclosing(items), _Sender(self.ch) as sender:
            async for item in items:
                if isinstance(item, bytes):
                    await sender.send(item)
                    continue
                await sender.sent()
                if isinstance(item, Ended):
                    return item.reason
                await self.ch.send(_NAMES[type(item)], **asdict(item))
            await sender.sent()
        return None


class _Sender:
    """Sends pieces in order, a large one while the next is read: the Engine's socket holds 1 ms of a flood,
    and sending takes longer.
    """

    def __init__(self, ch: ChannelHandle) -> None:
        self._ch = ch
        self._under_way: asyncio.Task[None] | None = None

    async def send(self, piece: bytes) -> None:
        """Send a small piece, or begin to send a large one, when the one before has gone."""
        await self.sent()
        if len(piece) < WORTH_A_TASK:
            await self._ch.send_bytes(piece)
        else:
            self._under_way = asyncio.create_task(self._ch.send_bytes(piece))

    async def sent(self) -> None:
        """Wait until everything has gone. Raises WindowClosed when the channel is over."""
        if self._under_way is not None:
            await self._under_way
            self._under_way = None

    async def __aenter__(self) -> _Sender:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)
