"""Topic `changes`: says that something of a sort has changed, so that a page fetches what it shows.

Arguments: `{"types": ["network", …]}`, of container, image, network, volume. Events:

    {"ev":"changed"}                    at most four times a second
    {"ev":"stale","message":"…"}        the Engine is away; `changed` follows when it is back
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services import hub
from dockerui.services.errors import BadInput, describe
from dockerui.streams import Down
from dockerui.ws.topic import ChannelHandle, Topic

PAUSE = 0.25  # seconds between two `changed`
TYPES = frozenset({"container", "image", "network", "volume"})
_NOISE = frozenset(
    {"exec_create", "exec_start", "exec_die", "exec_detach", "top", "attach", "detach", "resize"}
)


class ChangesTopic(Topic):
    """One page that shows objects of some types."""

    name: ClassVar[str] = "changes"
    permission: ClassVar[str] = "event.read"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        types = args.get("types")
        if not isinstance(types, list) or not types or not TYPES.issuperset(map(str, types)):
            raise BadInput(f"types must be a list of {', '.join(sorted(TYPES))}.")
        self.types = frozenset(types)
        self._news = asyncio.Event()

    async def run(self) -> str | None:
        sender = asyncio.create_task(self._send(), name="changes")
        joined = False
        try:
            with hub.streams(self.actor).events.subscribe() as events:
                async for item in events:
                    if isinstance(item, Down):
                        await self.ch.send("stale", message=describe(item.error, self.actor).message)
                    elif not isinstance(item, Event):
                        # The page has just been made: its first Resync tells it nothing new.
                        if joined:
                            self._news.set()
                        joined = True
                    elif item.type in self.types and item.action not in _NOISE:
                        self._news.set()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return None

    async def _send(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self.ch.send("changed")
            await asyncio.sleep(PAUSE)
