"""A PostgreSQL of a test's own, where its server is installed (`apt-get install postgresql`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def _binaries() -> Path | None:
    for place in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (place / "initdb").exists():
            return place
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def postgres_url(request: pytest.FixtureRequest) -> str:
    """Start a server that listens on a unix socket only, for as long as the test runs; its address.

    Skips the test where no server is installed. As root it runs as `nobody`: PostgreSQL refuses root.
    """
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    folder = Path(tempfile.mkdtemp(prefix="dockerui-pg-"))
    request.addfinalizer(lambda: shutil.rmtree(folder))
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, **user)
    data = folder / "data"

    def run(name: str, *arguments: str) -> None:
        command = [str(binaries / name), "-D", str(data), *arguments]
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **user
        )
        assert done.returncode == 0

    run("initdb", "-U", "dockerui", "-A", "trust", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    request.addfinalizer(lambda: run("pg_ctl", "-m", "immediate", "stop"))
    return f"postgres://dockerui@{str(folder).replace('/', '%2F')}/postgres"
