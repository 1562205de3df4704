"""What one event loop shares of one Engine: its asynchronous client, the hub, the event feed, the stats feed.

Streams belong to the loop they were made on. Views run in threads; `home` finds the running loop's streams
for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from dockerui.access import Actor
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import EngineUnavailable
from dockerui.services.door import engine_for
from dockerui.streams import EventFeed, Hub, StatsFeed


@dataclass(eq=False)
class Streams:
    """The shared streams of one Engine on one loop.

    `extra` holds what service modules build on them, `closers` how they stop it.
    """

    loop: asyncio.AbstractEventLoop
    aengine: AsyncEngine
    hub: Hub
    events: EventFeed
    stats: StatsFeed
    extra: dict[str, Any] = field(default_factory=dict)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def aclose(self) -> None:
        """Stop everything that was started here."""
        for close in reversed(self.closers):
            await close()
        await self.stats.aclose()
        await self.hub.aclose()


LOOK_EVERY = 2.0  # seconds between two looks for an Engine that is not there yet

_by_loop: dict[asyncio.AbstractEventLoop, dict[str, Streams]] = {}


def streams(actor: Actor) -> Streams:
    """The streams of the actor's Engine on the running loop; made at the first call, which sends nothing."""
    loop, engine = asyncio.get_running_loop(), engine_for(actor)
    if loop not in _by_loop:
        for ended in [other for other in _by_loop if other.is_closed()]:
            del _by_loop[ended]
        _by_loop[loop] = {}
    made = _by_loop[loop].get(engine.endpoint.key)
    if made is None or made.aengine.engine is not engine:
        made = _by_loop[loop][engine.endpoint.key] = _make(loop, AsyncEngine(engine))
    return made


async def found(actor: Actor) -> Streams:
    """`streams`, as soon as there is an Engine at all: for work that begins with the server."""
    while True:
        try:
            return streams(actor)
        except EngineUnavailable:
            await asyncio.sleep(LOOK_EVERY)


def home(actor: Actor) -> Streams | None:
    """The streams of the actor's Engine on a loop of another thread of this process, if there are any."""
    key = engine_for(actor).endpoint.key
    for loop, found in list(_by_loop.items()):
        if loop.is_running() and key in found:
            return found[key]
    return None


async def aclose() -> None:
    """Stop all streams of the running loop, as the server ends."""
    for made in _by_loop.pop(asyncio.get_running_loop(), {}).values():
        await made.aclose()


def _make(loop: asyncio.AbstractEventLoop, aengine: AsyncEngine) -> Streams:
    hub = Hub()
    return Streams(loop, aengine, hub, EventFeed(aengine, hub), StatsFeed(aengine))
