#!/usr/bin/env python3
"""Run the benchmarks: scripts/bench.py [NAME...]; a name is part of a file name below benchmarks/.

Writes benchmarks/results.json; the exit status is 1 when a bar is not met.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"


def main() -> int:
    """Run those that were asked for, one after the other."""
    wanted = sys.argv[1:]
    found = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    chosen = [path for path in found if not wanted or any(name in path.name for name in wanted)]
    if not chosen:
        print("There is no such benchmark. There are: %s" % ", ".join(path.stem for path in found))
        return 2
    failed = []
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as results:
        environ = {**os.environ, "DOCKERUI_BENCH_RESULTS": results.name, "PYTHONPATH": str(ROOT)}
        for path in chosen:
            print("== %s" % path.stem, flush=True)
            done = subprocess.run([str(PYTHON), "-m", "benchmarks.%s" % path.stem], cwd=ROOT, env=environ)
            if done.returncode:
                failed.append(path.stem)
        lines = [json.loads(line) for line in results.read().splitlines()]
    about = {"date": time.strftime("%Y-%m-%d %H:%M"), "machine": platform.machine(), "cpus": os.cpu_count()}
    (ROOT / "benchmarks" / "results.json").write_text(
        json.dumps({**about, "results": lines}, indent=1) + "\n"
    )
    if failed:
        print("Short or failed: %s" % ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
