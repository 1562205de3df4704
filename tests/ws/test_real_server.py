"""The socket on the real server: what only a server can refuse, and what a misbehaving browser costs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import MakeContainer
from tests.support.raw_socket import BINARY, TEXT, RawSocket, Refused, memory_of
from tests.support.server import LiveServer
from tests.support.waiting import settled, wait_until

if TYPE_CHECKING:
    from dockerui.engine import Engine

MIB = 1 << 20
LOG_IN = """
import time
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
user, _ = get_user_model().objects.get_or_create(username="socket", defaults={"role": "viewer"})
store = SessionStore()
store.update({
    "_auth_user_id": str(user.pk),
    "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
    "_auth_user_hash": user.get_session_auth_hash(),
    "started_at": time.time(), "seen_at": time.time(),
})
store.save()
print("key:" + store.session_key)
"""
LOG_OUT = (
    "from django.contrib.sessions.models import Session; Session.objects.filter(session_key='{key}').delete()"
)


def log_in(server: LiveServer) -> str:
    """The key of a new login session."""
    return server.manage("shell", "-v0", "-c", LOG_IN).split("key:")[1].strip()


@pytest.fixture(scope="module")
def cookie(served: LiveServer) -> str:
    return f"dockerui={log_in(served)}"


@pytest.fixture
def tab(served: LiveServer, cookie: str) -> Iterator[RawSocket]:
    socket = RawSocket(served.url, cookie)
    yield socket
    socket.close()


def test_invalid_utf8_closes_with_1007(tab: RawSocket) -> None:
    tab.frame(TEXT, b'{"op":"ping\xff"}')
    assert tab.close_code() == 1007


@pytest.mark.parametrize("size", [65 << 10, 200 << 10, 4 << 20])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_large_frame_closes_with_1009(tab: RawSocket, opcode: int, size: int) -> None:
    try:
        tab.frame(opcode, b" " * size)
    except ConnectionError:
        return  # dropped while it was still being sent
    assert tab.close_code() == 1009


def test_a_message_in_many_fragments_is_bounded_too(tab: RawSocket) -> None:
    try:
        tab.frame(TEXT, b" " * 60_000, final=False)
        for _ in range(100):
            tab.frame(0, b" " * 60_000, final=False)
    except ConnectionError:
        return
    assert tab.close_code() == 1009


def test_a_visitor_is_closed_with_4401(served: LiveServer) -> None:
    assert RawSocket(served.url).close_code() == 4401
    assert RawSocket(served.url, "dockerui=nonsense").close_code() == 4401


def test_a_foreign_origin_is_refused(served: LiveServer, cookie: str) -> None:
    with pytest.raises(Refused, match="403"):
        RawSocket(served.url, cookie, "http://evil.example")


def test_a_logout_in_another_process_closes_within_five_seconds(served: LiveServer) -> None:
    key = log_in(served)
    tab = RawSocket(served.url, f"dockerui={key}")
    tab.send("open", ch=1, topic="containers", args={})
    tab.until("seen")
    served.manage("shell", "-v0", "-c", LOG_OUT.format(key=key))
    assert tab.close_code() == 4401


def test_a_browser_that_does_not_read_a_flood_costs_little_and_hurts_nobody(
    served: LiveServer, cookie: str, engine: Engine, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "yes 0123456789012345678901234567890123456789 | head -c 100000000")
    wait_until(lambda: not engine.container_inspect(container)["State"]["Running"], timeout=120)
    with_logs = {"id": container, "stdout": True, "stderr": True, "follow": False, "tail": "all"}
    warm = RawSocket(served.url, cookie)
    warm.send("open", ch=1, topic="logs", args=with_logs)
    warm.until("open")
    warm.receive()
    warm.close()
    pid = served.process.pid
    before = settled(lambda: memory_of(pid), quiet=1)
    stalled = [RawSocket(served.url, cookie) for _ in range(4)]
    for tab in stalled:
        tab.send("open", ch=1, topic="logs", args=with_logs)
    after = settled(lambda: memory_of(pid) // MIB, quiet=2) * MIB
    assert (after - before) / len(stalled) < 2 * MIB, f"{before} → {after}"
    lively = RawSocket(served.url, cookie)
    lively.send("ping")
    lively.until("pong")
    for tab in (*stalled, lively):
        tab.close()


def test_a_large_log_arrives_whole(
    served: LiveServer, cookie: str, engine: Engine, make_container: MakeContainer
) -> None:
    lines = 60_000  # 7 MB: many frames as large as they get
    container = make_container("sh", "-c", f"yes {'x' * 80} | head -n {lines}")
    wait_until(lambda: not engine.container_inspect(container)["State"]["Running"], timeout=60)
    tab = RawSocket(served.url, cookie)
    args = {"id": container, "stdout": True, "stderr": True, "follow": False, "tail": "all"}
    tab.send("open", ch=1, topic="logs", args=args)
    found = 0
    while True:
        opcode, payload = tab.receive()
        if opcode == BINARY:
            found += payload.count(b"\n")
            tab.send("ack", ch=1, n=len(payload) - 1)
        elif b'"ev":"end"' in payload or b'"ev":"error"' in payload:
            break
    tab.close()
    assert (found, b'"reason":"complete"' in payload) == (lines, True), payload


def test_sockets_that_vanish_leave_nothing_behind(served: LiveServer, cookie: str) -> None:
    def files() -> int:
        return len(os.listdir(f"/proc/{served.process.pid}/fd"))

    before = settled(files, quiet=1)
    for _ in range(20):
        tab = RawSocket(served.url, cookie)
        tab.send("open", ch=1, topic="containers", args={"filters": {"label": ["nothing.has.this"]}})
        tab.send("open", ch=2, topic="events", args={})
        tab.until("open")
        tab.close()
    wait_until(lambda: files() <= before + 2, timeout=20, what="file descriptors go back")
