"""Topic `attach`: a container's main process. See topics/terminal.py for the wire.

Arguments: `{"id":…,"stdin":bool,"stdout":bool,"stderr":bool,"logs":bool,"detach_keys":…,
"websocket":bool,"rows":24,"cols":80}`; with `websocket` through the Engine's own websocket, where stdout and
stderr are one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.services.attach import attach_open, attach_spec
from dockerui.services.terminals import Terminal
from dockerui.ws.topic import ChannelHandle
from dockerui.ws.topics.terminal import TerminalTopic


class AttachTopic(TerminalTopic):
    """One browser attached to a container."""

    name: ClassVar[str] = "attach"
    permission: ClassVar[str] = "container.attach"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.spec = attach_spec(args)

    async def open(self) -> Terminal:
        """Attach."""
        return await attach_open(self.actor, self.args.get("id", ""), self.spec)
