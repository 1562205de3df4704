"""The Engine of this process, shared by everything in it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from dockerui.engine import Endpoint, Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import EngineUnavailable, InvalidArgument


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
    """The Engine that `DOCKERUI_ENGINE` names, or else the first one found on this machine.

    Raises EngineUnavailable while none is found or its address makes no sense; the next call looks again.
    """
    global _default
    with _lock:
        if _default is None:
            _default = ConnectedEngine(_find())
        return _default


def known_endpoint() -> Endpoint | None:
    """The address that `default` uses; None while no Engine is found. For showing: never raises."""
    try:
        return default().endpoint
    except EngineUnavailable:
        return None


def _find() -> Endpoint:
    """As the docker CLI finds it; `DOCKERUI_ENGINE` goes before `DOCKER_HOST`, with its TLS variables."""
    address: str = settings.DOCKERUI_ENGINE
    try:
        return Endpoint.from_environment({**os.environ, "DOCKER_HOST": address} if address else None)
    except InvalidArgument as error:
        raise EngineUnavailable(f"the Engine's address cannot be used: {error}") from error


def use(endpoint: Endpoint | None) -> None:
    """Talk to another Engine from now on; None: what the settings say. For tests."""
    global _default
    with _lock:
        _default = ConnectedEngine(endpoint) if endpoint else None
