"""The Engine that benchmarks run on, and containers of theirs."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dockerui.engine import Endpoint, Engine

ROOT = Path(__file__).resolve().parents[1]
IMAGE = "busybox:test"
LABEL = "dockerui.bench"


FOLDER = ROOT / "var" / "bench-engine"


def docker_host() -> str:
    """`BENCH_ENGINE`, or an Engine of our own that ends with this process."""
    given = os.environ.get("BENCH_ENGINE")
    script = [sys.executable, str(ROOT / "scripts" / "engine.py")]
    if given:
        subprocess.run([*script, "image", given, IMAGE], check=True, stdout=subprocess.DEVNULL)
        return given
    atexit.register(subprocess.run, [*script, "stop", str(FOLDER)], check=True)
    start = [*script, "start", str(FOLDER), "--isolated", "--image", IMAGE]
    return subprocess.run(start, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def connect() -> Engine:
    """A client of that Engine. From now on a SIGTERM lets this process clean up."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    return Engine(Endpoint.parse(docker_host()))


@contextlib.contextmanager
def container(engine: Engine, *command: str, **body: Any) -> Iterator[str]:
    """A running container, removed at the end."""
    host = {"NetworkMode": "none", "Init": True, **body.pop("HostConfig", {})}
    spec = {"Image": IMAGE, "Cmd": list(command), "Labels": {LABEL: "1"}, "HostConfig": host, **body}
    id = str(engine.container_create(body=spec)["Id"])
    try:
        engine.container_start(id)
        yield id
    finally:
        engine.container_remove(id, force=True, v=True)


@contextlib.contextmanager
def many(engine: Engine, count: int, *, start: bool) -> Iterator[list[str]]:
    """So many containers that sleep, running or only created; made and removed several at a time."""
    spec = {"Image": IMAGE, "Cmd": ["sleep", "100000"], "Labels": {LABEL: "1"}}
    made: list[str] = []

    def make(number: int) -> None:
        body = {**spec, "HostConfig": {"NetworkMode": "none"}}
        id = str(engine.container_create(body=body, name=f"bench-{os.getpid()}-{number:04}")["Id"])
        made.append(id)
        if start:
            engine.container_start(id)

    with ThreadPoolExecutor(4) as pool:
        try:
            list(pool.map(make, range(count)))
            yield made
        finally:
            list(pool.map(lambda id: engine.container_remove(id, force=True, v=True), made))


@contextlib.contextmanager
def log_of(engine: Engine, lines: int, width: int) -> Iterator[str]:
    """An exited container with `lines` log lines of `width` bytes, their number first."""
    text = "x" * (width - 8)
    script = f"yes {text} | head -n {lines} | nl -w6 -s' '"
    with container(engine, "sh", "-c", script) as id:
        while engine.container_inspect(id)["State"]["Running"]:
            time.sleep(0.1)
        yield id


class ProcessTimes:
    """CPU time of the Engine's processes: whoever listens on its socket, and its descendants."""

    def __init__(self, engine: Engine) -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(engine.endpoint.path)
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self._pid = struct.unpack("3i", credentials)[0]

    def seconds(self) -> float:
        """User and system time so far, of the processes that are there."""
        parents: dict[int, int] = {}
        ticks: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                parents[int(entry.name)] = int(fields[1])
                ticks[int(entry.name)] = int(fields[11]) + int(fields[12])
        return sum(ticks[pid] for pid in ticks if self._belongs(pid, parents)) / os.sysconf("SC_CLK_TCK")

    def _belongs(self, pid: int, parents: dict[int, int]) -> bool:
        while pid > 1:
            if pid == self._pid:
                return True
            pid = parents.get(pid, 0)
        return False
