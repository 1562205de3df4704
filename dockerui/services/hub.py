"""What one event loop shares of one Engine: its asynchronous client, the hub, the event feed, the stats feed.

Streams belong to the loop they were made on. Views run in threads; `home` finds the running loop's streams
for them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from dockerui.access import Actor
from dockerui.engine.aio import AsyncEngine
from dockerui.services.door import engine_for
from dockerui.streams.events import EventFeed
from dockerui.streams.hub import Hub


@dataclass(eq=False)
class Streams:
    """The shared streams of one Engine on one loop. `extra` is where service modules keep what they build on
    them.
    """

    loop: asyncio.AbstractEventLoop
    aengine: AsyncEngine
    hub: Hub
    events: EventFeed
    extra: dict[str, Any] = field(default_factory=dict)


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Streams]] = WeakKeyDictionary()


def streams(actor: Actor) -> Streams:
    """The streams of the actor's Engine on the running loop; made at the first call, which sends nothing."""
    loop, engine = asyncio.get_running_loop(), engine_for(actor)
    found = _by_loop.setdefault(loop, {})
    made = found.get(engine.endpoint.key)
    if made is None or made.aengine.engine is not engine:
        aengine, hub = AsyncEngine(engine), Hub()
        made = found[engine.endpoint.key] = Streams(loop, aengine, hub, EventFeed(aengine, hub))
    return made


def home(actor: Actor) -> Streams | None:
    """The streams of the actor's Engine on a loop that runs in another thread of this process, if there are
    any.
    """
    key = engine_for(actor).endpoint.key
    for loop, found in list(_by_loop.items()):
        if loop.is_running() and key in found:
            return found[key]
    return None
