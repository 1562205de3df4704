#!/usr/bin/env python3
"""``make test``: the whole suite, real Engine and real browser included.

    scripts/test.py [--fast] [pytest arguments]

Uses an Engine of its own under var/test-engine (as root on Debian or Ubuntu it is installed when missing), or
the one that DOCKERUI_TEST_ENGINE names. Never another one: the tests prune.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

import apt
import bootstrap
import console
import engine
from console import ROOT, Problem, say
from own_engine import OwnEngine

TEST_ENGINE = ROOT / "var" / "test-engine"
ENGINE_ADVICE = (
    "run as root on Debian or Ubuntu, or name an Engine that you can afford to lose (tests create, remove "
    "and prune): DOCKERUI_TEST_ENGINE=unix:///path/docker.sock make test. Without any: make test-fast"
)
NOTHING_SELECTED = 5  # pytest's exit code
WORKERS = str(min(4, os.cpu_count() or 1))


class Suite:
    """One run of several test programs, with a summary."""

    def __init__(self, environment: Dict[str, str], *, selective: bool) -> None:
        self.environment = {**bootstrap.npm_environment(), **environment}
        self.selective = selective
        self.failed: List[str] = []

    def run(self, title: str, command: List[str]) -> None:
        """Run one program with its output on the terminal. Selecting nothing by ARGS is no failure."""
        say("\n=== %s" % title)
        started = time.monotonic()
        code = subprocess.run(command, cwd=str(ROOT), env=self.environment, check=False).returncode
        if code == NOTHING_SELECTED and self.selective:
            code = 0
        say("=== %s: %s in %.0f s" % (title, "passed" if code == 0 else "FAILED", time.monotonic() - started))
        if code != 0:
            self.failed.append(title)


def pytest(*arguments: str) -> List[str]:
    """The command for a part of the Python tests."""
    return [str(bootstrap.PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]


def ensure_chromium() -> Dict[str, str]:
    """A Chromium for the browser tests; the environment that names it. Raises Problem."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found:
        return {"CHROMIUM": found}
    if shutil.which("apt-get") and "ubuntu" not in Path("/etc/os-release").read_text().lower():
        apt.install(["chromium"], "the browser tests")
        return {"CHROMIUM": shutil.which("chromium") or "chromium"}
    # Ubuntu's package is a snap, which neither containers nor root without a session can run.
    command = [str(bootstrap.PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"]
    advice = "install Chromium or Google Chrome and name it: CHROMIUM=/path/to/it make test"
    console.run_step("Downloading a Chromium for the browser tests", command, log="chromium", advice=advice)
    return {}


def start_engine() -> Optional[OwnEngine]:
    """The Engine for the tests; None when one was named. Raises Problem."""
    if os.environ.get("DOCKERUI_TEST_ENGINE"):
        return None
    own = OwnEngine(TEST_ENGINE, isolated=True)
    try:
        engine.ensure_image(own.start())
    except Problem as problem:
        raise Problem("The tests need a Docker Engine. %s" % problem, ENGINE_ADVICE) from problem
    return own


def main() -> int:
    """Prepare, run the parts in order, sum up."""
    arguments = sys.argv[1:]
    fast = "--fast" in arguments
    rest = [argument for argument in arguments if argument != "--fast"]
    bootstrap.ensure_python(dev=True)
    bootstrap.ensure_frontend(dev=True)
    if fast:
        suite = Suite({}, selective=bool(rest))
        suite.run("Python, no Engine", pytest("-n", WORKERS, "-m", "not engine and not browser", *rest))
        suite.run("Front end", [*bootstrap.npm(), "test", "--silent"])
        return _sum_up(suite)
    suite = Suite(ensure_chromium(), selective=bool(rest))
    own = start_engine()
    try:
        suite.run("Python and real Engine", pytest("-n", WORKERS, "-m", "not browser", *rest))
        suite.run("Front end", [*bootstrap.npm(), "test", "--silent"])
        suite.run("Real browser", pytest("-n", WORKERS, "-m", "browser", *rest))
    finally:
        if own is not None:
            own.stop()
    return _sum_up(suite)


def _sum_up(suite: Suite) -> int:
    say("\n" + ("All tests passed." if not suite.failed else "Failed: %s" % ", ".join(suite.failed)))
    return 1 if suite.failed else 0


if __name__ == "__main__":
    console.main(main)
