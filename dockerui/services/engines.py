"""The Engine of this process, shared by everything in it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from dockerui.engine import Endpoint, Engine
from dockerui.engine.aio import AsyncEngine


@dataclass
class ConnectedEngine:
    """One Engine, for calls from threads and from the event loop."""

    endpoint: Endpoint

    @cached_property
    def engine(self) -> Engine:
        """For threads."""
        return Engine(self.endpoint)

    @cached_property
    def aengine(self) -> AsyncEngine:
        """For coroutines; shares the negotiated version."""
        return AsyncEngine(self.engine)


_lock = threading.Lock()
_default: ConnectedEngine | None = None


def default() -> ConnectedEngine:
    """The Engine that `DOCKERUI_ENGINE` names, or the one found in the environment."""
    global _default
    with _lock:
        if _default is None:
            address: str = settings.DOCKERUI_ENGINE
            _default = ConnectedEngine(Endpoint.parse(address) if address else Endpoint.from_environment())
        return _default


def use(endpoint: Endpoint | None) -> None:
    """Talk to another Engine from now on; None: what the settings say. For tests."""
    global _default
    with _lock:
        _default = ConnectedEngine(endpoint) if endpoint else None
