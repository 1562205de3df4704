"""The asynchronous side of the client: streams, terminals, transfers, and calls without a thread.

a = AsyncEngine(Engine(Endpoint.from_environment()))
async with await a.container_logs("web", follow=True, tail=100) as logs:
    async for piece in logs:
        ...

Every call has a connection of its own, which is closed by `aclose`, at the end of `async with`, and by
cancellation.
"""

from .containers import Time
from .engine import AsyncEngine
from .json_stream import JsonStream
from .pacing import PACING, Pacing
from .streams import ByteStream, Duplex
from .websocket import WebsocketDuplex

__all__ = [
    "PACING",
    "AsyncEngine",
    "ByteStream",
    "Duplex",
    "JsonStream",
    "Pacing",
    "Time",
    "WebsocketDuplex",
]
