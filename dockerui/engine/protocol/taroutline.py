"""A tar whose headers are known before its contents come.

An outline is the archive with the contents taken out: every header as it is, and the end. It is checked as a
whole (tarnames.py). Then the archive itself can go on while it comes: a header goes on only when it is, byte
for byte, the next one of the outline, at the place that the sizes before it say. So nothing reaches an Engine
that was not checked, whoever sends what; and where both are of one file, the check was of all of it.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right

from .tarnames import BadArchive, Limits, TarCheck, show

_DIGEST = 16
_LONGEST_HEAD = 1 << 20  # bytes in front of one member's content


class Outline:
    """Feed all of it, then call `end`. What is kept of a member is its name and some forty bytes."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._check = TarCheck(limits, contents=False)
        self._held = bytearray()
        self._names = bytearray()
        self.starts, self.heads = array("Q"), array("Q")
        """Where the headers of each member begin in the archive, and how long they are; at last those of the
        end.
        """
        self.digests = bytearray()
        self.size = 0
        """Bytes that the archive has at least; what follows is zeros."""

    @property
    def members(self) -> int:
        """How many there are."""
        return self._check.members

    @property
    def content(self) -> int:
        """Bytes of all contents."""
        return self._check.size

    def feed(self, data: bytes) -> None:
        """Take bytes. Raises BadArchive."""
        self._held += data
        position = 0
        for member in self._check.feed(data):
            self._add(self._held[position : position + member.head], member.room)
            self._names += member.name + b"\0"
            position += member.head
        del self._held[:position]
        if len(self._held) > _LONGEST_HEAD:
            raise BadArchive("the archive has a header that is too long")

    def end(self) -> None:
        """It is complete. Raises BadArchive when it is not."""
        self._check.end()
        self._add(self._held, 0)

    def whole(self, at: int) -> int:
        """How many members lie before that place of the archive, with all of their contents."""
        begun = bisect_right(self.starts, at)
        return min(max(0, begun - 1), self.members)

    def under_way(self, at: int) -> str:
        """The name, for people, of the member whose content that place is in; empty in front of a header."""
        number = self.whole(at)
        if number == self.members or at < self.starts[number] + self.heads[number]:
            return ""
        return self.name(number)

    def name(self, number: int) -> str:
        """The name of a member for people."""
        return show(bytes(self._names).split(b"\0", number + 1)[number])

    def _add(self, head: bytes | bytearray, room: int) -> None:
        self.starts.append(self.size)
        self.heads.append(len(head))
        self.digests += _digest(head)
        self.size += len(head) + room


class Follower:
    """Lets an archive through as far as it is the one of the outline."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._held = b""
        self._next = 0
        self.at = 0
        """Bytes that went through."""
        self.wrong = ""
        """Why nothing more goes through."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes, return those that may go on; a header that is not complete yet is kept.

        Look at `wrong` after each piece: what is returned then is what came before.
        """
        data = self._held + data if self._held else data
        good = 0 if self.wrong else self._good(data)
        self._held = data[good:]
        self.at += good
        return data if good == len(data) else data[:good]

    def end(self) -> None:
        """That was all. Raises BadArchive when the archive is not complete."""
        if self.wrong:
            raise BadArchive(self.wrong)
        if self._held or self.at < self._outline.size:
            raise BadArchive("the archive is shorter than its list")

    def _good(self, data: bytes) -> int:
        """How many bytes from the start on may go on."""
        known, view = self._outline, memoryview(data)
        while self._next < len(known.starts):
            start = known.starts[self._next] - self.at
            stop = start + known.heads[self._next]
            if start >= len(data):
                return len(data)
            if stop > len(data):
                return start
            place = self._next * _DIGEST
            if _digest(view[start:stop]) != known.digests[place : place + _DIGEST]:
                self.wrong = self._words()
                return start
            self._next += 1
        tail = max(0, known.size - self.at)
        if bytes(view[tail:]).strip(b"\0"):
            self.wrong = "the archive goes on after its end"
            return tail
        return len(data)

    def _words(self) -> str:
        if self._next == self._outline.members:
            return "the archive does not end as its list says"
        return f"the archive is not the one of its list, from {self._outline.name(self._next)} on"


def _digest(head: bytes | bytearray | memoryview) -> bytes:
    return hashlib.blake2b(head, digest_size=_DIGEST).digest()
