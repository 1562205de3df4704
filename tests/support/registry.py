"""A real registry with a password, on a loopback address that the Engine under test can reach.

It runs in the network namespace of the Engine, which may be another than ours: to the Engine, 127.0.0.1 is
its own.
"""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.certificates import Authority
from tests.support import token_server
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

    def shown(self) -> list[str]:
        """What was shown for each token that was given: `password`, or the identity token."""
        log = self.folder / "tokens.log"
        return log.read_text().split() if log.exists() else []


@pytest.fixture(scope="session")
def registry(docker_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    """One registry for the whole run."""
    _install()
    folder, enter = tmp_path_factory.mktemp("registry"), _enter(docker_host)
    (folder / "htpasswd").write_text(_htpasswd())
    auth = f"htpasswd: {{realm: test, path: {folder}/htpasswd}}"
    with _serving(folder, enter, auth) as address:
        yield RegistryServer(address, USER, PASSWORD, folder)


@pytest.fixture
def token_registry(docker_host: str, tmp_path: Path) -> Iterator[RegistryServer]:
    """A registry whose token server gives identity tokens, as Azure's and Docker's do."""
    _install()
    folder, enter = tmp_path, _enter(docker_host)
    authority, port = Authority(folder / "keys"), _free_port(enter)
    certificate, key = authority.issue("", "127.0.0.1")
    arguments = [str(port), key, certificate, USER, PASSWORD, str(folder / "tokens.log")]
    auth = (
        f'token: {{realm: "http://127.0.0.1:{port}/token", service: "{token_server.SERVICE}", '
        f'issuer: "{token_server.ISSUER}", rootcertbundle: {authority.ca}}}'
    )
    with (
        _running([*enter, sys.executable, token_server.__file__, *arguments], folder / "token.log") as server,
        _serving(folder, enter, auth) as address,
    ):
        wait_until(lambda: _answers(enter, port, server), what="the token server answers", timeout=20)
        yield RegistryServer(address, USER, PASSWORD, folder)


@contextlib.contextmanager
def _serving(folder: Path, enter: list[str], auth: str) -> Iterator[str]:
    """A registry with this `auth` in its configuration; its address."""
    port = _free_port(enter)
    (folder / "config.yml").write_text(_config(folder, port, auth))
    command = [*enter, "docker-registry", "serve", str(folder / "config.yml")]
    with _running(command, folder / "registry.log") as process:
        wait_until(lambda: _answers(enter, port, process), what="the registry answers", timeout=20)
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield process
        finally:
            process.terminate()


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


def _config(folder: Path, port: int, auth: str) -> str:
    return f"""version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{{auth}}}
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


@dataclass(frozen=True)
class FileServer:
    """A folder that the Engine can fetch from, at `url` as the Engine sees it."""

    url: str
    folder: Path


@pytest.fixture
def file_server(docker_host: str, tmp_path: Path) -> Iterator[FileServer]:
    """Serves the files of a folder over HTTP, on the Engine's loopback."""
    folder, enter = tmp_path / "served", _enter(docker_host)
    folder.mkdir()
    port = _free_port(enter)
    command = [
        *enter,
        sys.executable,
        "-m",
        "http.server",
        "--bind",
        "127.0.0.1",
        "-d",
        str(folder),
        str(port),
    ]
    with _running(command, tmp_path / "files.log") as process:
        wait_until(lambda: _answers(enter, port, process), what="the file server answers", timeout=20)
        yield FileServer(f"http://127.0.0.1:{port}", folder)
