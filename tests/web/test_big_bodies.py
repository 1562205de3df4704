"""Bodies larger than the server's memory would allow: uploads and downloads flow through it."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import tarfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.server import LiveServer
from tests.support.waiting import settled, wait_until

if TYPE_CHECKING:
    from dockerui.engine import Engine

pytestmark = pytest.mark.slow
MIB = 1 << 20
SIZE = 300 * MIB
GROWTH = 32 * MIB
PASSWORD = "correct horse battery staple"


class Visitor:
    """A script that is logged in: one connection per request, cookies kept."""

    def __init__(self, server: LiveServer) -> None:
        self.host = urlsplit(server.url).netloc
        self.cookies: dict[str, str] = {}
        self.token = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        """Send a request; the answer's body is still to be read."""
        connection = http.client.HTTPConnection(self.host, timeout=120)
        connection.request(method, path, body, self.headers(headers))
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def form(self, path: str, **fields: str) -> http.client.HTTPResponse:
        """Post a form as a script does."""
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(fields), **{"Content-Type": kind})

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        origin = {"Origin": f"http://{self.host}", "X-CSRFToken": self.token, "Cookie": cookies}
        return {"Accept": "application/json", **origin, **more}

    def log_in(self) -> None:
        """As a browser does: the form's token, then name and password."""
        for path, fields in (("/login", {"username": "boss", "password": PASSWORD}), ("/account/", None)):
            page = self.ask("GET", path, Accept="text/html").read().decode()
            found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
            assert found, page[:500]
            self.token = found[1]
            if fields:
                assert self.form(path, csrfmiddlewaretoken=self.token, **fields).status == 302


@pytest.fixture
def server(start_live_server: Any) -> LiveServer:
    running: LiveServer = start_live_server()
    code = (
        "from django.contrib.auth import get_user_model as m;"
        f"m().objects.create_user(username='boss', password='{PASSWORD}', role='admin')"
    )
    running.manage("shell", "-v0", "-c", code)
    return running


@pytest.fixture
def visitor(server: LiveServer) -> Visitor:
    made = Visitor(server)
    made.log_in()
    return made


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    mark = f"dut-{uuid.uuid4().hex[:10]}"
    yield mark
    for image in engine.image_list(filters={"reference": mark}):
        engine.image_remove(image["Id"], force=True)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tar with one big file."""
    folder = tmp_path_factory.mktemp("big")
    with (folder / "zeros").open("wb") as file:
        file.truncate(SIZE)
    with tarfile.open(folder / "big.tar", "w") as archive:
        archive.add(folder / "zeros", "zeros")
    (folder / "zeros").unlink()
    return folder / "big.tar"


class Peak:
    """The largest resident size of a process while the block runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._done = threading.Event()

    def now(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Peak:
        self.before = self.most = self.now()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.most = max(self.most, self.now())


def begun(visitor: Visitor, name: str) -> dict[str, str]:
    answer = visitor.form("/images/import", source="file", repo=name, tag="v1")
    assert answer.status == 201, answer.read()
    told: dict[str, str] = json.loads(answer.read())
    return told


def state(visitor: Visitor, page: str) -> str:
    found = re.search(
        r'badge is-(\w+)" data-state', visitor.ask("GET", page, Accept="text/html").read().decode()
    )
    assert found
    return found[1]


def test_a_big_upload_and_a_big_download_leave_the_memory_as_it_is(
    server: LiveServer, visitor: Visitor, engine: Engine, name: str, big: Path
) -> None:
    visitor.ask("GET", "/images/", Accept="text/html").read()
    told = begun(visitor, name)
    with Peak(server.process.pid) as peak, big.open("rb") as file:
        length = str(big.stat().st_size)
        answer = visitor.ask(
            "POST", told["upload"], file, **{"Content-Type": "application/x-tar", "Content-Length": length}
        )
        assert (answer.status, answer.read()) == (200, b'{"complete": true}')
    assert peak.most - peak.before < GROWTH
    wait_until(lambda: state(visitor, told["page"]) == "succeeded", timeout=60)
    with Peak(server.process.pid) as peak:
        answer = visitor.ask("GET", f"/images/save?name={name}:v1", Accept="text/html")
        assert answer.status == 200
        size = 0
        while data := answer.read(MIB):
            size += len(data)
    assert size > SIZE
    assert peak.most - peak.before < GROWTH


def test_a_slow_reader_makes_the_engine_wait(
    server: LiveServer, visitor: Visitor, engine: Engine, name: str, big: Path
) -> None:
    told = begun(visitor, name)
    with big.open("rb") as file:
        length = {"Content-Length": str(big.stat().st_size), "Content-Type": "application/x-tar"}
        visitor.ask("POST", told["upload"], file, **length).read()
    wait_until(lambda: state(visitor, told["page"]) == "succeeded", timeout=60)
    before = Peak(server.process.pid).now()
    answer = visitor.ask("GET", f"/images/save?name={name}:v1", Accept="text/html")
    assert answer.read(MIB)
    assert settled(lambda: Peak(server.process.pid).now() // MIB) * MIB - before < GROWTH
    answer.close()


def test_an_upload_that_is_cut_off_fails_its_job(visitor: Visitor, name: str) -> None:
    told = begun(visitor, name)
    head = "".join(f"{key}: {value}\r\n" for key, value in visitor.headers({}).items())
    host, _, port = visitor.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        request = f"POST {told['upload']} HTTP/1.1\r\nHost: {visitor.host}\r\n{head}"
        connection.sendall(
            f"{request}Content-Type: application/x-tar\r\nContent-Length: {SIZE}\r\n\r\n".encode()
        )
        connection.sendall(bytes(MIB))
        wait_until(lambda: state(visitor, told["page"]) == "running", timeout=20)
    wait_until(lambda: state(visitor, told["page"]) == "failed", timeout=20)
    page = visitor.ask("GET", told["page"], Accept="text/html").read().decode()
    assert "cut off" in page


def test_an_upload_that_the_engine_refuses_gets_its_answer(visitor: Visitor) -> None:
    answer = visitor.form("/images/load", filename="bad.tar")
    told = json.loads(answer.read())
    answer = visitor.ask("POST", told["upload"], b"no tar" * MIB, **{"Content-Type": "application/x-tar"})
    assert answer.status == 200
    wait_until(lambda: state(visitor, told["page"]) == "failed", timeout=20)
    again = visitor.ask("POST", told["upload"], b"x", **{"Content-Type": "application/x-tar"})
    assert again.status == 400


def test_an_upload_without_a_token_is_refused(visitor: Visitor, name: str) -> None:
    told = begun(visitor, name)
    visitor.token = ""
    answer = visitor.ask("POST", told["upload"], b"x" * 100, **{"Content-Type": "application/x-tar"})
    assert answer.status == 403
