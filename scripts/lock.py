#!/usr/bin/env python3
"""``make lock``: renew requirements/*.txt and package-lock.json."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bootstrap
import console

COMPILE = [
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
]
LOCKS = {
    "base": ["pyproject.toml"],
    "dev": ["pyproject.toml", "--group=dev"],
    "node": ["--group=node"],
}


def main() -> int:
    """Compile every lock file."""
    uv = str(bootstrap.VENV / "bin" / "uv")
    for name, sources in LOCKS.items():
        command = [uv, "pip", "compile", *COMPILE, *sources, "-o", str(bootstrap.lock_file(name))]
        console.run_step("Locking requirements/%s.txt" % name, command, log="lock-" + name)
    command = [*bootstrap.npm(), "install", "--package-lock-only", "--no-audit", "--no-fund"]
    console.run_step("Locking package-lock.json", command, log="lock-npm", env=bootstrap.npm_environment())
    return 0


if __name__ == "__main__":
    console.main(main)
