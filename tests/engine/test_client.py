"""Agreeing on an API version with Engines of all ages."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerui.engine import NEWEST, OLDEST, ApiVersion, Endpoint, Engine, errors
from dockerui.engine.versions import choose, read_server

from .raw_server import RawServer, http, serving

PODMAN = {"Libpod-API-Version": "5.4.2", "Api-Version": "1.41", "Server": "Libpod/5.4.2 (linux)"}


@pytest.fixture
def server() -> Iterator[RawServer]:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "engine.sock") as running:
        yield running


@pytest.fixture
def client(server: RawServer) -> Iterator[Engine]:
    engine = Engine(Endpoint("unix", path=server.listening.getsockname()), timeout=5)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("engine", "api", "minimum", "used"),
    [
        ("1.12.6", "1.24", None, "1.24"),
        ("1.13.1", "1.26", "1.12", "1.26"),
        ("18.09", "1.39", "1.12", "1.39"),
        ("20.10", "1.41", "1.12", "1.41"),
        ("25.0", "1.44", "1.24", "1.44"),
        ("28.5", "1.51", "1.24", "1.51"),
        ("29.0", "1.52", "1.44", "1.51"),
        ("29.6", "1.55", "1.40", "1.51"),
        ("40", "2.0", "1.51", "1.51"),
    ],
)
def test_the_newest_version_that_both_speak_is_used(
    server: RawServer, client: Engine, engine: str, api: str, minimum: str | None, used: str
) -> None:
    body = {"Version": engine, "ApiVersion": api, "Os": "linux"} | (
        {"MinAPIVersion": minimum} if minimum else {}
    )
    server.version = http(200, body)
    client.system_info()
    assert server.calls() == [f"GET /v{used}/info"]
    assert (str(client.version), client.server.version) == (used, engine)


@pytest.mark.parametrize(
    ("api", "minimum", "words"), [("1.23", None, "1.12"), ("1.60", "1.52", "1.52"), ("1.18", "1.12", "1.24")]
)
def test_no_common_version_is_told(
    server: RawServer, client: Engine, api: str, minimum: str | None, words: str
) -> None:
    server.version = http(200, {"ApiVersion": api, "MinAPIVersion": minimum})
    with pytest.raises(errors.VersionMismatch, match=words):
        client.system_info()
    assert server.calls() == []


def test_podmans_minimum_is_not_enforced(server: RawServer, client: Engine) -> None:
    server.version = http(200, {"ApiVersion": "1.60", "MinAPIVersion": "1.55"}, PODMAN)
    assert client.version == NEWEST
    assert client.server.is_podman


@pytest.mark.parametrize(
    ("headers", "body", "podman"),
    [
        (PODMAN, {}, True),
        ({"Server": "Libpod/4.3.1 (linux)"}, {}, True),
        ({}, {"Components": [{"Name": "Podman Engine", "Version": "4.3.1"}]}, True),
        ({"Server": "Docker/20.10 (linux)"}, {"Components": [{"Name": "Engine"}, None]}, False),
        ({}, {"Components": None}, False),
    ],
)
def test_podman_is_recognised(headers: dict[str, str], body: dict[str, Any], podman: bool) -> None:
    assert read_server(headers, {"ApiVersion": "1.41", **body}).is_podman is podman


def test_a_hidden_version_is_read_from_the_ping(server: RawServer, client: Engine) -> None:
    server.version = http(403, {"message": "Forbidden"})
    server.handler = lambda seen: http(200, b"{}", {"Api-Version": "1.43", "Ostype": "linux"})
    assert (str(client.version), client.server.os, client.server.min_api) == ("1.43", "linux", None)
    assert [seen.target for seen in server.seen] == ["/version", "/_ping"]


def test_an_engine_that_does_not_say_its_version_is_not_guessed_at(server: RawServer, client: Engine) -> None:
    server.version = http(200, {"Version": "?"})
    with pytest.raises(errors.ProtocolError, match="API version"):
        client.system_info()


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b""])
def test_what_is_no_engine_is_told(server: RawServer, client: Engine, body: bytes) -> None:
    server.version = http(200, body)
    with pytest.raises(errors.ProtocolError):
        client.system_info()


def test_what_refuses_even_the_first_call_is_not_usable(server: RawServer, client: Engine) -> None:
    server.version = http(404, b"not found")
    server.handler = lambda seen: http(404, b"not found")
    with pytest.raises(errors.EngineUnavailable, match="no usable Engine"):
        client.system_info()


def test_the_version_is_asked_for_once(server: RawServer, client: Engine) -> None:
    assert not client.negotiated
    client.system_info()
    client.system_info()
    assert client.negotiated
    assert [seen.target for seen in server.seen] == ["/version", "/v1.41/info", "/v1.41/info"]


def test_nothing_is_sent_before_the_first_call(server: RawServer, client: Engine) -> None:
    assert repr(client) == f"<Engine unix://{server.listening.getsockname()}>"
    assert server.seen == []


def test_after_the_engine_was_gone_the_version_is_agreed_on_anew(server: RawServer, client: Engine) -> None:
    client.system_info()
    server.handler = lambda seen: None
    with pytest.raises(errors.EngineUnavailable):
        client.system_info()
    server.handler = lambda seen: http(200, b"{}")
    server.version = http(200, {"ApiVersion": "1.45"})
    client.system_info()
    assert server.calls()[-1] == "GET /v1.45/info"


def test_renegotiate_asks_again(server: RawServer, client: Engine) -> None:
    assert client.version == ApiVersion(1, 41)
    server.version = http(200, {"ApiVersion": "1.51"})
    assert client.renegotiate() == ApiVersion(1, 51)


def test_a_ping_needs_no_version(server: RawServer, client: Engine) -> None:
    client.ping()
    assert [seen.target for seen in server.seen] == ["/_ping"]


def test_a_route_that_podman_lacks_is_not_a_missing_container(server: RawServer, client: Engine) -> None:
    server.version = http(200, {"ApiVersion": "1.41", "Version": "4.3.1"}, PODMAN)
    server.handler = lambda seen: http(404, b"Not Found\n", {"Content-Type": "text/plain"})
    with pytest.raises(errors.NotSupported, match="container_update"):
        client.container_update("web", {"Memory": 1})
    server.handler = lambda seen: http(404, {"message": "no such container"})
    with pytest.raises(errors.NotFound):
        client.container_update("web", {"Memory": 1})
    server.handler = lambda seen: http(404, b"")  # the answer to a HEAD has no form to go by
    with pytest.raises(errors.NotFound):
        client.container_archive_info("web", path="/nowhere")


def test_a_call_the_version_lacks_is_not_made(server: RawServer, client: Engine) -> None:
    server.version = http(200, {"ApiVersion": "1.24"})
    with pytest.raises(errors.NotSupported, match=r"1\.25"):
        client.container_prune()
    assert server.calls() == []


def test_the_name_of_an_image_moved_into_the_filters(server: RawServer, client: Engine) -> None:
    server.handler = lambda seen: http(200, b"[]")
    client.image_list(filter="busybox", filters={"dangling": False})
    server.version = http(200, {"ApiVersion": "1.40"})
    client.forget()
    client.image_list(filter="busybox")
    new, old = server.calls()
    assert "reference" in new
    assert old == "GET /v1.40/images/json?filter=busybox"


@pytest.mark.parametrize("text", ["1.41", " 1.41 ", "1.41.0"])
def test_versions_are_read(text: str) -> None:
    assert str(ApiVersion.parse(text)) == "1.41"


@pytest.mark.parametrize("text", ["", "1", "v1.41", "1.x", "1.-4", "1.99999", "latest"])
def test_other_texts_are_no_versions(text: str) -> None:
    with pytest.raises(ValueError, match="API version"):
        ApiVersion.parse(text)


def test_versions_are_ordered_as_numbers() -> None:
    assert ApiVersion(1, 9) < OLDEST < ApiVersion(1, 100)
    assert choose(read_server({"Api-Version": "1.100"}, {})) == NEWEST


def test_the_client_leaves_django_alone() -> None:
    code = (
        "import sys, dockerui.engine, dockerui.engine.aio\n"
        "print([m for m in sys.modules if m.partition('.')[0] in ('django', 'channels', 'twisted')])"
    )
    command = [sys.executable, "-c", code]
    here = {"PYTHONPATH": "."}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=here)
    assert done.stdout.strip() == "[]"
