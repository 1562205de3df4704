"""Text files: what counts as one, and how an edited one is written back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dockerui.services.errors import BadInput

MOST = 1 << 20  # bytes of a file that is shown and edited


@dataclass(frozen=True)
class TextFile:
    """`version` tells whether the file is still the same. `newline`: how its lines end (LF, CRLF, mixed)."""

    text: str
    version: str
    newline: str

    @property
    def shown(self) -> str:
        """With the line ends that every editor has."""
        return self.text.replace("\r\n", "\n")


def version_of(content: bytes) -> str:
    """The same for the same content."""
    return hashlib.sha256(content).hexdigest()


def text_of(content: bytes) -> tuple[TextFile | None, str]:
    """The text of a file, or None and why it has none to show."""
    if b"\0" in content:
        return None, "It is binary."
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None, "It is not UTF-8 text."
    crlf = text.count("\r\n")
    ends = {"CRLF": crlf, "LF": text.count("\n") - crlf, "CR": text.count("\r") - crlf}
    used = [name for name, count in ends.items() if count]
    # A browser makes LF of every CR: a file that has them alone is not saved as it was, and says so.
    newline = used[0] if len(used) == 1 and used != ["CR"] else "mixed" if used else "LF"
    return TextFile(text, version_of(content), newline), ""


def written(text: str, newline: str) -> bytes:
    """An edited text as bytes: forms send CRLF whatever the file has. Raises BadInput."""
    plain = text.replace("\r\n", "\n")
    try:
        content = (plain.replace("\n", "\r\n") if newline == "CRLF" else plain).encode()
    except UnicodeEncodeError:
        raise BadInput("The text holds half a character, which no file can.") from None
    if b"\0" in content:
        raise BadInput("The text holds a NUL.")
    if len(content) > MOST:
        raise BadInput(f"The text is larger than {MOST >> 20} MiB; upload it as a file instead.")
    return content
