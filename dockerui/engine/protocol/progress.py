"""Progress of pull, push, build, import and load.

Each document has some of `id` (a layer), `status`, `progressDetail{current, total}`, `stream` (build
output), `aux` (results such as the image's id) or, at the end, `errorDetail{code, message}` and `error`.
The answer's status stays 200 when the work fails after the first document, so that only this error tells.
The preformatted `progress` text is gone since Engine 29 and never used here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerui.engine.errors import ProtocolError


@dataclass(frozen=True)
class Progress:
    """One step. Texts are empty and numbers None where the Engine says nothing; `raw` is what it sent.

    `current` and `total` count bytes unless `units` says otherwise. `error` ends the work.
    """

    id: str
    status: str
    stream: str
    current: int | None
    total: int | None
    units: str
    error: str
    aux: Any
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def image_id(self) -> str:
        """The image that a build or load made, where `aux` or the text says so; else empty."""
        if isinstance(self.aux, Mapping) and self.aux.get("ID"):
            return str(self.aux["ID"])
        for words in ("Successfully built ", "Loaded image ID: "):
            if self.stream.startswith(words):
                return self.stream.removeprefix(words).strip()
        return ""


def read_progress(raw: Any) -> Progress:
    """Decode one progress document. Raises ProtocolError when it is not an object."""
    if not isinstance(raw, Mapping):
        raise ProtocolError("a progress document is not a JSON object")
    detail = raw.get("progressDetail")
    detail = detail if isinstance(detail, Mapping) else {}
    return Progress(
        id=_text(raw.get("id")),
        status=_text(raw.get("status")),
        stream=_text(raw.get("stream")),
        current=_number(detail.get("current")),
        total=_number(detail.get("total")),
        units=_text(detail.get("units")),
        error=_error(raw),
        aux=raw.get("aux"),
        raw=raw,
    )


def _error(raw: Mapping[str, Any]) -> str:
    detail = raw.get("errorDetail")
    message = detail.get("message") if isinstance(detail, Mapping) else None
    # An error without words is still one.
    return _text(message or raw.get("error")) or ("the Engine reported an error" if detail else "")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _number(value: object) -> int | None:
    """A count that is known: the Engine writes 0 or -1 for a total that it does not know."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
