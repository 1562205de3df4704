"""``manage.py serve``: one line, one link, a quick start, a clean end."""

import http.client
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.server import ROOT, LiveServer, StartServer
from tests.support.waiting import wait_until

NOWHERE = "unix:///nonexistent/docker.sock"


def get(server: LiveServer, path: str) -> tuple[int, str]:
    """Status and body of a page."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode()


def test_it_prints_one_line_with_address_and_setup_link(start_live_server: StartServer) -> None:
    server = start_live_server()
    assert server.setup_link.startswith(f"{server.url}/setup/")
    assert len(server.output) == 1
    status, page = get(server, urlsplit(server.setup_link).path)
    assert (status, "first account" in page) == (200, True)


def test_it_offers_no_setup_link_once_there_is_an_account(start_live_server: StartServer) -> None:
    first = start_live_server()
    first.manage("shell", "-c", CREATE_ACCOUNT)
    assert first.stop() == 0
    second = start_live_server()
    assert second.setup_link == ""


CREATE_ACCOUNT = """
from dockerui.accounts.models import User
User.objects.create_user("someone", password="a long enough password", role="admin")
"""


def test_it_serves_without_an_engine(start_live_server: StartServer) -> None:
    server = start_live_server(docker_host=NOWHERE)
    assert get(server, "/healthz")[0] == 200
    assert get(server, urlsplit(server.setup_link).path)[0] == 200


def test_it_ends_cleanly_when_asked(start_live_server: StartServer) -> None:
    server = start_live_server()
    get(server, "/healthz")
    assert server.stop() == 0
    assert [line for line in server.output if "Traceback" in line] == []


def test_it_says_when_the_port_is_taken(start_live_server: StartServer, tmp_path: Path) -> None:
    server = start_live_server()
    port = str(urlsplit(server.url).port)
    command = [sys.executable, "manage.py", "serve", "--port", port]
    env = {**server.environment, "DOCKERUI_DATA": str(tmp_path / "other")}
    second = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr
    assert f"make run PORT={int(port) + 1}" in second.stderr


def test_a_second_server_that_cannot_start_leaves_the_setup_link_alone(
    start_live_server: StartServer,
) -> None:
    server = start_live_server()
    command = [sys.executable, "manage.py", "serve", "--port", str(urlsplit(server.url).port)]
    subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, timeout=30, check=False)
    assert "first account" in get(server, urlsplit(server.setup_link).path)[1]


@pytest.mark.parametrize("role", ["web", "worker"])
def test_splitting_roles_needs_a_shared_channel_layer(role: str, tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "serve", "--role", role]
    env = {"PATH": "/usr/bin:/bin", "DOCKERUI_DATA": str(tmp_path), "DOCKER_HOST": NOWHERE}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "DOCKERUI_REDIS_URL" in done.stderr


def test_a_slow_reader_of_a_page_does_not_hold_up_the_end(start_live_server: StartServer) -> None:
    server = start_live_server()
    address = urlsplit(server.url)
    idle = [socket.create_connection((address.hostname, address.port)) for _ in range(5)]
    idle[0].sendall(b"GET /healthz HTTP/1.1\r\n")  # a request that never becomes complete
    wait_until(lambda: get(server, "/healthz")[0] == 200)
    assert server.stop() == 0
    for connection in idle:
        connection.close()
