"""``make demo`` and ``make demo-clean``."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.engine import MakeContainer
from tests.support.server import ROOT
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from dockerui.engine import Engine

OURS = {"label": ["dockerui.demo=1"]}
NAMES = {"/demo-web-1", "/demo-shop-1", "/demo-cache-1", "/demo-importer-1", "/demo-worker-1"}


def demo(docker_host: str, action: str) -> str:
    """Run the script as make does; what it says."""
    command = [sys.executable, "scripts/demo.py", action]
    env = {**os.environ, "DOCKER_HOST": docker_host}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def names(engine: Engine) -> set[str]:
    """The demo's containers."""
    return {container["Names"][0] for container in engine.container_list(all=True, filters=OURS)}


def test_demo_comes_twice_and_goes_whole(
    engine: Engine, docker_host: str, make_container: MakeContainer
) -> None:
    other = make_container()
    try:
        assert "http://127.0.0.1:" in demo(docker_host, "up")
        first = {container["Id"] for container in engine.container_list(all=True, filters=OURS)}
        demo(docker_host, "up")
        assert {container["Id"] for container in engine.container_list(all=True, filters=OURS)} == first
        assert names(engine) == NAMES
        wait_until(lambda: restarted(engine), timeout=30, what="the importer failed and was started again")
    finally:
        demo(docker_host, "down")
    assert names(engine) == set()
    assert engine.network_list(filters=OURS) == []
    assert not engine.volume_list(filters=OURS)["Volumes"]
    assert engine.container_inspect(other)["State"]["Running"]


def restarted(engine: Engine) -> bool:
    """Has the restart loop begun?"""
    return int(engine.container_inspect("demo-importer-1")["RestartCount"]) > 0
