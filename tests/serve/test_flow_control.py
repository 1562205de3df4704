"""The server never holds more than a bounded part of what flows through it, in either direction."""

import base64
import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import settled, wait_until

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
SOCKET_BUFFERS = 12 * MIB  # what two kernels' socket buffers may swallow, at most


class PlainServer:
    """The process of ``plain_app.py`` and what the tests ask it."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, str(Path(__file__).with_name("plain_app.py"))]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def connect(self) -> socket.socket:
        """A new connection to the server."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def get(self, path: str) -> str:
        """The body of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path)
        return connection.getresponse().read().decode()

    def counter(self, name: str) -> int:
        """One of the application's counters."""
        found = re.search(rf"{name}=(\d+)", self.get("/counters"))
        assert found
        return int(found[1])

    def memory(self) -> int:
        """Resident bytes of the process."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def settled(self, name: str) -> int:
        """A counter's value once it has stopped growing."""
        return settled(lambda: self.counter(name))


@pytest.fixture
def server() -> Iterator[PlainServer]:
    running = PlainServer()
    yield running
    running.process.kill()
    running.process.wait()


def websocket(server: PlainServer, path: str) -> socket.socket:
    """A connection that has just been upgraded."""
    connection = server.connect()
    key = base64.b64encode(os.urandom(16)).decode()
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    connection.sendall(f"{head}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    reply = b""
    while not reply.endswith(b"\r\n\r\n"):
        reply += connection.recv(1)
    assert b" 101 " in reply
    return connection


def send_until_blocked(connection: socket.socket, limit: int) -> int:
    """Bytes the other side took before it stopped taking any for half a second."""
    connection.settimeout(0.5)
    sent = 0
    block = bytes(64 * 1024)
    while sent < limit:
        try:
            sent += connection.send(block)
        except TimeoutError:
            break
    connection.settimeout(20)
    return sent


def test_response_waits_for_a_client_that_does_not_read(server: PlainServer) -> None:
    server.settled("sent")  # the same number of requests before and after
    before = server.memory()
    connection = server.connect()
    connection.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
    assert server.settled("sent") < SOCKET_BUFFERS
    assert server.memory() - before < 8 * MIB
    connection.close()


def test_response_reaches_a_slow_client_whole(server: PlainServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/flood")
    server.settled("sent")
    response = connection.getresponse()
    read = 0
    while data := response.read(MIB):
        read += len(data)
    assert read == 1024 * MIB


def test_websocket_waits_for_a_browser_that_does_not_read(server: PlainServer) -> None:
    server.settled("sent")
    before = server.memory()
    connection = websocket(server, "/flood")
    assert server.settled("sent") < SOCKET_BUFFERS
    assert server.memory() - before < 8 * MIB
    connection.close()


def test_stalled_viewer_does_not_disturb_others(server: PlainServer) -> None:
    stalled = websocket(server, "/flood")
    sent = server.settled("sent")
    assert server.counter("sent") == sent
    stalled.close()


def test_upload_waits_for_an_application_that_does_not_read(server: PlainServer) -> None:
    before = server.memory()
    total = 64 * MIB
    connection = server.connect()
    connection.sendall(f"PUT /lazy-digest HTTP/1.1\r\nHost: x\r\nContent-Length: {total}\r\n\r\n".encode())
    sent = send_until_blocked(connection, total)
    assert sent < SOCKET_BUFFERS
    assert server.memory() - before < 8 * MIB
    assert server.get("/read") == "ok"
    connection.sendall(bytes(total - sent))
    response = http.client.HTTPResponse(connection)
    response.begin()
    assert response.read().decode() == f"{total} {hashlib.sha256(bytes(total)).hexdigest()}"


def test_application_starts_before_the_body_is_complete(server: PlainServer) -> None:
    connection = server.connect()
    connection.sendall(b"PUT /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
    wait_until(lambda: server.counter("uploads"), what="the application runs")
    connection.sendall(b"cd")
    response = http.client.HTTPResponse(connection)
    response.begin()
    assert response.read().decode() == f"4 {hashlib.sha256(b'abcd').hexdigest()}"


def test_chunked_upload(server: PlainServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    parts = [b"a" * 70_000, b"b", b"c" * 200_000]
    connection.request(
        "POST", "/digest", iter(parts), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )
    whole = b"".join(parts)
    assert connection.getresponse().read().decode() == f"{len(whole)} {hashlib.sha256(whole).hexdigest()}"


def test_connection_serves_requests_with_and_without_body_in_turn(server: PlainServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for body in (b"one", b"", b"three"):
        connection.request("POST", "/digest", body)
        assert connection.getresponse().read().decode() == f"{len(body)} {hashlib.sha256(body).hexdigest()}"


def test_a_request_does_not_inherit_the_context_of_the_one_before(server: PlainServer) -> None:
    total = 8 * MIB
    connection = server.connect()
    connection.sendall(f"PUT /lazy-digest HTTP/1.1\r\nHost: x\r\nContent-Length: {total}\r\n\r\n".encode())
    sent = send_until_blocked(connection, total)
    assert server.get("/read") == "ok"
    connection.sendall(bytes(total - sent))
    response = http.client.HTTPResponse(connection)
    response.begin()
    response.read()
    connection.sendall(b"GET /context HTTP/1.1\r\nHost: x\r\n\r\n")
    following = http.client.HTTPResponse(connection)
    following.begin()
    assert following.read() == b"fresh"


def test_refused_upload_gets_its_answer_and_its_rest_is_no_request(server: PlainServer) -> None:
    connection = server.connect()
    smuggled = b"GET /counters HTTP/1.1\r\nHost: x\r\n\r\n"
    length = len(smuggled) + 2
    connection.sendall(f"PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    response = http.client.HTTPResponse(connection)
    response.begin()
    assert (response.status, response.read()) == (413, b"too much")
    connection.sendall(smuggled + b"..GET /refuse HTTP/1.1\r\nHost: x\r\n\r\n")
    following = http.client.HTTPResponse(connection)
    following.begin()
    assert following.status == 413


def test_endless_refused_upload_is_cut_off(server: PlainServer) -> None:
    connection = server.connect()
    connection.sendall(f"PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {1024 * MIB}\r\n\r\n".encode())
    response = http.client.HTTPResponse(connection)
    response.begin()
    assert response.status == 413
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        connection.sendall(bytes(1024 * MIB))


def test_websocket_request_with_a_body_is_refused(server: PlainServer) -> None:
    connection = server.connect()
    head = b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    connection.sendall(head + b"Content-Length: 3\r\n\r\n")
    assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_application_that_fails_before_it_answers_is_a_500_at_once(server: PlainServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/fail-before")
    assert connection.getresponse().status == 500


@pytest.mark.parametrize("path", ["/fail-within", "/forget-the-end"])
def test_answer_that_stays_incomplete_is_cut_not_ended(server: PlainServer, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        response.read()


def test_socket_of_an_application_that_fails_closes_with_1011(server: PlainServer) -> None:
    frame = websocket(server, "/fails").recv(100)
    assert frame[0] == 0x88
    assert int.from_bytes(frame[2:4], "big") == 1011


def test_shutdown_ends_streams_and_sockets_in_order(server: PlainServer) -> None:
    streaming = server.connect()
    streaming.sendall(b"GET /forever HTTP/1.1\r\nHost: x\r\n\r\n")
    while b"hello" not in streaming.recv(1000):
        pass
    browser = websocket(server, "/echo")
    server.process.send_signal(signal.SIGTERM)
    frame = browser.recv(100)
    assert frame[0] == 0x88  # a close frame
    assert int.from_bytes(frame[2:4], "big") == 1012
    assert server.process.wait(timeout=4) == 0


def test_port_in_use_is_said_clearly(server: PlainServer) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(Path(__file__).with_name("plain_app.py")), str(server.port)]
    second = subprocess.run(command, capture_output=True, text=True, env=env, timeout=20, check=False)
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{server.port}" in second.stderr
