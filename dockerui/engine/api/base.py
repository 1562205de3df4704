"""What every module of Engine calls builds on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from dockerui.engine.errors import ProtocolError
from dockerui.engine.operation import Operation
from dockerui.engine.transport import Reply
from dockerui.engine.versions import ApiVersion


class Caller(ABC):
    """Makes one call of one declared operation. `Engine` is the one that does it."""

    timeout: float
    """Seconds that an answer may take."""

    @property
    @abstractmethod
    def version(self) -> ApiVersion:
        """The negotiated API version."""

    @abstractmethod
    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | bytes | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Call `operation` and wait for the whole answer.

        Values of None are left out. `timeout` is in seconds (None: the Engine's default). Raises EngineError.
        """

    def json(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | bytes | None = None,
        timeout: float | None = None,
    ) -> Any:
        """As `call`, and decode the answer; None for an empty one."""
        return self.call(
            operation, path=path, query=query, headers=headers, body=body, timeout=timeout
        ).json()


def mapping(decoded: Any) -> dict[str, Any]:
    """A JSON object as it is. Raises ProtocolError for anything else."""
    if not isinstance(decoded, dict):
        raise ProtocolError("the Engine's answer is not a JSON object")
    return decoded


def rows(decoded: Any) -> list[dict[str, Any]]:
    """A JSON list of objects; Go writes an empty list as null. Raises ProtocolError for anything else."""
    if decoded is None:
        return []
    if not isinstance(decoded, list) or not all(isinstance(item, dict) for item in decoded):
        raise ProtocolError("the Engine's answer is not a JSON list of objects")
    return decoded
