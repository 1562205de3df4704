"""Topic `images`: says that images, or who uses them, have changed.

Arguments: `{}` or `{"id": "sha256:…"}`. Events as in changing.py, and `{"ev":"gone"}` when that image was
deleted.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.events import Event
from dockerui.services.errors import BadInput
from dockerui.services.images import FULL_ID
from dockerui.ws.topic import ChannelHandle
from dockerui.ws.topics.changing import ChangingTopic

_USES = frozenset({"create", "destroy", "start", "die", "rename"})


class ImagesTopic(ChangingTopic):
    """One viewer of the list, or of one image's page."""

    name: ClassVar[str] = "images"
    permission: ClassVar[str] = "image.list"
    pause: ClassVar[float] = 0.5  # a pull, a build or a clean-up makes many events
    settle: ClassVar[float] = 0.1  # an image loses its last name just before it is deleted

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.id = args.get("id") or ""
        if self.id and not (isinstance(self.id, str) and FULL_ID.fullmatch(self.id)):
            raise BadInput("id must be an image's full id.")

    def concerns(self, event: Event) -> bool:
        return event.type == "image" or (event.type == "container" and event.action in _USES)

    def ends(self, event: Event) -> bool:
        return bool(self.id) and event.type == "image" and event.id == self.id and event.action == "delete"
