"""A real registry with a password, on a loopback address that the Engine under test can reach.

It runs in the network namespace of the Engine, which may be another than ours: to the Engine, 127.0.0.1 is
its own.
"""

import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.waiting import wait_until

USER, PASSWORD = "tester", "secret-canary"


@dataclass(frozen=True)
class RegistryServer:
    """A running registry. ``address`` is as image references have it, as the Engine sees it."""

    address: str
    username: str
    password: str
    folder: Path

    def has(self, repository: str, tag: str) -> bool:
        """Whether a tag has arrived, by a look at the registry's own files."""
        place = self.folder / "data/docker/registry/v2/repositories" / repository / "_manifests/tags" / tag
        return place.is_dir()


@pytest.fixture(scope="session")
def registry(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """One registry for the whole run."""
    _install()
    folder = tmp_path_factory.mktemp("registry")
    enter = _enter(docker_host)
    port = _free_port(enter)
    (folder / "htpasswd").write_text(_htpasswd())
    (folder / "config.yml").write_text(_config(folder, port))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(
            [*enter, "docker-registry", "serve", str(folder / "config.yml")], stdout=log, stderr=log
        )
    wait_until(lambda: _answers(enter, port, process), what="the registry answers", timeout=20)
    yield RegistryServer(f"127.0.0.1:{port}", USER, PASSWORD, folder)
    process.terminate()
    process.wait(10)


def _install() -> None:
    """Debian's package, installed where that is possible."""
    if shutil.which("docker-registry") is None:
        import apt  # scripts/apt.py
        from console import Problem

        try:
            apt.install(["docker-registry"], "the tests of pull and push")
        except Problem as problem:
            pytest.exit(f"The tests of pull and push need docker-registry.\n{problem}", returncode=3)


def _enter(docker_host: str) -> list[str]:
    """The command that enters the Engine's network namespace; empty where it is ours."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(docker_host.removeprefix("unix://"))
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid = struct.unpack("3i", credentials)[0]
    theirs = Path(f"/proc/{pid}/ns/net")
    if os.readlink(theirs) == os.readlink("/proc/self/ns/net"):
        return []
    return ["nsenter", f"--net={theirs}"]


def _free_port(enter: list[str]) -> int:
    code = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
    done = subprocess.run([*enter, "python3", "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout)


def _answers(enter: list[str], port: int, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "the registry ended"
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
    return subprocess.run([*enter, "python3", "-c", code], capture_output=True, check=False).returncode == 0


def _htpasswd() -> str:
    """A bcrypt line, made by the C library's own crypt."""
    salt = "abcdefghijklmnopqrstuu"
    script = 'print crypt($ARGV[0], "\\$2y\\$05\\$$ARGV[1]")'
    done = subprocess.run(["perl", "-e", script, PASSWORD, salt], capture_output=True, text=True, check=True)
    return f"{USER}:{done.stdout}\n"


def _config(folder: Path, port: int) -> str:
    return f"""version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}
"""


_SILENT = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
held = []
while True:
    held.append(server.accept())
"""


@pytest.fixture
def silent_port(docker_host: str) -> Iterator[int]:
    """A port that takes every connection and never says a word, on the Engine's loopback."""
    command = [*_enter(docker_host), "python3", "-c", _SILENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()
