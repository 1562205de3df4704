"""What a call that streams JSON returns: one value after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from dockerui.engine.errors import ProtocolError
from dockerui.engine.protocol.jsonlines import JsonLinesDecoder

from .streams import ByteStream

T = TypeVar("T")


class JsonStream(Generic[T]):
    """One value after the other from a body of JSON documents, in fixed memory. Iterate it, and close it."""

    def __init__(self, stream: ByteStream, read: Callable[[Any], T]) -> None:
        self._stream = stream
        self._lines = JsonLinesDecoder()
        self._read = read
        self._ready: deque[T] = deque()
        self._last = False
        self.status = stream.status
        self.headers = stream.headers

    async def batch(self) -> list[T]:
        """Wait for the next values that arrive together; an empty list at the end.

        Raises StreamCut, and ProtocolError for what is not JSON or has a line beyond all bounds.
        """
        if self._ready:
            ready = list(self._ready)
            self._ready.clear()
            return ready
        try:
            while not self._last:
                data = await self._stream.read()
                self._last = not data
                found = self._lines.feed(data) if data else self._lines.end()
                if found:
                    return [self._read(document) for document in found]
        except ProtocolError:
            await self.aclose()
            raise
        return []

    async def aclose(self) -> None:
        """Close the connection. Can be called twice."""
        self._last = True
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not self._ready:
            self._ready.extend(await self.batch())
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.popleft()
