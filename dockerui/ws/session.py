"""All channels of one socket, and the rules of the wire (consumer.py describes it)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import orjson

from dockerui.access import Actor, Forbidden, authorise
from dockerui.services.errors import BadInput, describe
from dockerui.ws.channel import Channel
from dockerui.ws.errors import BAD_MESSAGE, FLOOD, NOT_ALLOWED, TOO_BIG, WRONG_TYPE, Breach
from dockerui.ws.outbox import Outbox
from dockerui.ws.topic import ChannelHandle, Topic
from dockerui.ws.topics import TOPICS

MAX_FRAME = 64 << 10
MAX_CHANNELS = 32
FRAMES_PER_SECOND = 1000  # sustained; twice as many in a burst


class Session:
    """What one logged-in socket has open."""

    def __init__(self, actor: Actor, outbox: Outbox) -> None:
        self.actor = actor
        self.outbox = outbox
        self.heard = time.monotonic()
        self._channels: dict[int, Channel] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._tokens = 2.0 * FRAMES_PER_SECOND

    async def receive(self, text: str | None, data: bytes | None) -> None:
        """Take one frame from the browser. Raises `Breach` when it breaks the rules."""
        self._count()
        if data is not None:
            self._bytes(data)
        elif text is not None:
            await self._message(text)

    def end(self, breach: Breach) -> None:
        """Close the socket with the breach's code and stop everything on it. Waits for nobody."""
        if self.outbox.closed:
            return
        self.outbox.mute()
        self._run(self.outbox.close(breach.code, breach.reason))
        for channel in list(self._channels.values()):
            self._drop(channel)

    def ping(self) -> None:
        """Ask whether the browser lives. Waits for nobody."""
        self._run(self._ping())

    async def shut(self) -> None:
        """The socket is gone: stop every channel and wait until the last has cleaned up."""
        self.outbox.mute()
        for channel in list(self._channels.values()):
            self._drop(channel)
        while self._leaving:
            await asyncio.wait(self._leaving)

    def recheck(self, actor: Actor) -> None:
        """Take over the actor as it is now; end the socket if an open channel is no longer allowed."""
        self.actor = actor
        for channel in list(self._channels.values()):
            channel.topic.actor = actor
            if not _may(actor, type(channel.topic)):
                self.end(Breach(NOT_ALLOWED, "a permission was withdrawn"))
                return

    def _count(self) -> None:
        now = time.monotonic()
        self._tokens = min(2.0 * FRAMES_PER_SECOND, self._tokens + (now - self.heard) * FRAMES_PER_SECOND) - 1
        self.heard = now
        if self._tokens < 0:
            raise Breach(FLOOD, "too many frames")

    def _bytes(self, data: bytes) -> None:
        if not data:
            raise Breach(WRONG_TYPE, "a binary frame starts with its channel")
        if len(data) > MAX_FRAME:
            raise Breach(TOO_BIG, "frame over 64 KiB")
        channel = self._channels.get(data[0])
        if channel is not None:  # else it crossed our `end` on the way
            channel.feed(data[1:], len(data) - 1)

    async def _message(self, text: str) -> None:
        if len(text) > MAX_FRAME or len(text.encode()) > MAX_FRAME:
            raise Breach(TOO_BIG, "frame over 64 KiB")
        message = _decode(text)
        match op := message.get("op"):
            case "ack":
                self._ack(message)
            case "sync":
                self.outbox.synced(_count_of(message))
            case "ping":
                await self.outbox.post('{"ev":"pong"}')
            case "pong":
                pass
            case "open":
                await self._open(message)
            case "close":
                channel = self._channels.get(_number(message))
                if channel is not None:
                    self._drop(channel)
            case str():
                channel = self._channels.get(_number(message))
                if channel is not None:
                    channel.feed((op, message), len(text))
            case _:
                raise Breach(BAD_MESSAGE, "op is missing")

    def _ack(self, message: dict[str, Any]) -> None:
        channel = self._channels.get(_number(message))
        if channel is not None:
            channel.handle.window.ack(_count_of(message))

    async def _open(self, message: dict[str, Any]) -> None:
        number, args = _number(message), message.get("args", {})
        factory = TOPICS.get(str(message.get("topic")))
        if factory is None or not isinstance(args, dict) or number in self._channels:
            raise Breach(BAD_MESSAGE, "open needs a free channel, a known topic and arguments")
        handle = ChannelHandle(number, self.outbox)
        try:
            topic = self._admit(factory, handle, args)
        except (Forbidden, BadInput) as error:
            problem = describe(error, self.actor)
            await handle.post("error", status=problem.status, message=problem.message)
            return
        await handle.post("open")
        self._channels[number] = Channel(topic, handle, ended=self._forget, broken=self.end)

    def _admit(self, factory: type[Topic], handle: ChannelHandle, args: dict[str, Any]) -> Topic:
        authorise(self.actor, factory.permission)
        if len(self._channels) >= MAX_CHANNELS:
            raise BadInput(f"a tab can have {MAX_CHANNELS} live views open")
        return factory(handle, self.actor, args)

    def _drop(self, channel: Channel) -> None:
        self._channels.pop(channel.handle.number, None)
        self._track(channel.cancel())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._track(asyncio.create_task(work))

    def _track(self, task: asyncio.Task[None]) -> None:
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _ping(self) -> None:
        try:
            await self.outbox.post('{"ev":"ping"}')
        except Breach as breach:
            self.end(breach)

    def _forget(self, channel: Channel) -> None:
        if self._channels.get(channel.handle.number) is channel:
            del self._channels[channel.handle.number]
            self._track(channel.pump)


def _may(actor: Actor, topic: type[Topic]) -> bool:
    try:
        authorise(actor, topic.permission)
    except Forbidden:
        return False
    return True


def _decode(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Breach(BAD_MESSAGE, "not JSON") from error
    if not isinstance(message, dict):
        raise Breach(BAD_MESSAGE, "not a JSON object")
    return message


def _number(message: dict[str, Any]) -> int:
    number = message.get("ch")
    if type(number) is not int or not 1 <= number <= 255:
        raise Breach(BAD_MESSAGE, "ch must be 1 to 255")
    return number


def _count_of(message: dict[str, Any]) -> int:
    n = message.get("n")
    if type(n) is not int or not 0 <= n < 1 << 53:
        raise Breach(BAD_MESSAGE, "n must be a count")
    return n
