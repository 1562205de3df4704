"""The real Engine of the tests, and containers on it that are taken away again.

``DOCKERUI_TEST_ENGINE`` names one (``unix:///…``); otherwise the project starts one of its own under
``var/test-engine``. The Engine may be shared with others: everything a test makes carries its own label, and
only what carries it is removed.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dockerui.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "busybox:test"
LABEL = "dockerui.test"
MakeContainer = Callable[..., str]


def _engine_script(*arguments: str) -> str:
    command = [sys.executable, str(ROOT / "scripts" / "engine.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.exit(f"The tests need a Docker Engine.\n{done.stderr}", returncode=3)
    return done.stdout.strip()


@pytest.fixture(scope="session")
def docker_host() -> str:
    """Address of the Engine under test; it answers and has the image ``busybox:test``."""
    given = os.environ.get("DOCKERUI_TEST_ENGINE")
    if given is None:
        return _engine_script("start", str(ROOT / "var" / "test-engine"), "--isolated", "--image", IMAGE)
    _engine_script("image", given, IMAGE)
    return given


@pytest.fixture(scope="session")
def engine(docker_host: str) -> "Iterator[Engine]":
    """The synchronous client, connected to the Engine under test."""
    from dockerui.engine import Endpoint, Engine

    client = Engine(Endpoint.parse(docker_host))
    yield client
    client.close()


@pytest.fixture
def app_on_engine(docker_host: str) -> Iterator[None]:
    """Pages and services called in this process talk to the Engine under test."""
    from dockerui.engine import Endpoint
    from dockerui.services import engines

    engines.use(Endpoint.parse(docker_host))
    yield
    engines.use(None)


@pytest.fixture
async def aengine(engine: "Engine") -> Any:
    """The asynchronous client on the same Engine."""
    from dockerui.engine.aio import AsyncEngine

    return AsyncEngine(engine)


@pytest.fixture
def labels(engine: "Engine") -> Iterator[dict[str, str]]:
    """A label of this test's own. Whatever carries it is removed when the test ends."""
    mark = {LABEL: uuid.uuid4().hex}
    yield mark
    remove_labelled(engine, f"{LABEL}={mark[LABEL]}")


def remove_labelled(engine: "Engine", label: str) -> None:
    """Remove every container, network and volume that carries the label."""
    only = {"label": [label]}
    for container in engine.container_list(all=True, filters=only):
        _gone(engine.container_remove, container["Id"], force=True, v=True)
    for network in engine.network_list(filters=only):
        _gone(engine.network_remove, network["Id"])
    for volume in engine.volume_list(filters=only).get("Volumes") or []:
        _gone(engine.volume_remove, volume["Name"])


def _gone(remove: Callable[..., Any], reference: str, **options: Any) -> None:
    """Remove one object; that it vanished (or is already being removed) is what we want."""
    from dockerui.engine import errors

    try:
        remove(reference, **options)
    except (errors.NotFound, errors.Conflict):
        return


@pytest.fixture
def make_container(engine: "Engine", labels: dict[str, str]) -> MakeContainer:
    """Make containers of the test image: ``make_container("sleep", "1000", name=…, start=True, tty=False,
    …)``.

    Further keywords are keys of the create body as the Engine spells them (``HostConfig={…}``, ``Env=[…]``).
    ``--init`` is on: a ``sleep`` that is pid 1 ignores SIGTERM. Returns the full id.
    """

    def make(
        *command: str, name: str | None = None, start: bool = True, tty: bool = False, **body: Any
    ) -> str:
        host = {"Init": True, "NetworkMode": "none", **body.pop("HostConfig", {})}
        marks = {**labels, **body.pop("Labels", {})}
        spec = {"Image": IMAGE, "Cmd": list(command) or ["sleep", "1000"], "Tty": tty, "Labels": marks}
        created = engine.container_create(body={**spec, "HostConfig": host, **body}, name=name)
        if start:
            engine.container_start(created["Id"])
        return str(created["Id"])

    return make
