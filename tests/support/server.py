"""The real server in a process of its own: ``manage.py serve`` on a free port, with an empty data folder."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https?://\S+")
START_TIMEOUT = 30.0  # seconds until the address must be printed


@dataclass
class LiveServer:
    """A running server. ``url`` has no trailing slash; ``setup_link`` is empty once somebody has used it."""

    process: "subprocess.Popen[str]"
    url: str
    setup_link: str
    data: Path
    environment: dict[str, str]
    output: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.url

    def manage(self, *arguments: str) -> str:
        """Run a management command against this server's data."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def stop(self) -> int:
        """Ask it to stop, as an operator would; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


def start_server(data: Path, docker_host: str, *arguments: str, **environment: str) -> LiveServer:
    """Start a server on a free port and wait for the line with its address."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("DOCKER", "DJANGO"))}
    settings = {"DOCKERUI_DATA": str(data), "DOCKER_HOST": docker_host}
    env = {**inherited, **settings, **environment}
    command = [sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    lines: Queue[str | None] = Queue()
    server = LiveServer(process, "", "", data, env)
    threading.Thread(target=_collect, args=(process, lines, server.output), daemon=True).start()
    _read_address(server, lines)
    return server


def _collect(process: "subprocess.Popen[str]", lines: "Queue[str | None]", output: list[str]) -> None:
    """Keep reading what the server prints: a full pipe would stop it."""
    assert process.stdout is not None
    for line in process.stdout:
        output.append(line)
        lines.put(line)
    lines.put(None)


def _read_address(server: LiveServer, lines: "Queue[str | None]") -> None:
    try:
        while (line := lines.get(timeout=START_TIMEOUT)) is not None:
            urls = ADDRESS.findall(line)
            if urls:
                server.url = urls[0].split("/setup/")[0].rstrip("/")
                server.setup_link = next((url for url in urls if "/setup/" in url), "")
                return
    except Empty:
        server.process.kill()
    pytest.fail("the server printed no address:\n" + "".join(server.output))


StartServer = Callable[..., LiveServer]


@pytest.fixture
def start_live_server(tmp_path: Path, docker_host: str) -> Iterator[StartServer]:
    """Start servers of this test's own: ``start_live_server(docker_host="unix:///none", DOCKERUI_X="1")``."""
    with contextlib.ExitStack() as running:

        def start(*arguments: str, docker_host: str = docker_host, **environment: str) -> LiveServer:
            server = start_server(tmp_path / "data", docker_host, *arguments, **environment)
            running.callback(_end, server)
            return server

        yield start


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, docker_host: str) -> Iterator[LiveServer]:
    """One server for the whole run, on the Engine under test.

    (Not called `live_server`: pytest-django has a fixture of that name, and sets up a database for it.)
    """
    server = start_server(tmp_path_factory.mktemp("server") / "data", docker_host)
    yield server
    _end(server)


def _end(server: LiveServer) -> None:
    if server.process.poll() is None:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
            pytest.fail("the server did not stop within 20 s:\n" + "".join(server.output[-30:]))
