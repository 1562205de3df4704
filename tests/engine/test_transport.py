"""What the synchronous client makes of answers, good and bad."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dockerui.engine import Endpoint, Engine, errors

from .raw_server import Answer, RawServer, Seen, http, serving


@pytest.fixture
def server() -> Iterator[RawServer]:
    # Not tmp_path: the path of a unix socket has 107 bytes at most.
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "é +%41.sock") as running:
        yield running


@pytest.fixture
def client(server: RawServer) -> Iterator[Engine]:
    engine = Engine(Endpoint("unix", path=server.listening.getsockname()), timeout=5, connect_timeout=2)
    yield engine
    engine.close()


def test_it_asks_for_the_negotiated_version_and_for_plain_bytes(server: RawServer, client: Engine) -> None:
    assert client.container_inspect("web") == {}
    assert server.calls() == ["GET /v1.41/containers/web/json"]
    headers = server.seen[-1].headers
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("dockerui")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadParameter),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (406, errors.NotAcceptable),
        (409, errors.Conflict),
        (418, errors.ApiError),
        (500, errors.ServerError),
        (501, errors.NotImplementedByEngine),
        (503, errors.Busy),
        (504, errors.ServerError),
    ],
)
def test_an_error_is_chosen_by_its_status(
    server: RawServer, client: Engine, status: int, kind: type[errors.ApiError]
) -> None:
    server.handler = lambda seen: http(status, {"message": "No such container: web"})
    with pytest.raises(errors.ApiError) as caught:
        client.container_inspect("web")
    assert type(caught.value) is kind
    assert (caught.value.status, str(caught.value)) == (status, "No such container: web")


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        ("container state improper", errors.Conflict),
        ("that name is already in use", errors.Conflict),
        ("invalid argument", errors.BadParameter),
        ("publish is an invalid filter", errors.BadParameter),
        ("exit status 1", errors.ServerError),
        (None, errors.ServerError),
    ],
)
def test_podmans_500s_are_told_apart_by_their_cause(
    server: RawServer, client: Engine, cause: str | None, kind: type[errors.ApiError]
) -> None:
    server.handler = lambda seen: http(500, {"cause": cause, "message": "in its words", "response": 500})
    with pytest.raises(errors.ApiError) as caught:
        client.container_inspect("web")
    assert type(caught.value) is kind
    assert (caught.value.status, str(caught.value)) == (500, "in its words")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"page not found"}', "page not found"),
        (
            b'{"cause":"no such container","message":"no container \\"x\\"","response":404}',
            'no container "x"',
        ),
        (b"plain text\n", "plain text"),
        (b"", "Scripted"),
        (b"{", "{"),
        (b'{"message":null}', "Scripted"),
        (b"\xff", "\ufffd"),
    ],
)
def test_an_error_has_the_engines_words(server: RawServer, client: Engine, body: bytes, message: str) -> None:
    server.handler = lambda seen: http(404, body)
    with pytest.raises(errors.NotFound) as caught:
        client.container_inspect("web")
    assert caught.value.message == message


def test_304_is_success(server: RawServer, client: Engine) -> None:
    server.handler = lambda seen: http(304)
    assert client.container_start("web") is False
    assert client.container_stop("web") is False
    server.handler = lambda seen: http(204)
    assert client.container_start("web") is True


def test_stop_always_sends_its_seconds(server: RawServer, client: Engine) -> None:
    client.container_stop("web")
    client.container_restart("web", t=0)
    assert server.calls() == [
        "POST /v1.41/containers/web/stop?t=10",
        "POST /v1.41/containers/web/restart?t=0",
    ]


def test_a_start_has_no_body_at_all(server: RawServer, client: Engine) -> None:
    client.container_start("web", detach_keys="ctrl-p,ctrl-q")
    assert server.calls() == ["POST /v1.41/containers/web/start?detachKeys=ctrl-p%2Cctrl-q"]
    assert server.seen[-1].body == b""
    assert "transfer-encoding" not in server.seen[-1].headers
    assert "content-type" not in server.seen[-1].headers


def test_redirects_are_not_followed(server: RawServer, client: Engine) -> None:
    server.handler = lambda seen: http(301, headers={"Location": "/v1.41/containers/other/kill"})
    with pytest.raises(errors.ProtocolError, match="redirect"):
        client.container_kill("web")
    assert len(server.calls()) == 1


def test_cookies_are_not_kept(server: RawServer, client: Engine) -> None:
    server.handler = lambda seen: http(200, b"{}", {"Set-Cookie": "a=b"})
    client.system_info()
    client.system_info()
    assert "cookie" not in server.seen[-1].headers


def test_the_environments_proxies_are_ignored(
    server: RawServer, client: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client.system_info()
    assert server.calls() == ["GET /v1.41/info"]


def test_one_connection_serves_many_calls(server: RawServer, client: Engine) -> None:
    for number in range(30):
        client.container_inspect(f"c{number}")
    assert server.connections == 1


def test_many_threads_share_one_client(server: RawServer, client: Engine) -> None:
    together = threading.Barrier(8)

    def handler(seen: Seen) -> Answer:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(5)
        return http(200, {"Id": seen.target.split("/")[3]})

    server.handler = handler
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: client.container_inspect(f"c{n}")["Id"], range(8)))
        again = list(pool.map(lambda n: client.container_inspect(f"d{n}")["Id"], range(8)))
    assert (found, again) == ([f"c{n}" for n in range(8)], [f"d{n}" for n in range(8)])
    assert server.connections == 8


def test_a_connection_that_the_engine_closed_meanwhile_is_not_used(server: RawServer, client: Engine) -> None:
    client.system_info()
    server.drop()
    client.system_info()
    assert (server.connections, len(server.calls())) == (2, 2)


def test_a_closed_client_can_be_used_again(server: RawServer, client: Engine) -> None:
    client.system_info()
    client.close()
    client.system_info()
    assert server.connections == 2


def test_an_engine_that_stalls_is_a_time_out(server: RawServer) -> None:
    def stall(seen: Seen) -> None:
        server.stopping.wait(10)

    client = Engine(Endpoint("unix", path=server.listening.getsockname()), timeout=0.2)
    assert client.version
    server.handler = stall
    with pytest.raises(errors.EngineTimeout):
        client.system_info()


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"])
def test_an_answer_that_never_ends_is_a_time_out(server: RawServer, sent: bytes) -> None:
    client = Engine(Endpoint("unix", path=server.listening.getsockname()), timeout=0.3)
    assert client.version

    def dribble(seen: Seen) -> None:
        conn = server._open[0]
        conn.sendall(sent)
        while sent and not server.stopping.wait(0.02):
            conn.sendall(b" ")
        server.stopping.wait(10)

    server.handler = dribble
    with pytest.raises(errors.EngineTimeout):
        client.system_info()


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
        b"HTTP/1.1 200 OK\r\n\r\nnot json",
        b"HTTP/1.1 200 OK\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\n\r\nnull",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n{}",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_what_breaks_the_protocol_is_told(server: RawServer, client: Engine, data: bytes) -> None:
    server.handler = lambda seen: Answer(data)
    with pytest.raises(errors.ProtocolError):
        client.system_info()


def test_an_answer_beyond_all_bounds_is_given_up(
    server: RawServer, client: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockerui.engine.transport._LARGEST_REPLY", 1000)
    server.handler = lambda seen: http(200, b" " * 100_000)
    with pytest.raises(errors.ProtocolError, match="larger than"):
        client.system_info()


def test_no_answer_at_all_is_an_engine_that_is_not_there(server: RawServer, client: Engine) -> None:
    server.handler = lambda seen: None
    with pytest.raises(errors.EngineUnavailable):
        client.system_info()


@pytest.mark.parametrize(
    ("path", "words"),
    [("/nosuch/engine.sock", "no such file"), ("/" + "x" * 200, "too long"), ("/etc/passwd", "refused")],
)
def test_a_socket_that_is_not_there_says_so(path: str, words: str) -> None:
    with pytest.raises(errors.EngineUnavailable, match=words):
        Engine(Endpoint("unix", path=path)).ping()


def test_a_port_where_nobody_listens_says_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(errors.EngineUnavailable, match="refused"):
            Engine(Endpoint.parse(f"tcp://127.0.0.1:{free.getsockname()[1]}")).ping()


@pytest.mark.parametrize("answer", [None, Answer(b"garbage"), http(500, {"message": "failed"})])
def test_no_secret_is_in_an_error(server: RawServer, client: Engine, answer: Answer | None) -> None:
    server.handler = lambda seen: answer
    secret = "canary"
    with pytest.raises(errors.EngineError) as caught:
        client.system_auth({"username": "u", "password": secret, "serveraddress": "r"})
    with pytest.raises(errors.EngineError) as also:
        client.container_create({"Image": "x", "Env": [f"A={secret}"]}, name=secret)
    for error in (caught.value, also.value):
        assert secret not in "".join(traceback.format_exception(error))
        assert secret not in repr(error)


@pytest.mark.parametrize(
    "ref", ["../info", "%2e%2e%2f", "abc?force=1", "a\0", "a\r\nb", "\ud800", "x" * 10_000]
)
def test_bad_input_makes_no_call_not_even_to_negotiate(server: RawServer, client: Engine, ref: str) -> None:
    for call in (
        client.container_inspect,
        client.container_remove,
        client.exec_inspect,
        client.volume_remove,
    ):
        with pytest.raises(errors.InvalidArgument):
            call(ref)
    with pytest.raises(errors.InvalidArgument):
        client.container_list(filters={"nosuch": "x"})
    with pytest.raises(errors.InvalidArgument):
        client.container_create({"HostConfig": {"privileged": True}})
    assert server.seen == []
