"""Start and stop a Docker Engine of our own, without systemd, beside whatever else runs on this machine.

All its state lives in one folder: data, socket, log, pid file. It lives in the machine's network namespace,
on a bridge of its own, so that the ports its containers publish are reachable from the machine itself.

What it may do is tried from the most capable down (a "rung"): on a plain machine it manages iptables and its
containers reach the outside; where iptables is missing, refused or already managed by another Engine, ports
are published by docker-proxy alone; where not even a bridge can be made, containers run without published
ports.

An ``isolated`` one (tests) gets a network namespace of its own where that is possible: a browser on this
machine drops the connections it is just making whenever an interface comes or goes (ERR_NETWORK_CHANGED).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import zlib
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional

import apt
import enginehttp
from console import Problem, excerpt, say
from engine_network import (
    forget_iptables,
    free_second_octet,
    ip,
    iptables_free,
    remove_bridges,
    system_environment,
)

START_TIMEOUT = 60.0  # seconds until a starting Engine must answer
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit for a unix socket path is 107
PACKAGES = {"dockerd": "docker.io", "ip": "iproute2", "iptables": "iptables", "ps": "procps"}
NO_ROOT_ADVICE = (
    "start Docker or Podman yourself, or name a running one: DOCKER_HOST=unix:///path/docker.sock make run. "
    "As root, this command installs and starts one."
)

# The machine's /etc/docker and a system-wide containerd must stay untouched: the Engine gets a mount
# namespace of its own, where they are hidden. $1 is the state folder, $2 the rung, the rest is the command.
WRAPPER = """
[ "$2" != isolated ] || ip link set lo up || exit
mkdir -p /etc/docker && mount --bind "$1/etc" /etc/docker
[ ! -e /run/containerd/containerd.sock ] || mount -t tmpfs tmpfs /run/containerd
shift 2; exec "$@"
"""


class Rung(NamedTuple):
    """One way to start the Engine."""

    name: str
    bridge: bool
    arguments: List[str]


WITHOUT_IPTABLES = ["--iptables=false", "--ip6tables=false"]
RUNGS = [
    Rung("iptables", True, []),
    Rung("proxy", True, WITHOUT_IPTABLES),
    Rung("proxy-no-forward", True, [*WITHOUT_IPTABLES, "--ip-forward=false"]),
    Rung("no-network", False, ["--bridge=none", *WITHOUT_IPTABLES, "--ip-forward=false"]),
]
ISOLATED = Rung("isolated", False, WITHOUT_IPTABLES)  # the bridge is dockerd's own, and nobody else sees it


class OwnEngine:
    """A dockerd under one folder. ``private`` Engines (tests) never touch the machine's iptables.

    ``isolated`` ones are private, and what they do to their network is seen by nobody: neither are the ports
    that their containers publish.
    """

    def __init__(self, folder: Path, *, private: bool = False, isolated: bool = False) -> None:
        self.folder = folder.resolve()
        self.private = private or isolated
        self.isolated = isolated
        self.programs = ""  # folders (as in PATH) with another dockerd than the system's
        self.key = zlib.crc32(str(self.folder).encode()) % 100000

    @property
    def socket(self) -> Path:
        """Where the Engine listens: in its folder, or under /run when that path is too long for a socket."""
        path = self.folder / "docker.sock"
        return (
            path
            if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT
            else Path("/run/dockerui-%05d.sock" % self.key)
        )

    @property
    def exec_root(self) -> Path:
        """Run-time state. Short, because containerd puts sockets in it."""
        return Path("/run/dockerui-%05d" % self.key)

    @property
    def docker_host(self) -> str:
        """The address for DOCKER_HOST."""
        return "unix://%s" % self.socket

    @property
    def has_run(self) -> bool:
        """Has it run since the machine's boot? Then it will most likely do so again."""
        return self._last_rung() is not None

    def answers(self) -> bool:
        """Is it up?"""
        return enginehttp.ping(str(self.socket))

    def pid(self) -> Optional[int]:
        """The running dockerd's pid; None when there is none (a stale pid file names somebody else)."""
        try:
            pid = int((self.folder / "docker.pid").read_text())
            command = Path("/proc/%d/cmdline" % pid).read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.folder) in command else None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock: of two callers at once the second finds the Engine running."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def start(self) -> str:
        """Start it unless it answers already. Returns DOCKER_HOST. Raises Problem."""
        if self.answers():
            return self.docker_host
        with self.locked():
            if not self.answers():
                install_engine()
                self._start_on_a_rung()
        return self.docker_host

    def _start_on_a_rung(self) -> None:
        started = time.monotonic()
        failures = []
        for rung in self._rungs():
            failure = self._try(rung)
            if failure is None:
                (self.folder / "rung").write_text(json.dumps({"name": rung.name, "boot": _boot_id()}))
                say("· Engine started in %.1f s%s" % (time.monotonic() - started, _note(rung)))
                return
            failures.append("%s: %s" % (rung.name, failure))
        log = self.folder / "dockerd.log"
        raise Problem(
            "No Engine could be started here.\n%s\n%s:\n%s" % ("\n".join(failures), log, excerpt(log)),
            "in a container or sandbox that forbids it, use one elsewhere: DOCKER_HOST=tcp://… make run",
        )

    def _rungs(self) -> List[Rung]:
        """The ways worth trying, best first; what worked since the machine's boot is tried first."""
        rungs = list(RUNGS)
        before = self._last_rung()
        if self.private or not iptables_free(ours=before == "iptables"):
            rungs = rungs[1:]
        if self.isolated:
            return [ISOLATED, *rungs]
        return sorted(rungs, key=lambda rung: rung.name != before)

    def _last_rung(self) -> Optional[str]:
        try:
            last = json.loads((self.folder / "rung").read_text())
        except (OSError, ValueError):
            return None
        return str(last["name"]) if last.get("boot") == _boot_id() else None

    def _try(self, rung: Rung) -> Optional[str]:
        """Start the Engine this way; None when it answers, else why it did not."""
        arguments = list(rung.arguments)
        if rung.bridge:
            try:
                arguments += self._bridge()
            except (OSError, subprocess.CalledProcessError) as error:
                return "no bridge: %s" % error
        self._clear_leftovers()
        process = self._spawn(rung, arguments)
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.answers():
                return None
            try:
                code = process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            return "dockerd ended with code %d" % code
        process.terminate()
        process.wait()
        return "no answer within %d s" % START_TIMEOUT

    def _clear_leftovers(self) -> None:
        (self.folder / "etc").mkdir(exist_ok=True)
        (self.folder / "daemon.json").write_text("{}\n")
        for leftover in (
            self.folder / "docker.pid",
            self.exec_root / "containerd" / "containerd.pid",
            self.socket,
        ):
            if leftover.exists():
                leftover.unlink()

    def _spawn(self, rung: Rung, arguments: List[str]) -> "subprocess.Popen[bytes]":
        command = [
            "dockerd",
            "--config-file=%s" % (self.folder / "daemon.json"),
            "--data-root=%s" % (self.folder / "data"),
            "--exec-root=%s" % self.exec_root,
            "--pidfile=%s" % (self.folder / "docker.pid"),
            "--host=%s" % self.docker_host,
            "--shutdown-timeout=%d" % (3 if self.private else 10),
            "--ip=127.0.0.1",  # a published port without an address is for this machine only
            *arguments,
        ]
        if rung is ISOLATED or _can_unshare():
            own = ["--mount", "--net"] if rung is ISOLATED else ["--mount"]
            shell = ["sh", "-c", WRAPPER, "sh", str(self.folder), rung.name]
            command = ["unshare", *own, "--propagation", "private", *shell, *command]
        with (self.folder / "dockerd.log").open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=system_environment(self.programs),
                start_new_session=True,  # Ctrl-C at the terminal is for the web server, not for the Engine
            )

    def _bridge(self) -> List[str]:
        """Make the bridge unless it is there; arguments that use it. Raises OSError, CalledProcessError."""
        name = "dui%05d" % self.key
        state = self.folder / "bridge"
        if not Path("/sys/class/net", name).exists():
            second = free_second_octet(self.key % 100 + 100)
            ip("link", "add", name, "type", "bridge")
            ip("addr", "add", "10.%d.0.1/24" % second, "dev", name)
            state.write_text(str(second))
        ip("link", "set", name, "up")
        pool = "base=10.%d.128.0/17,size=24" % int(state.read_text())
        return ["--bridge=%s" % name, "--default-address-pool=%s" % pool]

    def stop(self, *, purge: bool = False) -> bool:
        """Stop it by its pid, remove its bridge; True when it was running. ``purge``: its data, too."""
        if not self.folder.exists():
            return False
        with self.locked():
            pid = self.pid()
            if pid is not None:
                os.kill(pid, signal.SIGTERM)
                _wait_gone(pid, 30.0)
            self._leave_network()
            shutil.rmtree(str(self.exec_root), ignore_errors=True)
        if purge:
            shutil.rmtree(str(self.folder))
        return pid is not None

    def _leave_network(self) -> None:
        """Take away the bridges and, where it managed them, the iptables rules that dockerd leaves behind."""
        state = self.folder / "bridge"
        if not state.exists():
            return
        prefix = "10.%s." % state.read_text()
        remove_bridges(prefix)
        if self._last_rung() == "iptables":
            forget_iptables(prefix)


def install_engine() -> None:
    """Make sure dockerd and the tools around it are installed. Raises Problem."""
    if os.geteuid() != 0:
        raise Problem("Starting a Docker Engine needs root.", NO_ROOT_ADVICE)
    missing = [package for tool, package in PACKAGES.items() if not apt.found(tool)]
    if missing:
        apt.install(missing, "a Docker Engine")


def _note(rung: Rung) -> str:
    if rung.name in ("iptables", "isolated"):
        return ""
    if not rung.bridge:
        return " (this machine allows no bridge: containers cannot publish ports)"
    return " (without iptables: published ports work, containers do not reach the outside)"


def _can_unshare() -> bool:
    probe = ["unshare", "--mount", "--propagation", "private", "true"]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    )


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _wait_gone(pid: int, seconds: float) -> None:
    """Wait for a process to end; after the time it is killed. Raises Problem when even that does not help."""
    for deadline in (time.monotonic() + seconds, time.monotonic() + 2 * seconds):
        while time.monotonic() < deadline:
            if not _alive(pid):
                return
            time.sleep(0.05)
        say("  the Engine (pid %d) did not stop within %d s: killing it" % (pid, seconds))
        os.kill(pid, signal.SIGKILL)
    raise Problem("The Engine (pid %d) cannot be stopped." % pid)


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # one that this very process started would stay as a zombie
    return Path("/proc/%d" % pid).exists()
