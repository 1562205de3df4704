"""Engine addresses, and where they are found."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path

import pytest

from dockerui.engine import TLS, Endpoint, candidates, discover
from dockerui.engine.errors import EngineUnavailable, InvalidArgument


@pytest.mark.parametrize(
    ("address", "printed"),
    [
        ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
        (" unix:///tmp/a b.sock ", "unix:///tmp/a b.sock"),
        ("tcp://10.0.0.1:2375", "tcp://10.0.0.1:2375"),
        ("tcp://engine.example", "tcp://engine.example:2375"),
        ("tcp://[::1]:4000/", "tcp://[::1]:4000"),
        ("engine:4000", "tcp://engine:4000"),
        ("tcp://:2375", "tcp://127.0.0.1:2375"),
    ],
)
def test_addresses_are_read_and_printed(address: str, printed: str) -> None:
    assert str(Endpoint.parse(address)) == Endpoint.parse(address).key == printed


@pytest.mark.parametrize(
    "address",
    ["", "unix://", "unix://relative", "http://h:1", "npipe:////./pipe/x", "ssh://root@h", "fd://", "tcp://h:99999",
     "tcp://h:x", "tcp://u:canary@h:1", "tcp://h:1/path", "tcp://h:1?x", "tcp://a b:1", "tcp://h\r\n:1",
     "docker.sock"],
)  # fmt: skip
def test_other_addresses_are_refused_without_repeating_secrets(address: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Endpoint.parse(address)
    assert "canary" not in str(caught.value)


def test_tls_changes_port_and_key_but_shows_no_private_key() -> None:
    tls = TLS(ca="/c/ca.pem", cert="/c/cert.pem", key="/c/canary.pem")
    endpoint = Endpoint.parse("tcp://h", tls=tls)
    assert str(endpoint) == "tcp://h:2376"
    assert endpoint.key.startswith("tcp://h:2376+tls-")
    assert endpoint.key == Endpoint.parse("tcp://h", tls=tls).key
    assert endpoint.key != Endpoint.parse("tcp://h", tls=TLS(verify=False)).key
    assert "canary" not in repr(endpoint) + endpoint.key


def test_a_unix_endpoint_has_no_tls() -> None:
    assert Endpoint.parse("unix:///s", tls=TLS()).tls is None


def test_missing_tls_files_are_told() -> None:
    with pytest.raises(EngineUnavailable, match="TLS files"):
        TLS(ca="/nosuch/ca.pem").context()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".docker").mkdir()
    return {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")}


def add_context(home: dict[str, str], name: str, host: str, *, tls: bool = False) -> None:
    folder = hashlib.sha256(name.encode()).hexdigest()
    contexts = Path(home["HOME"]) / ".docker" / "contexts"
    (contexts / "meta" / folder).mkdir(parents=True)
    meta = {"Name": name, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (contexts / "meta" / folder / "meta.json").write_text(json.dumps(meta))
    if tls:
        files = contexts / "tls" / folder / "docker"
        files.mkdir(parents=True)
        for file in ("ca.pem", "cert.pem", "key.pem"):
            (files / file).write_text("")


def use_context(home: dict[str, str], name: str) -> None:
    (Path(home["HOME"]) / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


def test_docker_host_comes_first_and_the_usual_sockets_follow(home: dict[str, str]) -> None:
    add_context(home, "lab", "tcp://lab:1")
    use_context(home, "lab")
    found = candidates({**home, "DOCKER_HOST": "tcp://h:4000"})
    assert (str(found[0].endpoint), found[0].source) == ("tcp://h:4000", "DOCKER_HOST")
    runtime = home["XDG_RUNTIME_DIR"]
    assert [str(c.endpoint) for c in found[1:]] == [
        "unix:///var/run/docker.sock",
        f"unix://{runtime}/docker.sock",
        f"unix://{home['HOME']}/.docker/run/docker.sock",
        "unix:///run/podman/podman.sock",
        f"unix://{runtime}/podman/podman.sock",
    ]


def test_docker_host_with_tls(home: dict[str, str]) -> None:
    folder = Path(home["HOME"]) / "certs"
    folder.mkdir()
    for file in ("ca.pem", "cert.pem", "key.pem"):
        (folder / file).write_text("")
    env = {**home, "DOCKER_HOST": "tcp://h", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
    tls = candidates(env)[0].endpoint.tls
    assert tls == TLS(f"{folder}/ca.pem", f"{folder}/cert.pem", f"{folder}/key.pem", verify=True)
    del env["DOCKER_TLS_VERIFY"]
    unverified = candidates(env)[0].endpoint.tls
    assert unverified is not None
    assert not unverified.verify


def test_the_current_context_is_used(home: dict[str, str]) -> None:
    add_context(home, "lab", "tcp://lab:4000", tls=True)
    use_context(home, "lab")
    found = discover(home)
    assert (str(found.endpoint), found.source) == ("tcp://lab:4000", 'docker context "lab"')
    assert found.endpoint.tls is not None
    assert found.endpoint.tls.cert is not None


def test_docker_context_names_another_one(home: dict[str, str]) -> None:
    add_context(home, "lab", "tcp://lab:4000")
    add_context(home, "attic", "unix:///attic.sock")
    use_context(home, "lab")
    assert str(discover({**home, "DOCKER_CONTEXT": "attic"}).endpoint) == "unix:///attic.sock"


def test_the_default_context_is_none(home: dict[str, str]) -> None:
    use_context(home, "default")
    assert candidates(home)[0].source == "the system's Docker"


def test_a_context_that_is_not_there_is_an_error_rather_than_another_engine(home: dict[str, str]) -> None:
    use_context(home, "gone")
    with pytest.raises(InvalidArgument, match="gone"):
        candidates(home)


def test_a_broken_config_file_is_as_none(home: dict[str, str]) -> None:
    (Path(home["HOME"]) / ".docker" / "config.json").write_text("{")
    assert candidates(home)[0].source == "the system's Docker"


def test_the_first_socket_that_exists_is_taken(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerui.engine.discovery.DEFAULT_SOCKET", f"{home['HOME']}/none.sock")
    runtime = Path(home["XDG_RUNTIME_DIR"])
    runtime.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(runtime / "docker.sock"))
        assert discover(home).source == "rootless Docker"
        assert str(Endpoint.from_environment(home)) == f"unix://{runtime}/docker.sock"


def test_nothing_found_says_where_it_looked(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerui.engine.discovery._usual_sockets", lambda env: [])
    with pytest.raises(EngineUnavailable, match="DOCKER_HOST"):
        discover(home)
