"""A server that is killed or stopped in the middle of work, and started again: nothing is lost, nothing is
doubled.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.support.server import LiveServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

SUBMIT = """
from django.contrib.auth import get_user_model
from dockerui.access import Actor
from dockerui.services import image_transfers
user = get_user_model().objects.create_user(username="boss", password="x" * 20, role="admin")
actor = Actor.for_user(user, "")
image_transfers.image_pull(actor, "127.0.0.1:{port}/hangs:v1")
image_transfers.image_pull(actor, "127.0.0.1:{port}/hangs:v1")
image_transfers.image_load(actor, "never.tar")
"""


def rows(server: LiveServer) -> dict[str, dict[str, Any]]:
    """The jobs by kind, read beside the server."""
    with sqlite3.connect(server.data / "dockerui.sqlite3") as database:
        database.row_factory = sqlite3.Row
        found = database.execute("SELECT kind, state, error, runner, started_at FROM jobs_job").fetchall()
    made = {row["kind"]: dict(row) for row in found}
    assert len(made) == len(found), "a job was doubled"
    return made


def running(server: LiveServer) -> dict[str, Any] | None:
    pull = rows(server)["image.pull"]
    return pull if pull["state"] == "running" else None


@pytest.fixture
def busy(start_live_server: Any, silent_port: int) -> LiveServer:
    """A server with a pull that hangs (asked for twice) and a load whose upload has not come."""
    server: LiveServer = start_live_server()
    server.manage("shell", "-v0", "-c", SUBMIT.format(port=silent_port))
    wait_until(lambda: running(server), timeout=20, what="the pull runs")
    return server


def test_a_killed_server_takes_its_work_up_again(busy: LiveServer, start_live_server: Any) -> None:
    before = rows(busy)["image.pull"]
    busy.process.kill()
    busy.process.wait()
    assert rows(busy)["image.pull"]["state"] == "running"
    again: LiveServer = start_live_server()
    after = wait_until(
        lambda: (now := running(again)) and now["runner"] != before["runner"] and now, timeout=20
    )
    assert after["started_at"] == before["started_at"]


def test_a_stopped_server_gives_its_work_back(busy: LiveServer, start_live_server: Any) -> None:
    assert busy.stop() == 0
    assert rows(busy)["image.pull"]["state"] == "queued"
    again: LiveServer = start_live_server()
    assert wait_until(lambda: running(again), timeout=20)


def test_a_second_server_on_the_same_database_leaves_running_work_alone(
    busy: LiveServer, start_live_server: Any
) -> None:
    before = rows(busy)["image.pull"]
    second: LiveServer = start_live_server()
    second.manage("shell", "-v0", "-c", "from dockerui.services import job_store; job_store.recover()")
    assert rows(second)["image.pull"]["runner"] == before["runner"]


def test_what_waited_for_an_upload_is_told_apart(busy: LiveServer) -> None:
    assert rows(busy)["image.load"]["state"] == "queued"
