"""Topic `wait`: tells when a container stops.

Arguments: `{"id": "<full id>", "condition": "not-running" | "next-exit" | "removed"}`. One event, the end:

    {"ev":"exited","code":137,"message":""}
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.services.door import FULL_ID, aperform
from dockerui.services.errors import BadInput
from dockerui.ws.topic import ChannelHandle, Topic

CONDITIONS = ("not-running", "next-exit", "removed")


class WaitTopic(Topic):
    """One person waiting for one container. `POST /containers/{id}/wait`"""

    name: ClassVar[str] = "wait"
    permission: ClassVar[str] = "container.wait"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.id, self.condition = args.get("id"), args.get("condition", "not-running")
        if not isinstance(self.id, str) or not FULL_ID.fullmatch(self.id):
            raise BadInput("id must be a container's full id.")
        if self.condition not in CONDITIONS:
            raise BadInput(f"condition must be one of {', '.join(CONDITIONS)}.")

    async def run(self) -> str | None:
        container = str(self.id)
        # Engines before API 1.30 know one condition only, and it is the default: leave it out.
        condition = None if self.condition == "not-running" else self.condition
        answer = await aperform(
            self.actor,
            "container_wait",
            target=container,
            call=lambda engine: engine.container_wait(container, condition=condition),
        )
        await self.ch.send(
            "exited", code=answer.get("StatusCode"), message=(answer.get("Error") or {}).get("Message", "")
        )
        return "exited"
