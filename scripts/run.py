#!/usr/bin/env python3
"""``make run``: install what is missing, find an Engine or start one, serve until stopped.

    scripts/run.py [--host ADDRESS] [--port PORT]

Whatever goes wrong with the Engine, the server is started: its pages say what is wrong and recover by
themselves.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bootstrap
import console
import enginehttp
from console import ROOT, Problem, say
from own_engine import OwnEngine

SCRIPTS = Path(__file__).resolve().parent


def data_folder() -> Path:
    """Where the project keeps its data: $DOCKERUI_DATA, else ``var/``."""
    return Path(os.environ.get("DOCKERUI_DATA") or ROOT / "var").resolve()


def own_engine() -> OwnEngine:
    """The Engine that ``make run`` and ``make demo`` start where there is none."""
    return OwnEngine(data_folder() / "engine")


def find_engine() -> Optional[Dict[str, str]]:
    """An Engine that is there already. Raises Problem."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(SCRIPTS)])}
    command = [str(bootstrap.PYTHON), str(SCRIPTS / "find_engine.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem("The configured Engine cannot be used: %s" % done.stderr.strip().splitlines()[-1])
    found = json.loads(done.stdout)
    return found if isinstance(found, dict) else None


def report(problem: Problem) -> None:
    """Say why there is no Engine, and what to do."""
    say("! No Engine: %s" % problem)
    if problem.advice:
        say("  What to do: %s" % problem.advice)


def offer_demo(docker_host: str) -> None:
    """Where an Engine has no container at all, say how to get some to look at."""
    path = enginehttp.socket_path(docker_host)
    if path is None:
        return  # over a network; the empty page says it as well
    try:
        listed = enginehttp.call(path, "GET", "/containers/json?all=1&limit=1", timeout=3.0)
    except (OSError, http.client.HTTPException, enginehttp.EngineAnswer):
        return  # the pages say what is wrong with it
    if listed == []:
        say("· Nothing to look at yet? `make demo` starts five small containers")


class EngineForRun:
    """The Engine of one ``make run``: found, or our own, which ends with the last run that uses it.

    With ``keep`` our own goes on after this process (``make demo``); the next ``make run`` ends it.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.environment: Dict[str, str] = {}
        self._keep = keep
        self._own: Optional[OwnEngine] = None
        self._hold: Any = None
        self._starting: Optional[threading.Thread] = None

    def get(self) -> bool:
        """Find one or start one; without any, say why, return False and go on."""
        try:
            found = find_engine()
            if found is None:
                self._start_own()
                return True
        except Problem as problem:
            report(problem)
            return False
        say("· Engine: %s (%s)" % (found["docker_host"], found["source"]))
        if not self._keep:
            offer_demo(found["docker_host"])
        if not found["named"]:
            self.environment = {"DOCKER_HOST": found["docker_host"]}
        return True

    def _start_own(self) -> None:
        engine = own_engine()
        engine.folder.mkdir(parents=True, exist_ok=True)
        self._hold = (engine.folder / "users").open("w")
        fcntl.flock(self._hold, fcntl.LOCK_SH)
        self.environment = {"DOCKER_HOST": engine.docker_host}
        self._own = engine
        until = "until `make stop-engine`" if self._keep else "until dockerui stops"
        say("· Engine: %s (our own; it runs %s)" % (engine.docker_host, until))
        if self._keep:
            engine.start()
            return
        if not engine.has_run:
            engine.start()
            offer_demo(engine.docker_host)
            return
        # It starts its containers before it answers: the server need not wait for that.
        self._starting = threading.Thread(target=self._start_quietly, args=(engine,))
        self._starting.start()

    def _start_quietly(self, engine: OwnEngine) -> None:
        try:
            engine.start()
        except Problem as problem:
            report(problem)
        else:
            offer_demo(engine.docker_host)

    def release(self) -> None:
        """Stop our own Engine unless another run still uses it."""
        if self._own is None or self._keep:
            return
        if self._starting is not None:
            self._starting.join()
        try:
            fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        say("· Stopping the Engine; with it, containers start again if their restart policy says so")
        self._own.stop()


def serve(arguments: List[str], environment: Dict[str, str]) -> int:
    """Run the server as a child until it ends, passing SIGTERM and SIGINT on. Returns its exit code."""
    command = [str(bootstrap.PYTHON), str(ROOT / "manage.py"), "serve", *arguments]
    child = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=str(ROOT), start_new_session=True
    )

    def stop(number: int, frame: Any) -> None:
        child.send_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    return child.wait()


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="8000")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    bootstrap.ensure_python(dev=False)
    bootstrap.ensure_frontend(dev=False)
    engine = EngineForRun()
    try:
        if not engine.get():
            say("  dockerui starts anyway; its pages recover as soon as an Engine answers.")
        return serve(["--host", arguments.host, "--port", arguments.port], engine.environment)
    finally:
        engine.release()


if __name__ == "__main__":
    console.main(main)
