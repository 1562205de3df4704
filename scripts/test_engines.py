#!/usr/bin/env python3
"""``make test-engines``: the real-Engine tests on one Engine after another.

    scripts/test_engines.py [NAME | NAME=unix:///path/docker.sock]… [-- pytest arguments]

The named Engines come from this machine's and other releases' Debian packages, unpacked under var/engines;
nothing of the machine's own packages changes. Without names: all of them, and those that cannot be had here
are only reported. With an address, the Engine that is up there is tested, and left running; it must be one
that you can lose: some tests prune.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import apt
import bootstrap
import console
import engine
import enginehttp
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
    own = OwnEngine(FOLDER / name, isolated=True)

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


class Verdict(NamedTuple):
    """How it went on one Engine. ``engine`` says what it is, ``counts`` how many passed, failed and were
    skipped.
    """

    result: str
    engine: str = ""
    counts: Tuple[int, int, int] = (0, 0, 0)
    seconds: float = 0

    def row(self, name: str) -> str:
        """One line of the table."""
        if not self.engine:
            return "%-17s %s" % (name, self.result)
        return "%-17s %-26s %6d %6d %7d %5d s  %s" % (
            name,
            self.engine,
            *self.counts,
            self.seconds,
            self.result,
        )


HEADING = "%-17s %-26s %6s %6s %7s %7s" % ("Name", "Engine", "passed", "failed", "skipped", "time")


def test(name: str, kind: Kind, arguments: List[str]) -> Verdict:
    """Run the tests on one Engine."""
    say("\n=== %s" % name)
    started = time.monotonic()
    try:
        docker_host = kind.start()
        engine.ensure_image(docker_host)
        what = describe(docker_host)
    except (Problem, OSError, enginehttp.EngineAnswer) as problem:
        kind.stop()
        return Verdict("not available: %s" % (str(problem).splitlines() or ["it does not answer"])[0])
    report = FOLDER / ("%s.xml" % name)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    try:
        command = [str(bootstrap.PYTHON), "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-n", "2"]
        command += ["-m", "engine and not browser", "--junit-xml", str(report), *arguments]
        env = {**os.environ, "DOCKERUI_TEST_ENGINE": docker_host}
        code = subprocess.run(command, cwd=str(ROOT), env=env, check=False).returncode
    finally:
        kind.stop()
    return Verdict("" if code == 0 else "FAILED", what, counts(report), time.monotonic() - started)


def describe(docker_host: str) -> str:
    """Name, version and API of an Engine."""
    path = enginehttp.socket_path(docker_host)
    found = enginehttp.call(path or "", "GET", "/version", timeout=10)
    podman = any("Podman" in str(part.get("Name")) for part in found.get("Components") or ())
    version = str(found.get("Version")).split("+", 1)[0]
    return "%s %s, API %s" % ("Podman" if podman else "Docker", version, found.get("ApiVersion"))


def counts(report: Path) -> Tuple[int, int, int]:
    """Passed, failed (with errors), skipped; nothing when pytest did not get so far."""
    if not report.exists():
        return 0, 0, 0
    suite = ElementTree.parse(str(report)).getroot().find("testsuite")
    if suite is None:
        return 0, 0, 0
    tests, bad, skipped = (
        int(suite.get("tests", 0)),
        int(suite.get("failures", 0)) + int(suite.get("errors", 0)),
        int(suite.get("skipped", 0)),
    )
    return max(0, tests - bad - skipped), bad, skipped


def chosen(words: List[str]) -> Dict[str, Kind]:
    """The Engines that the words name; all when there are none. Raises Problem for one that is unknown."""
    known, found = kinds(), {}
    for word in words or known:
        name, given, address = word.partition("=")
        if given:
            found[name] = Kind(lambda address=address: address, lambda: None)
        elif name in known:
            found[name] = known[name]
        else:
            raise Problem(
                "Unknown: %s." % name, "one of: %s; or NAME=unix:///path/docker.sock" % ", ".join(known)
            )
    return found


def main() -> int:
    """Test on each; 1 when any failed, or one that was named is not available."""
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    named, arguments = words[:cut], words[cut + 1 :]
    wanted = chosen(named)
    bootstrap.ensure_python(dev=True)
    bootstrap.ensure_frontend(dev=True)
    verdicts = {name: test(name, kind, arguments) for name, kind in wanted.items()}
    say("\n" + "\n".join([HEADING, *(verdict.row(name).rstrip() for name, verdict in verdicts.items())]))
    bad = ("FAILED", "not available") if named else ("FAILED",)
    return 1 if any(verdict.result.startswith(bad) for verdict in verdicts.values()) else 0


if __name__ == "__main__":
    console.main(main)
