"""What the images and registries pages ask for, through their forms, on a real Engine and real registries.

The rest of the parameters of build, pull and push: tests/services/test_image_jobs.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import AsyncClient, Client

from dockerui.engine import Engine
from dockerui.engine.versions import ApiVersion
from dockerui.jobs.models import JobState
from dockerui.registries.models import Registry
from dockerui.services import credentials
from dockerui.services.job_runner import JobRunner
from dockerui.web.views.image_actions import tar_name
from tests.support.engine import IMAGE
from tests.support.jobs import call, done, ended, feed, output, sent, tar_of
from tests.support.registry import FileServer, RegistryServer

Named = Callable[..., str]
OLD = ApiVersion(1, 24)


pytestmark = pytest.mark.usefixtures("app_on_engine")


def spoken(monkeypatch: pytest.MonkeyPatch, version: ApiVersion) -> None:
    """Talk to the Engine as to one that knows no newer version than this."""
    monkeypatch.setattr("dockerui.engine.client.choose", lambda server: version)


def test_the_list_of_an_old_engine_is_asked_by_the_old_filter(
    admin_client: Client, engine: Engine, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.image_tag(IMAGE, repo=named(), tag="v1")
    spoken(monkeypatch, OLD)
    page = admin_client.get("/images/", {"filter": named()}).content.decode()
    assert f"Remove {named()}:v1" in page
    assert f"Remove {IMAGE}" not in page
    assert 'name="filter"' in page
    assert 'name="reference"' not in page


@pytest.mark.parametrize("official", ["", "true", "false"])
@pytest.mark.parametrize("automated", ["", "true", "false"])
def test_a_search_asks_with_every_filter(
    admin_client: Client, docker_host: str, official: str, automated: str
) -> None:
    fields = {"term": "busybox", "limit": "5", "stars": "3", "official": official, "automated": automated}
    page = admin_client.get("/images/search", fields).content.decode()
    for value in filter(None, (official, automated)):
        assert f'<option value="{value}" selected>' in page
    # Where the Engine has no way to Docker Hub the page gives its reason.
    assert 'aria-label="Results"' in page or "Nothing found" in page or "notice bad" in page


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, {"big/web", "small/web", "web"}),
        ({"stars": "3"}, {"big/web", "web"}),
        ({"official": "true"}, {"web"}),
        ({"official": "false", "stars": "3"}, {"big/web"}),
    ],
)
def test_a_search_of_an_index_finds_what_it_has(
    admin_client: Client, file_server: FileServer, fields: dict[str, str], found: set[str]
) -> None:
    index = [
        {"name": "web", "description": "official", "star_count": 9, "is_official": True},
        {"name": "big/web", "description": "large", "star_count": 4, "is_official": False},
        {"name": "small/web", "description": "little", "star_count": 1, "is_official": False},
    ]
    folder = file_server.folder / "v1"
    folder.mkdir()
    (folder / "_ping").write_text("{}")
    (folder / "search").write_text(json.dumps({"num_results": len(index), "results": index}))
    term = f"{file_server.url.removeprefix('http://')}/web"
    page = admin_client.get("/images/search", {"term": term, **fields}).content.decode()
    registry = term.partition("/")[0]
    links = set(re.findall(r'/images/pull\?image=([^"]+)"', page))
    assert links == {quote(f"{registry}/{name}") for name in found}


@pytest.mark.parametrize("query", ["official=1", "automated=maybe"])
def test_a_search_for_neither_yes_nor_no_is_explained(admin_client: Client, query: str) -> None:
    assert "true or false" in admin_client.get(f"/images/search?term=x&{query}").content.decode()


async def test_a_build_from_the_address_of_a_dockerfile(
    boss: AsyncClient, runner: JobRunner, engine: Engine, named: Named, file_server: FileServer
) -> None:
    (file_server.folder / "app.Dockerfile").write_text(f"FROM {IMAGE}\nENV FROM_REMOTE=file\n")
    remote = f"{file_server.url}/app.Dockerfile"
    job = await done(boss, "/images/build", source="remote", remote=remote, t=named(), rm="on")
    made = await call(engine.image_inspect, named())
    assert made["Id"] == job.result["image"]
    assert "FROM_REMOTE=file" in made["Config"]["Env"]


async def test_a_build_from_the_address_of_a_tar(
    boss: AsyncClient, runner: JobRunner, engine: Engine, named: Named, file_server: FileServer
) -> None:
    context = tar_of(
        sub__My=f"FROM {IMAGE}\nCOPY hello.txt /\nRUN cat /hello.txt\n", **{"hello.txt": "from a tar"}
    )
    (file_server.folder / "context.tar").write_bytes(context)
    remote = f"{file_server.url}/context.tar"
    job = await done(
        boss, "/images/build", source="remote", remote=remote, t=named(), dockerfile="sub/My", rm="on"
    )
    assert "from a tar" in await output(job)


async def test_a_remote_that_is_not_there_is_a_failure_in_words(
    boss: AsyncClient, runner: JobRunner, file_server: FileServer
) -> None:
    job = await ended(
        await sent(boss, "/images/build", source="remote", remote=f"{file_server.url}/no-such.tar", rm="on")
    )
    assert job.state == JobState.FAILED
    assert "404" in job.error


async def test_a_build_that_looks_for_newer_bases_takes_the_registrys(
    boss: AsyncClient, runner: JobRunner, engine: Engine, named: Named, registry: RegistryServer
) -> None:
    fields = {"address": registry.address, "username": registry.username, "password": registry.password}
    assert (await boss.post("/registries/new", fields)).status_code == 302
    base = f"{registry.address}/{named()}"
    text = f"FROM {IMAGE}\nENV BASE=new\n"
    new = await done(boss, "/images/build", source="text", text=text, t=f"{base}:v1", rm="on")
    image = str(new.result["image"]).removeprefix("sha256:")
    await done(boss, f"/images/{image}/push", name=f"{base}:v1")
    await call(engine.image_tag, IMAGE, repo=base, tag="v1")  # an older one, here
    for pull, expected in (("", False), ("on", True)):
        await done(
            boss, "/images/build", source="text", text=f"FROM {base}:v1\n", t=named(), rm="on", pull=pull
        )
        environment = (await call(engine.image_inspect, named()))["Config"]["Env"] or []
        assert ("BASE=new" in environment) is expected


async def test_a_context_is_sent_as_a_tar(
    boss: AsyncClient, runner: JobRunner, engine: Engine, named: Named
) -> None:
    job = await sent(boss, "/images/build", source="tar", t=named(), rm="on")
    job = await feed(job, tar_of(Dockerfile=f"FROM {IMAGE}\nENV A=b\n"))
    assert job.state == JobState.SUCCEEDED, job.error
    assert (await call(engine.image_inspect, named()))["Id"] == job.result["image"]


async def test_an_import_from_an_address(
    boss: AsyncClient, runner: JobRunner, engine: Engine, named: Named, file_server: FileServer
) -> None:
    (file_server.folder / "files.tar").write_bytes(tar_of(etc__motd="hello"))
    job = await done(
        boss, "/images/import", source="remote", url=f"{file_server.url}/files.tar", repo=named(), tag="v1",
        message="by address", changes="ENV A=b",
    )  # fmt: skip
    assert job.result == {"image": f"{named()}:v1"}
    made = await call(engine.image_inspect, f"{named()}:v1")
    assert (made["Comment"], made["Config"]["Env"]) == ("by address", ["A=b"])


async def test_a_bad_archive_is_no_image_and_the_failure_says_what_to_do(
    boss: AsyncClient, runner: JobRunner, named: Named, engine: Engine
) -> None:
    job = await feed(await sent(boss, "/images/import", repo=named(), filename="bad.tar"), b"no tar" * 4000)
    assert job.state == JobState.FAILED
    assert "Import takes a tar of files" in job.error
    assert not await call(engine.image_list, filters={"reference": named()})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["reg.example:5000/team/app:v1"], "reg.example_5000_team_app_v1.tar"),
        (["app:v1", "b", "c"], "app_v1-and-2-more.tar"),
        (["sha256:" + "a" * 64], "a" * 64 + ".tar"),
        (["../up"], "_up.tar"),
    ],
)
def test_a_saved_tar_has_a_name_that_every_system_takes(names: list[str], expected: str) -> None:
    assert tar_name(names) == expected


def store(client: Client, registry: RegistryServer, **fields: str) -> Registry:
    data = {"address": registry.address, "username": registry.username, "password": registry.password}
    answer = client.post("/registries/new", {**data, "email": "mira@example.com", **fields})
    assert answer.status_code == 302, answer.content.decode()
    return Registry.objects.get(address=registry.address)


def test_credentials_are_checked_at_the_registry(admin_client: Client, registry: RegistryServer) -> None:
    stored = store(admin_client, registry)
    assert (stored.problem, stored.has_token, stored.email) == ("", False, "mira@example.com")
    assert stored.checked_at
    page = admin_client.get(f"/registries/{stored.pk}/").content.decode()
    assert 'value="mira@example.com"' in page
    assert registry.password not in page


def test_a_wrong_password_is_told_with_the_registrys_words(
    admin_client: Client, registry: RegistryServer
) -> None:
    stored = store(admin_client, registry, password="wrong")
    page = admin_client.get("/registries/").content.decode()
    assert stored.problem
    assert "refused" in page
    assert "401" in page or "unauthorized" in page.lower()


async def test_an_identity_token_is_kept_and_used_instead_of_the_password(
    boss: AsyncClient, runner: JobRunner, engine: Engine, named: Named, token_registry: RegistryServer
) -> None:
    fields = {
        "address": token_registry.address,
        "username": token_registry.username,
        "password": token_registry.password,
        "email": "mira@example.com",
    }
    answer = await boss.post("/registries/new", fields)
    assert answer.status_code == 302, answer.content.decode()
    stored = await Registry.objects.aget()
    assert (stored.problem, stored.has_token) == ("", True)
    secret = credentials.unseal(bytes(stored.secret))
    assert set(secret) == {"identitytoken"}
    token = str(secret["identitytoken"])
    assert token.encode() not in bytes(stored.secret)

    given = len(token_registry.shown())
    await boss.post(f"/registries/{stored.pk}/check")
    await stored.arefresh_from_db()
    assert stored.problem == ""
    full = f"{token_registry.address}/{named()}"
    await call(engine.image_tag, IMAGE, repo=full, tag="v1")
    image = (await call(engine.image_inspect, IMAGE))["Id"].removeprefix("sha256:")
    await done(boss, f"/images/{image}/push", name=f"{full}:v1")
    assert token_registry.has(named(), "v1")
    await call(engine.image_remove, f"{full}:v1")
    job = await done(boss, "/images/pull", image=f"{full}:v1")
    assert token not in await output(job)
    built = await done(
        boss, "/images/build", source="text", text=f"FROM {full}:v1\n", t=named(), rm="on", pull="on"
    )
    assert built.result["image"]
    shown = token_registry.shown()[given:]
    assert shown
    assert set(shown) == {token}
