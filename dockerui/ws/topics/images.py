"""Topic `images`: says that images, or who uses them, have changed; what is shown then comes over HTTP.

    images  {}  or  {"id": "sha256:…"}   → {"ev":"changed","actions":["pull", …]},
                                           {"ev":"stale","message":"…"}
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services import hub
from dockerui.services.errors import BadInput, describe
from dockerui.services.images import FULL_ID
from dockerui.streams import Down
from dockerui.ws.topic import ChannelHandle, Topic

PAUSE = 0.5  # seconds between two `changed`: a pull, a build or a clean-up makes many events
_USES = frozenset({"create", "destroy", "start", "die", "rename"})


class ImagesTopic(Topic):
    """One viewer of the list, or of one image's page."""

    name: ClassVar[str] = "images"
    permission: ClassVar[str] = "image.list"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.id = args.get("id") or ""
        if self.id and not (isinstance(self.id, str) and FULL_ID.fullmatch(self.id)):
            raise BadInput("id must be an image's full id.")
        self._actions: set[str] = set()
        self._news = asyncio.Event()

    async def run(self) -> str | None:
        sender = asyncio.create_task(self._send(), name="image changes")
        try:
            with hub.streams(self.actor).events.subscribe() as events:
                async for item in events:
                    if isinstance(item, Down):
                        await self.ch.send("stale", message=describe(item.error, self.actor).message)
                    elif not isinstance(item, Event):
                        self._note("resync")
                    elif item.type == "image" or (item.type == "container" and item.action in _USES):
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
