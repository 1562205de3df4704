"""The Engine that the scripts start where there is none."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import enginehttp
import pytest
import run
from engine import TEST_IMAGE, ensure_image
from engine_network import free_second_octet
from own_engine import SOCKET_PATH_LIMIT, OwnEngine

from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="starting an Engine needs root")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnEngine]:
    """A running Engine in a folder whose name is too long for a socket."""
    folder = tmp_path_factory.mktemp("x" * SOCKET_PATH_LIMIT) / "engine"
    engine = OwnEngine(folder, private=True)
    engine.start()
    yield engine
    engine.stop(purge=True)


def test_it_answers_and_starting_again_changes_nothing(own: OwnEngine) -> None:
    assert own.answers()
    pid = own.pid()
    assert own.start() == own.docker_host
    assert own.pid() == pid


def test_published_ports_are_reachable_from_the_machine(own: OwnEngine) -> None:
    ensure_image(own.docker_host)
    path = str(own.socket)
    body = {
        "Image": TEST_IMAGE,
        "Cmd": ["httpd", "-f", "-p", "80", "-h", "/etc"],
        "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {"Init": True, "PortBindings": {"80/tcp": [{"HostPort": ""}]}},
    }
    container = enginehttp.call(path, "POST", "/containers/create", body)["Id"]
    enginehttp.call(path, "POST", f"/containers/{container}/start")
    ports = enginehttp.call(path, "GET", f"/containers/{container}/json")["NetworkSettings"]["Ports"]
    port = ports["80/tcp"][0]["HostPort"]
    assert wait_until(lambda: page(f"http://127.0.0.1:{port}/group")).startswith("root:")
    enginehttp.call(path, "DELETE", f"/containers/{container}?force=1")


def test_a_demo_is_offered_where_there_is_nothing(own: OwnEngine, capsys: pytest.CaptureFixture[str]) -> None:
    ensure_image(own.docker_host)
    run.offer_demo(own.docker_host)
    assert "`make demo`" in capsys.readouterr().err
    path = str(own.socket)
    container = enginehttp.call(path, "POST", "/containers/create", {"Image": TEST_IMAGE, "Cmd": ["true"]})[
        "Id"
    ]
    run.offer_demo(own.docker_host)
    enginehttp.call(path, "DELETE", f"/containers/{container}")
    assert capsys.readouterr().err == ""


def page(address: str) -> str:
    """What is served there, empty while nothing is."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return str(response.read().decode())
    except OSError:
        return ""


def test_it_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = OwnEngine(tmp_path / "engine", private=True)
    engine.start()
    pid, bridge = engine.pid(), Path(f"/sys/class/net/dui{engine.key:05d}")
    assert bridge.exists()
    assert engine.stop(purge=True)
    assert not Path(f"/proc/{pid}").exists()
    assert not bridge.exists()
    assert not engine.folder.exists()
    assert not engine.exec_root.exists()


def test_an_isolated_one_changes_nothing_that_the_machine_sees(tmp_path: Path) -> None:
    engine = OwnEngine(tmp_path / "engine", isolated=True)
    engine.start()
    try:
        if (engine.folder / "bridge").exists():
            pytest.skip("this machine allows no network namespaces")
        path = str(engine.socket)
        network = enginehttp.call(path, "POST", "/networks/create", {"Name": "seen-by-nobody"})["Id"]
        assert f"br-{network[:12]}" not in os.listdir("/sys/class/net")
        assert not Path("/sys/class/net", f"dui{engine.key:05d}").exists()
        theirs = os.readlink(f"/proc/{engine.pid()}/ns/net")
        assert theirs != os.readlink("/proc/self/ns/net")
        assert engine.start() == engine.docker_host
    finally:
        engine.stop(purge=True)
    assert not engine.exec_root.exists()


def test_stopping_what_does_not_run_is_no_error(tmp_path: Path) -> None:
    assert OwnEngine(tmp_path / "never").stop() is False


def test_a_stale_pid_file_names_nobody(tmp_path: Path) -> None:
    engine = OwnEngine(tmp_path)
    (tmp_path / "docker.pid").write_text(str(os.getpid()))
    assert engine.pid() is None


def test_networks_of_the_machine_are_left_alone(own: OwnEngine) -> None:
    taken = int((own.folder / "bridge").read_text())
    assert free_second_octet(taken) != taken
