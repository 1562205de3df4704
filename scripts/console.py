"""What the launch scripts say, and how they run long commands: a line per step, progress, advice on failure.

Standard library only, and old syntax on purpose: this also runs on the Python that is too old for the
project, to say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Mapping, Optional, Sequence

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "log"
PROGRESS_EVERY = 10.0  # seconds between "still …" lines


class Problem(Exception):
    """Something the scripts cannot do alone. ``advice`` tells the reader what to do."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice


def say(text: str) -> None:
    """Print one line at once, on the error stream: the standard output is for answers (an address)."""
    print(text, file=sys.stderr, flush=True)


def excerpt(path: Path, first: int = 8, last: int = 12) -> str:
    """The first and last lines of a log file, indented: tools begin or end with the reason."""
    if not path.exists():
        return ""
    text = path.read_text(errors="replace").splitlines()
    if len(text) > first + last:
        text = [*text[:first], "…", *text[-last:]]
    return "\n".join("    " + line for line in text)


def run_step(
    title: str,
    command: Sequence[str],
    *,
    log: str,
    env: Optional[Mapping[str, str]] = None,
    advice: str = "",
    cwd: Path = ROOT,
) -> None:
    """Run a long command, its output in ``var/log/<log>.log``. Failing raises Problem with an excerpt."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / (log + ".log")
    started = time.monotonic()
    say("· %s" % title)
    with path.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=str(cwd),
        )
        while True:
            try:
                code = process.wait(timeout=PROGRESS_EVERY)
                break
            except subprocess.TimeoutExpired:
                say("  still at it, %d s" % (time.monotonic() - started))
            except BaseException:
                process.terminate()
                process.wait()
                raise
    if code != 0:
        shown = os.path.relpath(str(path), str(ROOT))
        raise Problem("%s failed (exit code %d). %s:\n%s" % (title, code, shown, excerpt(path)), advice)
    say("  done in %.1f s" % (time.monotonic() - started))


def main(function: object, *arguments: object) -> None:
    """Run a script's main function; a Problem becomes a readable message and exit code 1."""
    try:
        code = function(*arguments)  # type: ignore[operator]
    except Problem as problem:
        say("\nCannot go on: %s" % problem)
        if problem.advice:
            say("What to do: %s" % problem.advice)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(code or 0)
