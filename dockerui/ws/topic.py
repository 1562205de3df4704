"""A topic: one live thing that a browser opens on a channel of its socket.

A topic declares its name and its permission; the session authorises *before* the topic is built, so a denied
topic makes no Engine call. `run` is the pump: what it raises becomes an `error` frame, its return an `end`
frame, and it is cancelled when the channel closes, the socket goes or the actor loses the permission. Input
comes one message at a time and in order; while `on_message`/`on_bytes` wait, at most `INPUT_WINDOW` bytes
queue up (see consumer.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import orjson

from dockerui.access import Actor
from dockerui.streams import CreditWindow
from dockerui.ws.errors import Breach
from dockerui.ws.outbox import Outbox

BYTE_WINDOW = 1 << 20  # bytes a channel may have in flight to a browser that has not acknowledged them
BYTES_PER_FRAME = 256 << 10


def body(ev: str, **fields: Any) -> str:
    """A text frame without its channel, for `send_raw`: encode once, send to any number of viewers."""
    return orjson.dumps({"ev": ev, **fields}).decode()[1:]


class ChannelHandle:
    """The way out: what a topic may do with the channel it runs on."""

    def __init__(self, number: int, outbox: Outbox) -> None:
        self.number = number
        self.closed = False
        self.window = CreditWindow(BYTE_WINDOW)
        self._outbox = outbox
        self._prefix = f'{{"ch":{number},'
        self._tag = bytes([number])

    async def send(self, ev: str, **fields: Any) -> None:
        """Send `{"ch", "ev", **fields}`; waits while the browser has not taken what was sent before."""
        await self.send_raw(body(ev, **fields))

    async def send_raw(self, prebuilt: str) -> None:
        """Send a frame made by `body`; waits as `send` does."""
        if not self.closed:
            await self._outbox.send(self._prefix + prebuilt)

    async def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes; waits until the browser has acknowledged all but `BYTE_WINDOW` of them."""
        view = memoryview(data)
        for start in range(0, len(view), BYTES_PER_FRAME):
            part = view[start : start + BYTES_PER_FRAME]
            if self.closed:
                return
            await self.window.acquire(len(part))
            await self._outbox.send_bytes(b"".join((self._tag, part)))

    async def gap(self, count: int, first: int, last: int) -> None:
        """Say that `count` items between two times (ns since the epoch) were dropped for this viewer."""
        await self.send("gap", count=count, **{"from": first, "to": last})

    async def post(self, ev: str, **fields: Any) -> None:
        """Send a control frame (`open`, `error`, `end`, `ack`) without waiting for the browser."""
        if not self.closed:
            await self._outbox.post(self._prefix + body(ev, **fields))

    def mute(self) -> None:
        """The channel is over: its number may be in use again, so what the topic still sends is dropped."""
        self.closed = True
        self.window.close()


class Topic(ABC):
    """Base of every topic; subclasses live in `dockerui/ws/topics/` and are listed in its `TOPICS`."""

    name: ClassVar[str]
    permission: ClassVar[str]

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        """Keep the arguments and check them: raises `BadInput` (→ error 400) and calls nothing.

        `actor` is who opened it; the session swaps it when a re-check finds other permissions.
        """
        self.ch = ch
        self.actor = actor
        self.args = args

    @abstractmethod
    async def run(self) -> str | None:
        """Pump until the source ends; returns the reason for the `end` frame."""

    async def on_message(self, op: str, message: dict[str, Any]) -> None:
        """Handle an operation of the topic's own; one it does not know closes the socket with 4400."""
        raise Breach(4400, f"topic {self.name} knows no operation {op[:40]!r}")

    async def on_bytes(self, data: bytes) -> None:
        """Handle a binary frame; a topic that takes none closes the socket with 1003."""
        raise Breach(1003, f"topic {self.name} takes no bytes")
