"""Log lines: one per event, found by the number of the request, and without secrets.

    2026-01-31 13:45:00,123 WARNING dockerui.web [3f9c0a7be1d2] the Engine answered 500: …

The number in brackets is the `X-Request-Id` of the response and stands on error pages; `-` is work that no
request asked for.
"""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from typing import Final

request_number: ContextVar[str] = ContextVar("request_number", default="-")
HIDDEN: Final = "[hidden]"

_SECRETS: Final = (
    re.compile(r"(?<=/setup/)[^\s/?#'\"]+"),
    re.compile(r"(?<=://)[^/\s@'\"]+(?=@)"),
    re.compile(r"(?i)(?<=[?&;])((?:[\w-]*(?:token|password|secret|auth|key))=)[^&\s'\"]+"),
    re.compile(r"(?i)((?:authorization|x-registry-auth|x-registry-config|cookie)['\"]?\s*[:=]\s*).+"),
)
_BREAKS: Final = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127)}


def redact(text: str) -> str:
    """The text without one-time links, passwords in addresses, tokens in queries, credentials in headers."""
    for pattern in _SECRETS:
        text = pattern.sub((r"\1" if pattern.groups else "") + HIDDEN, text)
    return text


class LineFormatter(logging.Formatter):
    """The format above. A message cannot forge a second line; tracebacks keep theirs."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_number)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.request_number = request_number.get()
        return redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = record.message.translate(_BREAKS)
        return super().formatMessage(record)
