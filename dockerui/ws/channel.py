"""One open channel: the topic's pump, its input in order, and one way to end both."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from dockerui.services.errors import describe
from dockerui.streams import WindowClosed
from dockerui.ws.errors import FLOOD, Breach
from dockerui.ws.topic import ChannelHandle, Topic

log = logging.getLogger(__name__)

INPUT_WINDOW = 256 << 10  # bytes a browser may send on a channel before they are acknowledged
INPUT_ACK = 32 << 10  # acknowledge in steps of this, so that key presses cost no answer
MESSAGE_COST = 256  # what a message counts for in the window, beyond its length

Input = bytes | tuple[str, dict[str, Any]]


class Channel:
    """Runs a topic.

    `ended` is called when it is over (possibly twice), `broken` when it met a breach of the wire.
    """

    def __init__(
        self,
        topic: Topic,
        handle: ChannelHandle,
        *,
        ended: Callable[[Channel], None],
        broken: Callable[[Breach], None],
    ) -> None:
        self.topic = topic
        self.handle = handle
        self._ended = ended
        self._broken = broken
        self._inputs: deque[tuple[Input, int]] = deque()
        self._queued = self._taken = 0
        self._arrived = asyncio.Event()
        self._feeder: asyncio.Task[None] | None = None
        self.pump = asyncio.create_task(self._run(), name=f"topic {topic.name}")

    def feed(self, item: Input, size: int) -> None:
        """Queue input for the topic. Raises `Breach` 1008 when the browser ignores the input window."""
        cost = size if isinstance(item, bytes) else size + MESSAGE_COST
        if self._queued + cost > INPUT_WINDOW:
            raise Breach(FLOOD, "sends faster than the channel takes")
        self._queued += cost
        self._inputs.append((item, cost))
        self._arrived.set()
        if self._feeder is None:
            self._feeder = asyncio.create_task(self._take(), name=f"input {self.topic.name}")

    def cancel(self) -> asyncio.Task[None]:
        """Stop pump and input, silence the channel; the task ends when the topic has cleaned up."""
        self.handle.mute()
        self.pump.cancel()
        return self.pump

    async def _run(self) -> None:
        try:
            reason = await self.topic.run()
        except WindowClosed:
            pass  # the channel was closed while the topic waited for credit
        except Exception as error:
            await self._fail(error)
        else:
            await self._last("end", reason=reason or "")
        finally:
            self._ended(self)
            await self._stop_feeder()
            self.handle.mute()

    async def _take(self) -> None:
        try:
            while True:
                while self._inputs:
                    await self._deliver(*self._inputs.popleft())
                self._arrived.clear()
                await self._arrived.wait()
        except Exception as error:
            self._feeder = None  # the pump must not wait for the task that ends it
            await self._fail(error)
            self.pump.cancel()

    async def _deliver(self, item: Input, cost: int) -> None:
        if isinstance(item, bytes):
            await self.topic.on_bytes(item)
            self._taken += len(item)
        else:
            await self.topic.on_message(*item)
        self._queued -= cost
        if self._taken >= INPUT_ACK:
            taken, self._taken = self._taken, 0
            await self.handle.post("ack", n=taken)

    async def _stop_feeder(self) -> None:
        if self._feeder is not None:
            self._feeder.cancel()
            await asyncio.gather(self._feeder, return_exceptions=True)

    async def _fail(self, error: Exception) -> None:
        if isinstance(error, Breach):
            self._broken(error)
            return
        problem = describe(error, self.topic.actor)
        if problem.status == 500:
            log.error("topic %s failed", self.topic.name, exc_info=error)
        await self._last("error", status=problem.status, message=problem.message)

    async def _last(self, ev: str, **fields: Any) -> None:
        self._ended(self)  # before the browser hears of it and takes the number again
        try:
            await self.handle.post(ev, **fields)
        except Breach as breach:
            self._broken(breach)
