"""An Engine that never answers and counts who tries: for tests of what must not reach an Engine at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


class SilentEngine:
    """Listens on a unix socket; each connection is counted and closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.calls = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def silent_engine(tmp_path: Path) -> Iterator[SilentEngine]:
    """The Engine of this process is one that never answers; `silent_engine.calls` counts the attempts."""
    from dockerui.engine import Endpoint
    from dockerui.services import engine_facts, engines

    engine = SilentEngine(tmp_path / "silent.sock")
    engine_facts.forget()
    engines.use(Endpoint("unix", path=str(engine.path)))
    yield engine
    engines.use(None)
    engine.close()
