"""Web pages and background work in processes of their own, with a real PostgreSQL and a real Redis."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dockerui.engine import Engine, errors
from tests.support.engine import MakeContainer
from tests.support.postgres import postgres_url
from tests.support.redis import redis_url
from tests.support.server import ROOT, LiveServer, StartServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.engine

SECRET = "a long enough password"
STATES = (
    "from dockerui.jobs.models import Job; print('states:', *Job.objects.values_list('state', flat=True))"
)


@pytest.fixture
def web(request: pytest.FixtureRequest, start_live_server: StartServer, tmp_path: Path) -> LiveServer:
    """A process that serves pages and does no work; the documentation has the database migrated first."""
    stores = {"DOCKERUI_DATABASE_URL": postgres_url(request), "DOCKERUI_REDIS_URL": redis_url(request)}
    environment = {"PATH": "/usr/bin:/bin", "DOCKERUI_DATA": str(tmp_path / "data"), **stores}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True, timeout=60
    )
    return start_live_server("--role", "web", **stores)


@pytest.fixture
def admin(web: LiveServer) -> requests.Session:
    """The first account, logged in."""
    session = requests.Session()
    session.get(web.setup_link)
    fields = {"username": "admin", "password": SECRET, "password_again": SECRET}
    made = session.post(web.setup_link, {**fields, "csrfmiddlewaretoken": token(session)})
    assert made.ok
    return session


@pytest.fixture
def repository(engine: Engine, labels: dict[str, str]) -> Iterator[str]:
    name = f"dockerui-roles-{labels['dockerui.test'][:12]}"
    yield name
    try:
        engine.image_remove(f"{name}:made")
    except errors.NotFound:
        assert engine.image_list(filters={"reference": [name]}) == []


def token(session: requests.Session) -> str:
    """What a form has to send along."""
    return next(cookie.value or "" for cookie in session.cookies if "csrf" in cookie.name)


def states(server: LiveServer) -> str:
    """The states of all jobs."""
    return server.manage("shell", "-v0", "-c", STATES).split("states: ")[1].strip()


def test_what_a_page_asks_for_is_done_by_the_worker(
    web: LiveServer, admin: requests.Session, engine: Engine, make_container: MakeContainer, repository: str
) -> None:
    container = make_container(start=False)
    fields = {"repo": repository, "tag": "made", "pause": "on", "csrfmiddlewaretoken": token(admin)}
    assert admin.post(f"{web.url}/containers/{container}/commit", fields).ok
    assert states(web) == "queued"
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--role", "worker"], cwd=ROOT, env=web.environment
    )
    try:
        wait_until(lambda: states(web) == "succeeded", timeout=30, what="the worker's success")
    finally:
        worker.terminate()
        assert worker.wait(timeout=20) == 0
    assert engine.image_inspect(f"{repository}:made")["RepoTags"] == [f"{repository}:made"]
