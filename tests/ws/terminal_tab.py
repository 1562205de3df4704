"""A browser's side of one terminal channel, for tests."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from dockerui.engine.protocol.stdcopy import StdcopyDecoder
from tests.ws.conftest import Tab

PATIENCE = 15.0


class TerminalTab:
    """Speaks the wire of topics/terminal.py on channel `ch` and acknowledges what it reads."""

    def __init__(self, tab: Tab, ch: int = 1) -> None:
        self.tab = tab
        self.ch = ch
        self.output = b""
        self.offset = 0
        self.events: list[dict[str, Any]] = []
        self.started: dict[str, Any] = {}
        self._unread = 0

    async def open(self, topic: str = "exec", **args: Any) -> dict[str, Any]:
        """Open the terminal and wait for `started`."""
        await self.tab.send("open", ch=self.ch, topic=topic, args={"rows": 24, "cols": 80, **args})
        self.started = await self.event("started")
        self.offset = self.started["offset"]
        return self.started

    async def type(self, text: str | bytes) -> None:
        """Send input."""
        data = text.encode() if isinstance(text, str) else text
        await self.tab.raw(data=bytes([self.ch]) + data)

    async def send(self, op: str, **fields: Any) -> None:
        """Send an operation of the topic."""
        await self.tab.send(op, ch=self.ch, **fields)

    async def sees(self, text: str | bytes) -> bytes:
        """Read until the output has `text`; returns all output since the last call and forgets it."""
        wanted = text.encode() if isinstance(text, str) else text
        async with asyncio.timeout(PATIENCE):
            while wanted not in self.output:
                await self._step()
        seen, self.output = self.output, b""
        return seen

    async def event(self, ev: str) -> dict[str, Any]:
        """Read until this event comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in self.events:
                    if message["ev"] == ev:
                        self.events.remove(message)
                        return message
                    assert message["ev"] != "error", message
                await self._step()

    async def over(self) -> dict[str, Any]:
        """Read until it exits or fails."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in self.events:
                    if message["ev"] in ("exit", "error"):
                        return message
                await self._step()

    async def error(self) -> dict[str, Any]:
        """Read until the channel fails."""
        async with asyncio.timeout(PATIENCE):
            while not any(message["ev"] == "error" for message in self.events):
                await self._step()
        return self.events[-1]

    def streams(self) -> dict[int, bytes]:
        """The output so far, taken apart by stream (a terminal without tty)."""
        found: dict[int, bytes] = {}
        for part in StdcopyDecoder().feed(self.output):
            found[part.stream] = found.get(part.stream, b"") + bytes(part.payload)
        return found

    async def _step(self) -> None:
        frame = await self.tab.frame(PATIENCE)
        assert frame["type"] == "websocket.send", frame
        data = frame.get("bytes")
        if data is not None:
            self.output += data[1:]
            self.offset += len(data) - 1
            self._unread += len(data) - 1
            if self._unread >= 32 << 10:
                await self.tab.send("ack", ch=data[0], n=self._unread)
                self._unread = 0
            return
        message = orjson.loads(frame["text"])
        if message["ev"] == "sync":
            await self.tab.send("sync", n=message["n"])
        elif message.get("ch") == self.ch:
            self.events.append(message)
