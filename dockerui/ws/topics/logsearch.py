"""Topic `logsearch`: a search through whole logs; closing the channel cancels it.

Arguments: `{"ids":[…],"query":…,"regex":bool,"case":bool,"since":t,"until":t,"stdout":bool,"stderr":bool}`.
Events, in which `source` is a place in `ids`:

    {"ev":"matches","items":[{"source":0,"time":"<seconds.nanoseconds>","ordinal":n,"text":…}, …]}
    {"ev":"progress","done":0.42,"lines":n}
    {"ev":"skipped","source":1,"message":…}      a log that cannot be read

The `end` says `complete`, or `limit` when there are more matches than are sent.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any, ClassVar

from dockerui.access import Actor
from dockerui.engine.protocol.logline import to_seconds
from dockerui.services.log_search import Finished, Matches, Progress, SearchItem, log_search, search_request
from dockerui.ws.topic import ChannelHandle, Topic


class LogSearchTopic(Topic):
    """One search."""

    name: ClassVar[str] = "logsearch"
    permission: ClassVar[str] = "container.logs"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        self.request = search_request(args)

    async def run(self) -> str | None:
        async with contextlib.aclosing(log_search(self.actor, self.request)) as items:
            async for item in items:
                if isinstance(item, Finished):
                    return item.reason
                await self._send(item)
        return None

    async def _send(self, item: SearchItem) -> None:
        if isinstance(item, Matches):
            found = [
                {
                    "source": item.source,
                    "time": to_seconds(line.time_ns),
                    "ordinal": line.ordinal,
                    "text": line.text,
                }
                for line in item.found
            ]
            for start in range(0, len(found), 100):
                await self.ch.send("matches", items=found[start : start + 100])
        elif isinstance(item, Progress):
            await self.ch.send("progress", **asdict(item))
        else:
            await self.ch.send("skipped", **asdict(item))
