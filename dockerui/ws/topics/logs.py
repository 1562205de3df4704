"""Topic `logs`: the log of one container.

Arguments: `{"id":…,"stdout":bool,"stderr":bool,"since":t,"until":t,"tail":n|"all","at":t,"before":n,
"follow":bool,"details":bool,"window":bytes}`; times are Unix seconds as text with up to nine decimals.
Events:

    {"ev":"container","id":…,"name":…,"tty":bool,"state":…,"driver":…,"now":ms}    first of all
    {"ev":"located","tail":n}      answer to `at`: what follows are the last n messages
    {"ev":"caught_up"}             the past has been sent
    {"ev":"stopped","state":…,"exit_code":n,"oom_killed":bool,"error":…,"finished_at":…}
        the container does not run; the channel waits for its next start

and the Engine's bytes as they are, with timestamps: stdcopy frames, or lines when there is a tty. The `end`
says `complete`, `started` and `again` (open it anew, behind the last line), or `removed`.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.services.log_request import log_request
from dockerui.services.logs import CaughtUp, Ended, Located, Opened, Stopped, container_logs
from dockerui.ws.topic import ChannelHandle, Topic

_NAMES = {Opened: "container", Located: "located", CaughtUp: "caught_up", Stopped: "stopped"}


class LogsTopic(Topic):
    """One viewer of one log."""

    name: ClassVar[str] = "logs"
    permission: ClassVar[str] = "container.logs"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.request = log_request(args)
        ch.window.limit = self.request.window

    async def run(self) -> str | None:
        async with contextlib.aclosing(container_logs(self.actor, self.request)) as items:
            async for item in items:
                if isinstance(item, bytes):
                    await self.ch.send_bytes(item)
                elif isinstance(item, Ended):
                    return item.reason
                else:
                    await self.ch.send(_NAMES[type(item)], **asdict(item))
        return None
