"""Why the Engine cannot be used, and what to do: told by what really happens."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerui.access import Actor
from dockerui.access.roles import permissions_of
from dockerui.engine import Endpoint, Engine
from dockerui.engine.errors import EngineError, EngineUnavailable, VersionMismatch
from dockerui.services import engines
from dockerui.services.engine_trouble import Advice, advise
from dockerui.services.errors import Problem, describe

ADMIN = Actor("user", 1, "ada", permissions_of("admin"))


@pytest.fixture(autouse=True)
def _own_engine() -> Iterator[None]:
    yield
    engines.use(None)


def trouble(endpoint: Endpoint) -> EngineError:
    with pytest.raises(EngineError) as caught:
        Engine(endpoint, connect_timeout=0.5).ping()
    return caught.value


def advice(endpoint: Endpoint) -> Advice:
    return advise(trouble(endpoint), endpoint)


def told(endpoint: Endpoint) -> Problem:
    engines.use(endpoint)
    return describe(trouble(endpoint), ADMIN)


def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    found = advice(Endpoint("unix", path=str(tmp_path / "docker.sock")))
    assert found.title == "The Engine's socket is not there"
    assert "systemctl start docker" in found.steps[0]
    assert str(tmp_path / "docker.sock") in found.steps[1]


def test_a_socket_without_a_listener(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    assert advice(Endpoint("unix", path=str(path))).title == "Nobody answers at the Engine's socket"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every socket")
def test_a_socket_that_is_closed_to_us(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0)
        assert advice(Endpoint("unix", path=str(path))).title == "dockerui may not open the Engine's socket"


def test_a_socket_that_is_closed_to_us_by_its_cause() -> None:
    error = EngineUnavailable("cannot reach it")
    error.__cause__ = PermissionError(13, "Permission denied")
    found = advise(error, Endpoint("unix", path="/run/docker.sock"))
    assert found.title == "dockerui may not open the Engine's socket"
    assert "usermod -aG docker" in found.steps[0]


def test_a_port_that_nobody_listens_to() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = advice(Endpoint("tcp", host="127.0.0.1", port=port))
    assert found.title == "Nobody listens at the Engine's address"


def test_a_name_that_is_none() -> None:
    found = advice(Endpoint("tcp", host="no-such-host.invalid", port=2375))
    assert found.title == "The Engine's address cannot be reached"


def test_no_engine_at_all() -> None:
    assert advise(EngineUnavailable("no Engine found"), None).title == "No Engine was found"


def test_no_common_version() -> None:
    assert "version" in advise(VersionMismatch("API 1.18 at most"), Endpoint("unix", path="/x")).title


def test_the_page_names_the_address_and_waits(tmp_path: Path) -> None:
    path = str(tmp_path / "docker.sock")
    problem = told(Endpoint("unix", path=path))
    assert problem.status == 503
    assert path in problem.message
    assert problem.passes
    assert len(problem.steps) == 3


def test_a_wrong_docker_host_is_trouble_of_the_same_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@there")
    engines.use(None)
    assert engines.known_endpoint() is None
    with pytest.raises(EngineUnavailable, match="cannot be used"):
        engines.default()
