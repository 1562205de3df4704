"""The body of an upload that has several parts: a list in front, contents behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dockerui.services.errors import BadInput
from dockerui.services.uploads import UploadCut


class Body:
    """The bytes of an upload, taken in lines and lengths."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    async def line(self, longest: int) -> bytes:
        """Up to the first line feed. Raises BadInput, UploadCut."""
        while b"\n" not in self._held:
            if len(self._held) > longest:
                raise BadInput("The list of files is too long; upload fewer at once.")
            self._held += await self._next()
        line, _, self._held = self._held.partition(b"\n")
        return line

    async def take(self, size: int) -> AsyncIterator[bytes]:
        """Exactly that many bytes. Raises UploadCut."""
        while size:
            data = self._held or await self._next()
            self._held = data[size:]
            data = data[:size]
            size -= len(data)
            yield data

    async def rest(self) -> AsyncIterator[bytes]:
        """All that is left."""
        if self._held:
            held, self._held = self._held, b""
            yield held
        async for piece in self._pieces:
            yield piece

    async def end(self) -> None:
        """Raises BadInput when there is more."""
        more = self._held or await anext(self._pieces, b"")
        if more:
            raise BadInput("The upload is longer than its list of files says.")

    async def _next(self) -> bytes:
        data = await anext(self._pieces, b"")
        if not data:
            raise UploadCut
        return data
