#!/usr/bin/env python3
"""``make check``: every static check, two at a time, each with its verdict."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bootstrap
import console
from console import ROOT, say


class Check(NamedTuple):
    """One tool."""

    name: str
    command: List[str]


class Verdict(NamedTuple):
    """What it said."""

    check: Check
    passed: bool
    output: str
    seconds: float


def checks() -> List[Check]:
    """All of them, the slow ones first."""
    tools = bootstrap.VENV / "bin"
    return [
        Check("mypy (types)", [str(tools / "mypy")]),
        Check("front end: Biome, tsc", [*bootstrap.npm(), "run", "--silent", "check"]),
        Check("import rules", [str(tools / "lint-imports"), "--no-cache"]),
        Check("ruff (lint)", [str(tools / "ruff"), "check", "--output-format=concise", "."]),
        Check("ruff (format)", [str(tools / "ruff"), "format", "--check", "--output-format=concise", "."]),
        Check("migrations", [str(bootstrap.PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"]),
    ]


def run(check: Check) -> Verdict:
    """Run one check."""
    started = time.monotonic()
    env = bootstrap.npm_environment()
    done = subprocess.run(
        check.command,
        cwd=str(ROOT),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Verdict(check, done.returncode == 0, done.stdout, time.monotonic() - started)


def main() -> int:
    """Run them all; 1 when any failed."""
    bootstrap.ensure_python(dev=True)
    bootstrap.ensure_node_modules(dev=True)
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for verdict in pool.map(run, checks()):
            say("%s %s (%.1f s)" % ("✓" if verdict.passed else "✗", verdict.check.name, verdict.seconds))
            if not verdict.passed:
                failed += 1
                say(verdict.output.rstrip())
    say("All checks passed." if not failed else "%d check(s) failed." % failed)
    return 1 if failed else 0


if __name__ == "__main__":
    console.main(main)
