"""The whole server in a process of its own, and a browser tab's socket without a browser."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerui.engine import Engine
from dockerui.engine.protocol.http import HeadDecoder
from dockerui.engine.protocol.websocket import FrameDecoder, Handshake, data_frame

ROOT = Path(__file__).resolve().parents[1]
_LOGIN = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from dockerui.services.sessions import begin
user = get_user_model().objects.create_user(username="bench", password="bench bench bench", role="admin")
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
begin(session, address="", browser="")
session.save()
print("session:" + session.session_key)
"""


@dataclass(frozen=True)
class Server:
    """A running server with a signed-in admin."""

    process: subprocess.Popen[str]
    port: int
    session: str
    started: float
    """`time.monotonic()` when the process was started."""

    def tab(self) -> Tab:
        """Open a tab's socket."""
        return Tab(self)


@contextlib.contextmanager
def running(engine: Engine) -> Iterator[Server]:
    """`manage.py serve` on a free port and an empty data folder, stopped at the end."""
    with tempfile.TemporaryDirectory() as data:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DOCKER", "DJANGO"))}
        env = {**kept, "DOCKERUI_DATA": data, "DOCKER_HOST": str(engine.endpoint), "PYTHONUNBUFFERED": "1"}
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "migrate", "-v0"], env=env, cwd=ROOT, check=True)
        made = subprocess.run(
            [*manage, "shell", "-v0", "-c", _LOGIN],
            env=env,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        session = made.stdout.split("session:")[1].split()[0]
        command = [*manage, "serve", "--host", "127.0.0.1", "--port", "0"]
        started = time.monotonic()
        process = subprocess.Popen(
            command, env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            yield Server(process, _port(process), session, started)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """MiB that a process has in memory and shares with nobody."""
    found = re.search(r"Private_Dirty:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(found[1]) / 1024 if found else 0.0


def resident(pid: int) -> float:
    """MiB that a process has in memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def forget_peak(pid: int) -> None:
    """Start the watch for `peak` anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> float:
    """The most MiB that a process had in memory since `forget_peak`."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def bare_memory() -> float:
    """MiB of a process that has imported what we are made of, and does nothing."""
    code = "import django, daphne.server, channels, time; print(flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        return resident(process.pid)
    finally:
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"https?://[^/:]+:(\d+)", line):
            return int(found[1])
    raise RuntimeError("the server printed no address")


class Tab:
    """One websocket, blocking."""

    def __init__(self, server: Server) -> None:
        host = f"127.0.0.1:{server.port}"
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handshake, head = Handshake(), HeadDecoder()
        lines = [f"{name}: {value}" for name, value in handshake.headers.items()]
        lines += [f"Host: {host}", f"Origin: http://{host}", f"Cookie: dockerui={server.session}"]
        self._socket.sendall("\r\n".join(["GET /ws HTTP/1.1", *lines, "", ""]).encode())
        answer = None
        while answer is None:
            answer = head.feed(self._socket.recv(65536))
        handshake.check(answer)
        self._decoder = FrameDecoder()
        self._frames = [frame.payload for frame in self._decoder.feed(head.rest)]

    def send(self, op: str, **fields: Any) -> None:
        """Send a message."""
        self._socket.sendall(data_frame(json.dumps({"op": op, **fields}).encode(), text=True))

    def send_bytes(self, channel: int, data: bytes) -> None:
        """Send input."""
        self._socket.sendall(data_frame(bytes([channel]) + data))

    def frame(self) -> bytes:
        """The payload of the next frame: a message starts with `{`, bytes with their channel."""
        while not self._frames:
            self._frames += [frame.payload for frame in self._decoder.feed(self._socket.recv(1 << 18))]
        return self._frames.pop(0)

    def message(self, ev: str) -> dict[str, Any]:
        """The next message of this kind; answers sync marks, skips everything else."""
        while True:
            frame = self.frame()
            if frame[:1] != b"{":
                continue
            message: dict[str, Any] = json.loads(frame)
            if message["ev"] == "sync":
                self.send("sync", n=message["n"])
            if message["ev"] in (ev, "error"):
                assert message["ev"] == ev, message
                return message

    def fileno(self) -> int:
        """For polling many tabs in one thread."""
        return self._socket.fileno()

    def waiting(self) -> list[bytes]:
        """The frames that have come so far, after one read of what is there."""
        self._frames += [frame.payload for frame in self._decoder.feed(self._socket.recv(1 << 18))]
        found, self._frames = self._frames, []
        return found

    def close(self) -> None:
        """Drop the connection."""
        self._socket.close()
