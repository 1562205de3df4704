"""A browser's side of one log channel, for tests."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from dockerui.engine.protocol.logline import split_line
from dockerui.engine.protocol.stdcopy import StdcopyDecoder
from tests.ws.conftest import Tab

PATIENCE = 15.0


class LogTab:
    """Speaks the wire of topics/logs.py on channel `ch`; acknowledges what it reads unless told not to."""

    def __init__(self, tab: Tab, ch: int = 1) -> None:
        self.tab = tab
        self.ch = ch
        self.raw = b""
        self.acknowledge = True
        self.events: list[dict[str, Any]] = []

    async def open(self, id: str, **args: Any) -> None:
        """Open the log; does not wait."""
        await self.tab.send("open", ch=self.ch, topic="logs", args={"id": id, **args})

    async def event(self, ev: str) -> dict[str, Any]:
        """Read until this event comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in self.events:
                    if message["ev"] == ev:
                        self.events.remove(message)
                        return message
                    assert ev == "error" or message["ev"] != "error", message
                await self.step()

    async def lines(self, count: int) -> list[str]:
        """Read until there are so many lines; all there are by then, without their times."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.texts()) < count:
                await self.step()
        return found

    def texts(self) -> list[str]:
        """The lines so far, `2>` before those of stderr."""
        frames = StdcopyDecoder().feed(self.raw)
        return [("2>" if frame.stream == 2 else "") + _text(frame.payload) for frame in frames]

    async def step(self) -> None:
        """Take one frame."""
        frame = await self.tab.frame(PATIENCE)
        if frame.get("bytes") is not None:
            assert frame["bytes"][0] == self.ch
            self.raw += frame["bytes"][1:]
            if self.acknowledge:
                await self.tab.send("ack", ch=self.ch, n=len(frame["bytes"]) - 1)
            return
        message = orjson.loads(frame["text"])
        if message["ev"] == "sync":
            await self.tab.send("sync", n=message["n"])
        else:
            self.events.append(message)


def _text(payload: bytes) -> str:
    return split_line(payload)[1].decode().rstrip("\r\n")
