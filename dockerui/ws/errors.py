"""What goes wrong on a socket: breaches of the wire's rules close it, failures of a topic become an error
frame.
"""

from __future__ import annotations

from typing import Final

NOT_LOGGED_IN: Final = 4401
NOT_ALLOWED: Final = 4403
BAD_MESSAGE: Final = 4400
SILENT: Final = 4408
WRONG_TYPE: Final = 1003
FLOOD: Final = 1008
TOO_BIG: Final = 1009


class Breach(Exception):
    """The browser broke the rules of the socket, or lost the right to it: the socket closes with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason[:120]  # a close frame holds 123 bytes
