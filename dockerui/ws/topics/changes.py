"""Topic `changes`: says that something of a sort has changed.

Arguments: `{"types": ["network", …]}`, of container, image, network, volume. Events as in changing.py.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services.errors import BadInput
from dockerui.ws.topic import ChannelHandle
from dockerui.ws.topics.changing import ChangingTopic
from dockerui.ws.topics.container import NOISE

TYPES = frozenset({"container", "image", "network", "volume"})


class ChangesTopic(ChangingTopic):
    """One page that shows objects of some types."""

    name: ClassVar[str] = "changes"
    permission: ClassVar[str] = "event.read"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        types = args.get("types")
        if not isinstance(types, list) or not types or not TYPES.issuperset(map(str, types)):
            raise BadInput(f"types must be a list of {', '.join(sorted(TYPES))}.")
        self.types = frozenset(types)

    def concerns(self, event: Event) -> bool:
        return event.type in self.types and event.action not in NOISE
