"""What topics have in common that say only *that* something has changed: its page then fetches what it shows.

Events:

    {"ev":"changed","actions":["start", …]}     it changed; several at once in a burst. `resync`: events may
                                                have been missed; alone and first, the topic has begun
    {"ev":"stale","message":"…"}                the Engine is away; `changed` follows when it is back
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services import hub
from dockerui.services.errors import describe
from dockerui.streams import Down
from dockerui.ws.topic import ChannelHandle, Topic


class ChangingTopic(Topic):
    """Passes on that events concern its page, at most every `pause` seconds.

    `settle` is how many seconds it waits for what follows an event at once, such as the end of the object.
    """

    pause: ClassVar[float] = 0.25
    settle: ClassVar[float] = 0.0

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self._actions: set[str] = set()
        self._news = asyncio.Event()

    @abstractmethod
    def concerns(self, event: Event) -> bool:
        """Whether the event changes what the page shows."""

    def ends(self, event: Event) -> bool:
        """Whether there will be nothing to show any more: `gone` is sent and the topic is over."""
        return False

    async def run(self) -> str | None:
        sender = asyncio.create_task(self._send(), name=f"{self.name} changes")
        try:
            with hub.streams(self.actor).events.subscribe() as events:
                async for item in events:
                    if isinstance(item, Down):
                        await self.ch.send("stale", message=describe(item.error, self.actor).message)
                    elif not isinstance(item, Event):
                        self._note("resync")
                    elif self.ends(item):
                        await self.ch.send("gone")
                        return "removed"
                    elif self.concerns(item):
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
            if self.settle:
                await asyncio.sleep(self.settle)
            self._news.clear()
            actions, self._actions = sorted(self._actions), set()
            await self.ch.send("changed", actions=actions)
            await asyncio.sleep(self.pause)
