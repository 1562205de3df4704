#!/usr/bin/env python3
"""``make bench``: run the benchmarks one after another and write benchmarks/results.json.

    scripts/bench.py [NAME…]      NAME of benchmarks/bench_NAME.py; all without

Exit code 1 when a bar is not met or a benchmark failed. The Engine is one of our own under var/test-engine,
or the one that BENCH_ENGINE names.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bootstrap
import console
from console import ROOT, Problem, say
from own_engine import OwnEngine

BENCHMARKS = ROOT / "benchmarks"
RESULTS = BENCHMARKS / "results.json"


def names() -> List[str]:
    """Every benchmark."""
    return sorted(path.stem[len("bench_") :] for path in BENCHMARKS.glob("bench_*.py"))


def run(name: str) -> Dict[str, Any]:
    """Run one; its figures and whether it met its bars."""
    say("\n=== %s" % name)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as figures:
        env = {**os.environ, "BENCH_RESULTS": figures.name}
        command = [str(bootstrap.PYTHON), "-m", "benchmarks.bench_" + name]
        code = subprocess.run(command, cwd=str(ROOT), env=env, check=False).returncode
        lines = Path(figures.name).read_text().splitlines()
    return {"name": name, "passed": code == 0, "figures": [json.loads(line) for line in lines]}


def main() -> int:
    """Run them, write the results, sum up."""
    known = names()
    unknown = [name for name in sys.argv[1:] if name not in known]
    if unknown:
        raise Problem("No such benchmark: %s." % ", ".join(unknown), "one of: %s" % ", ".join(known))
    bootstrap.ensure_python(dev=True)
    bootstrap.ensure_frontend(dev=True)
    own = OwnEngine(ROOT / "var" / "test-engine", private=True)
    was_up = own.answers()
    try:
        runs = [run(name) for name in sys.argv[1:] or known]
    finally:
        if not was_up:
            own.stop()
    machine = {"cpus": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()}
    when = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    RESULTS.write_text(json.dumps({"when": when, "machine": machine, "benchmarks": runs}, indent=1) + "\n")
    failed = [str(one["name"]) for one in runs if not one["passed"]]
    say("\n%s" % ("Short: " + ", ".join(failed) if failed else "All bars met."))
    say("Figures: benchmarks/results.json")
    return 1 if failed else 0


if __name__ == "__main__":
    console.main(main)
