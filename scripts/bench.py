#!/usr/bin/env python3
"""``make bench``: run the benchmarks one after another and write benchmarks/results.json.

    scripts/bench.py [--quick] [NAME…]      NAME of benchmarks/bench_NAME.py; all without

Exit code 1 when a bar is not met or a benchmark failed. The Engine is one of our own under var/bench-engine,
or the one that BENCH_ENGINE names. `--quick` only sees whether they run: it compares and writes nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List

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


def run(name: str, quick: bool, docker_host: str) -> Dict[str, Any]:
    """Run one; its figures and whether it met its bars."""
    say("\n=== %s" % name)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as figures:
        env = {**os.environ, "BENCH_RESULTS": figures.name, "BENCH_ENGINE": docker_host}
        command = [str(bootstrap.PYTHON), "-m", "benchmarks.bench_" + name] + ["--quick"] * quick
        process = subprocess.Popen(command, cwd=str(ROOT), env=env)
        try:
            code = process.wait()
        except BaseException:
            process.terminate()  # it removes its containers and ends its servers
            process.wait()
            raise
        lines = Path(figures.name).read_text().splitlines()
    machine = {"cpus": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()}
    when = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    figures = [json.loads(line) for line in lines]
    return {"name": name, "when": when, "machine": machine, "passed": code == 0, "figures": figures}


@contextlib.contextmanager
def engine() -> Iterator[str]:
    """The Engine to measure on; one of our own stops at the end unless it ran before."""
    if "BENCH_ENGINE" in os.environ:
        yield os.environ["BENCH_ENGINE"]
        return
    own = OwnEngine(ROOT / "var" / "bench-engine", isolated=True)
    was_up = own.answers()
    try:
        yield own.start()
    finally:
        if not was_up:
            own.stop()


def write(runs: List[Dict[str, Any]]) -> None:
    """Write the results. A run of some leaves what is known of the others."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    new = {one["name"]: one for one in runs}
    kept = [new.pop(one["name"], one) for one in known if one["name"] in names()]
    RESULTS.write_text(json.dumps(kept + list(new.values()), indent=1) + "\n")
    say("Figures: benchmarks/results.json")


def main() -> int:
    """Run them, write the results, sum up."""
    known = names()
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        raise Problem("No such benchmark: %s." % ", ".join(unknown), "one of: %s" % ", ".join(known))
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    bootstrap.ensure_python(dev=True)
    bootstrap.ensure_frontend(dev=True)
    with engine() as docker_host:
        runs = [run(name, asked.quick, docker_host) for name in asked.names or known]
    if not asked.quick:
        write(runs)
    failed = [str(one["name"]) for one in runs if not one["passed"]]
    say("\n%s" % ("Short: " + ", ".join(failed) if failed else "All bars met."))
    return 1 if failed else 0


if __name__ == "__main__":
    console.main(main)
