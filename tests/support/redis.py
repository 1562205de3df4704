"""A Redis of a test's own, where its server is installed (`apt-get install redis-server`)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.waiting import wait_until


def redis_url(request: pytest.FixtureRequest) -> str:
    """Start a server that listens on a unix socket only, for as long as the test runs; its address.

    Skips the test where no server is installed.
    """
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no Redis server is installed")
    folder = Path(tempfile.mkdtemp(prefix="dockerui-redis-"))
    request.addfinalizer(lambda: shutil.rmtree(folder))
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
    request.addfinalizer(process.wait)
    request.addfinalizer(process.terminate)
    wait_until(path.exists, what="the socket of Redis")
    return f"unix://{path}"
