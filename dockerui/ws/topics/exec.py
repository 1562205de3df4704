"""Topic `exec`: a command in a container. See topics/terminal.py for the wire.

Arguments: `{"id":…,"cmd":[…],"user":…,"workdir":…,"env":["NAME=value"],"tty":bool,"privileged":bool,
"detach_keys":…,"rows":24,"cols":80}`; without `cmd` the best shell there is.
"""

from __future__ import annotations

from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.services.exec import exec_open
from dockerui.services.exec_spec import exec_spec
from dockerui.services.terminals import Terminal
from dockerui.ws.topic import ChannelHandle
from dockerui.ws.topics.terminal import TerminalTopic


class ExecTopic(TerminalTopic):
    """One browser at one exec."""

    name: ClassVar[str] = "exec"
    permission: ClassVar[str] = "exec.create"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.spec = exec_spec(args)

    async def open(self) -> Terminal:
        """Run the command."""
        return await exec_open(self.actor, self.args.get("id", ""), self.spec)
