"""Topic `logsources`: the containers of a compose project, for a log view of all of them.

Arguments: `{"project":name}`. Event: `{"ev":"sources","items":[{"id":…,"name":…,"state":…}, …]}` at first and
whenever it changes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.services import log_sources
from dockerui.ws.topic import ChannelHandle, Topic


class LogSourcesTopic(Topic):
    """One viewer of a project's membership."""

    name: ClassVar[str] = "logsources"
    permission: ClassVar[str] = "container.logs"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.project = log_sources.project_name(args.get("project"))

    async def run(self) -> str | None:
        async for sources in log_sources.watch(self.actor, self.project):
            await self.ch.send("sources", items=[source.__dict__ for source in sources])
        return None
