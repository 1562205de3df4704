"""Topic `container`: says that one container has changed, so that its page fetches what it shows.

Arguments: `{"id": "<full id>"}`. Events:

    {"ev":"changed","actions":["start", …]}     something happened to it; several at once in a burst
    {"ev":"gone"}                               it was removed
    {"ev":"stale","message":"…"}                the Engine is away; `changed` follows when it is back
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services import hub
from dockerui.services.door import FULL_ID
from dockerui.services.errors import BadInput, describe
from dockerui.streams import Down
from dockerui.ws.topic import ChannelHandle, Topic

PAUSE = 0.25  # seconds between two `changed`: a burst of events is one refresh
# What changes nothing that the page shows; a health check alone makes three exec events a time.
_NOISE = frozenset(
    {"exec_create", "exec_start", "exec_die", "exec_detach", "top", "attach", "detach", "resize"}
)


class ContainerTopic(Topic):
    """One viewer of one container's page."""

    name: ClassVar[str] = "container"
    permission: ClassVar[str] = "container.inspect"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.id = args.get("id")
        if not isinstance(self.id, str) or not FULL_ID.fullmatch(self.id):
            raise BadInput("id must be a container's full id.")
        self._actions: set[str] = set()
        self._news = asyncio.Event()

    async def run(self) -> str | None:
        sender = asyncio.create_task(self._send(), name="container changes")
        try:
            with hub.streams(self.actor).events.subscribe() as events:
                async for item in events:
                    if isinstance(item, Down):
                        await self.ch.send("stale", message=describe(item.error, self.actor).message)
                    elif not isinstance(item, Event):
                        self._note("resync")
                    elif item.type == "container" and item.id == self.id and item.action not in _NOISE:
                        if item.action == "destroy":
                            await self.ch.send("gone")
                            return "removed"
                        self._note(item.action)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return None

    def _note(self, action: str) -> None:
        self._actions.add(action)
        self._news.set()

    async def _send(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            actions, self._actions = sorted(self._actions), set()
            await self.ch.send("changed", actions=actions)
            await asyncio.sleep(PAUSE)
