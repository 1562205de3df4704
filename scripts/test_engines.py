#!/usr/bin/env python3
"""``make test-engines``: the real-Engine tests on one Engine after another.

    scripts/test_engines.py [NAME…] [-- pytest arguments]

The Engines come from this machine's and other releases' Debian packages, unpacked under var/engines; nothing
of the machine's own packages changes. Without names: all of them, and those that cannot be had here are only
reported.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import apt
import bootstrap
import console
import engine
from console import ROOT, Problem, say
from own_engine import OwnEngine, install_engine

ENGINES = Path(__file__).resolve().parent / "engines"
FOLDER = ROOT / "var" / "engines" / "run"


class Kind(NamedTuple):
    """How to start and stop one Engine; ``start`` returns DOCKER_HOST or raises Problem."""

    start: Callable[[], str]
    stop: Callable[[], object]


def script(name: str, suite: str) -> str:
    """Run a script under engines/; what it prints. Raises Problem."""
    done = subprocess.run([str(ENGINES / name), suite], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Problem("%s %s failed" % (name, suite))
    return done.stdout.strip()


def docker(name: str, suite: str) -> Kind:
    """A dockerd of another Debian suite; of this machine when ``suite`` is empty."""
    own = OwnEngine(FOLDER / name, private=True)

    def start() -> str:
        install_engine()
        if suite:
            own.programs = script("fetch-docker.sh", suite)
        return own.start()

    return Kind(start, own.stop)


def podman(suite: str) -> Kind:
    """Podman of a Debian suite."""

    def start() -> str:
        install_engine()
        tools = {"curl": "curl", "busybox": "busybox-static"}
        missing = [package for tool, package in tools.items() if not apt.found(tool)]
        if missing:
            apt.install(missing, "Podman")
        return script("start-podman.sh", suite)

    return Kind(start, lambda: script("stop-podman.sh", suite))


def kinds() -> Dict[str, Kind]:
    """Every Engine by name."""
    return {
        "docker": docker("docker", ""),
        "docker-26": docker("docker-26", "trixie"),
        "docker-28": docker("docker-28", "sid"),
        "podman-bookworm": podman("bookworm"),
        "podman-trixie": podman("trixie"),
        "podman-sid": podman("sid"),
    }


def test(name: str, kind: Kind, arguments: List[str]) -> str:
    """Run the tests on one Engine; the verdict in words."""
    say("\n=== %s" % name)
    started = time.monotonic()
    try:
        docker_host = kind.start()
        engine.ensure_image(docker_host)
    except (Problem, OSError) as problem:
        return "not available: %s" % str(problem).splitlines()[0]
    try:
        command = [str(bootstrap.PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2"]
        command += ["-m", "engine and not browser", *arguments]
        env = {**os.environ, "DOCKERUI_TEST_ENGINE": docker_host}
        code = subprocess.run(command, cwd=str(ROOT), env=env, check=False).returncode
    finally:
        kind.stop()
    return "%s in %d s" % ("passed" if code == 0 else "FAILED", time.monotonic() - started)


def main() -> int:
    """Test on each; 1 when any failed, or one that was named is not available."""
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    named, arguments = words[:cut], words[cut + 1 :]
    known = kinds()
    unknown = [name for name in named if name not in known]
    if unknown:
        raise Problem("Unknown: %s." % ", ".join(unknown), "one of: %s" % ", ".join(known))
    bootstrap.ensure_python(dev=True)
    bootstrap.ensure_frontend(dev=True)
    verdicts = {name: test(name, known[name], arguments) for name in named or known}
    say("\n" + "\n".join("%-16s %s" % item for item in verdicts.items()))
    bad = ("FAILED", "not available") if named else ("FAILED",)
    return 1 if any(verdict.startswith(bad) for verdict in verdicts.values()) else 0


if __name__ == "__main__":
    console.main(main)
