"""Topic `container`: says that one container has changed or is gone.

Arguments: `{"id": "<full id>"}`. Events as in changing.py, and `{"ev":"gone"}` when it was removed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services.door import FULL_ID
from dockerui.services.errors import BadInput
from dockerui.ws.topic import ChannelHandle
from dockerui.ws.topics.changing import ChangingTopic

# What changes nothing that the page shows; a health check alone makes three exec events a time.
NOISE = frozenset(
    {"exec_create", "exec_start", "exec_die", "exec_detach", "top", "attach", "detach", "resize"}
)


class ContainerTopic(ChangingTopic):
    """One viewer of one container's page."""

    name: ClassVar[str] = "container"
    permission: ClassVar[str] = "container.inspect"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.id = args.get("id")
        if not isinstance(self.id, str) or not FULL_ID.fullmatch(self.id):
            raise BadInput("id must be a container's full id.")

    def concerns(self, event: Event) -> bool:
        return event.type == "container" and event.id == self.id and event.action not in NOISE

    def ends(self, event: Event) -> bool:
        return event.type == "container" and event.id == self.id and event.action == "destroy"
