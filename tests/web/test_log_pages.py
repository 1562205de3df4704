"""The log pages and downloads, on the real Engine."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from dockerui.engine import Engine
from dockerui.engine.errors import StreamCut
from dockerui.services import allowed
from tests.support.accounts import make_user

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


@pytest.fixture
def printed(make_container: MakeContainer, engine: Engine) -> Callable[..., str]:
    """Containers that have printed something and exited."""

    def make(script: str, **options: Any) -> str:
        container = make_container("sh", "-c", script, **options)
        engine.container_wait(container)
        return container

    return make


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any Engine call fails the test."""

    def called(*args: Any, **kwargs: Any) -> Any:
        pytest.fail("the Engine was called")

    monkeypatch.setattr("dockerui.engine.client.Engine.call", called)
    monkeypatch.setattr("dockerui.engine.aio.base.exchange", called)


@pytest.fixture
async def viewer(transactional_db: Any) -> AsyncClient:
    """Signed in as somebody who may only look, for asynchronous views."""
    import dockerui.services.people  # noqa: F401  a login is noted in its session by a receiver there

    client = AsyncClient()
    user = await sync_to_async(make_user)("viewer", "viewer")
    await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


async def downloaded(client: AsyncClient, url: str) -> tuple[Any, bytes]:
    answer = await client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer, b"".join([piece async for piece in answer.streaming_content])


def test_the_page_names_its_container(viewer_client: Client, make_container: MakeContainer) -> None:
    container = make_container("sleep", "1000")
    answer = viewer_client.get(f"/containers/{container[:12]}/logs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"&quot;id&quot;: &quot;{container}&quot;" in page
    assert f"/containers/{container}/logs/download" in page


def test_a_merged_page_names_all(viewer_client: Client, make_container: MakeContainer) -> None:
    first, second = make_container("sleep", "1000"), make_container("sleep", "1000")
    page = viewer_client.get("/logs/", {"id": [first, second[:12]]}).content.decode()
    assert page.index(first) < page.index(second)
    assert f"/logs/download?id={first}&amp;id={second}" in page


def test_a_project_page_names_its_containers(
    viewer_client: Client, make_container: MakeContainer, labels: dict[str, str]
) -> None:
    project = "p" + labels["dockerui.test"][:8]
    container = make_container("sleep", "1000", Labels={"com.docker.compose.project": project})
    page = viewer_client.get(f"/projects/{project}/logs/").content.decode()
    assert container in page
    assert f'data-project="{project}"' in page
    assert viewer_client.get(f"/projects/no{project}/logs/").status_code == 404


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "query", ["tail=-5", "tail=x", "since=yesterday", "until=1e9x", "since=5&until=4", "stdout=0&stderr=0"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/containers/abc/logs/",
        "/containers/abc/logs/download",
        "/logs/",
        "/logs/download",
        "/projects/p/logs/",
    ],
)
def test_nonsense_is_refused_without_an_engine_call(viewer_client: Client, path: str, query: str) -> None:
    assert viewer_client.get(f"{path}?{query}&id=abc").status_code == 400


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    "path",
    [
        "/containers/%2e%2e%2f/logs/",
        "/containers/a%252fb/logs/",
        "/containers/a%00b/logs/download",
        "/projects/a%20b/logs/",
        "/logs/",
        "/logs/?" + "&".join(f"id=a{n}" for n in range(25)),
    ],
)
def test_what_cannot_be_a_name_is_refused(viewer_client: Client, path: str) -> None:
    assert viewer_client.get(path).status_code in (400, 404)


def test_unknown_containers_are_a_404(viewer_client: Client) -> None:
    for path in ("/containers/nothing-of-this-name/logs/", "/containers/nothing-of-this-name/logs/download"):
        assert viewer_client.get(path).status_code == 404
    assert viewer_client.get("/logs/", {"id": "nothing-of-this-name"}).status_code == 404


async def test_a_download_has_the_whole_log(viewer: AsyncClient, printed: Callable[..., str]) -> None:
    container = printed("seq 1 30000; printf 'no end'")
    answer, text = await downloaded(viewer, f"/containers/{container}/logs/download?timestamps=0")
    assert text == b"".join(b"%d\n" % n for n in range(1, 30001)) + b"no end"
    assert re.fullmatch(r'attachment; filename="[\w.-]+\.log"', answer["Content-Disposition"])
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


async def test_a_download_can_have_times_and_a_range(
    viewer: AsyncClient, printed: Callable[..., str]
) -> None:
    container = printed("echo one; sleep 1.1; echo two >&2; sleep 1.1; echo three")
    _, text = await downloaded(viewer, f"/containers/{container}/logs/download")
    lines = text.decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["one", "two", "three"]
    middle = lines[1].split(" ")[0]
    _, text = await downloaded(viewer, f"/containers/{container}/logs/download?since={middle}&timestamps=0")
    assert text == b"two\nthree\n"
    _, text = await downloaded(viewer, f"/containers/{container}/logs/download?until={middle}&timestamps=0")
    assert text == b"one\ntwo\n"
    _, text = await downloaded(viewer, f"/containers/{container}/logs/download?stderr=0&timestamps=0")
    assert text == b"one\nthree\n"


async def test_a_terminals_log_is_raw(viewer: AsyncClient, printed: Callable[..., str]) -> None:
    container = printed("printf '\\033[31mred\\033[0m\\n'", tty=True)
    _, text = await downloaded(viewer, f"/containers/{container}/logs/download?timestamps=0")
    assert text == b"\033[31mred\033[0m\r\n"


async def test_several_logs_are_merged_in_order(
    viewer: AsyncClient, printed: Callable[..., str], labels: dict[str, str]
) -> None:
    name = "m" + labels["dockerui.test"][:8]
    first = printed("for i in 1 2 3; do echo a$i; sleep 0.2; done", name=f"{name}-a")
    second = printed("echo late", name=f"{name}-bb")
    _, text = await downloaded(viewer, f"/logs/download?id={second}&id={first}&timestamps=1")
    lines = text.decode().splitlines()
    assert lines == sorted(lines)
    assert [line.split(" ", 1)[1] for line in lines] == [
        f"{name}-a  | a1",
        f"{name}-a  | a2",
        f"{name}-a  | a3",
        f"{name}-bb | late",
    ]


async def test_a_log_that_cannot_be_read_is_no_empty_file(
    viewer: AsyncClient, make_container: MakeContainer
) -> None:
    container = make_container("sleep", "1000", HostConfig={"LogConfig": {"Type": "none"}})
    assert (await viewer.get(f"/containers/{container}/logs/download")).status_code == 501


async def test_a_download_breaks_off_after_logout(
    viewer: AsyncClient, printed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowed, "CHECK_EVERY", 0.0)
    container = printed("seq 1 60000")
    answer = await viewer.get(f"/containers/{container}/logs/download")
    pieces = aiter(answer.streaming_content)
    assert await anext(pieces)
    await viewer.alogout()
    with pytest.raises(StreamCut, match="no longer allowed"):
        await exhausted(pieces)


async def exhausted(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass


def test_pages_need_a_login(client: Client) -> None:
    for path in (
        "/containers/abc/logs/",
        "/logs/?id=abc",
        "/projects/p/logs/",
        "/containers/abc/logs/download",
    ):
        assert client.get(path).status_code == 302
