"""Images on the move, on the real Engine and a real registry with a password."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from dockerui.access import Actor
from dockerui.engine import Engine
from dockerui.engine import errors as engine_errors
from dockerui.jobs.models import Job, JobState
from dockerui.registries.models import Registry
from dockerui.services import (
    container_commit,
    credentials,
    downloads,
    image_build,
    image_prune,
    image_transfers,
    images,
    jobs,
    registries,
)
from dockerui.services.errors import BadInput
from dockerui.services.job_runner import JobRunner
from dockerui.services.uploads import Download
from tests.support.accounts import make_user
from tests.support.engine import IMAGE, MakeContainer
from tests.support.jobs import call, ended, feed, output, tar_of
from tests.support.registry import RegistryServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def admin() -> Actor:
    return Actor.for_user(await sync_to_async(make_user)("mira", "admin"), "")


@pytest.fixture
async def stored(registry: RegistryServer) -> Registry:
    return await Registry.objects.acreate(
        address=registry.address,
        username=registry.username,
        secret=credentials.seal({"password": registry.password}),
    )


def form(**fields: str) -> dict[str, list[str]]:
    return {"rm": ["on"], **{key: [value] for key, value in fields.items()}}


async def pushed(admin: Actor, engine: Engine, registry: RegistryServer, repository: str) -> str:
    """The test image, in the registry under this name and no longer at the Engine."""
    full = f"{registry.address}/{repository}"
    await call(engine.image_tag, IMAGE, repo=full, tag="v1")
    done = await ended(await call(image_transfers.image_push, admin, full, tag="v1"))
    assert done.state == JobState.SUCCEEDED, done.error
    return full


async def noise(admin: Actor, engine: Engine, registry: RegistryServer, repository: str) -> str:
    """An image with a layer that does not compress, in the registry and no longer at the Engine."""
    full = f"{registry.address}/{repository}"
    content = f"FROM {IMAGE}\nRUN head -c 60000000 /dev/urandom > /noise\n"
    built = await call(image_build.image_build, admin, form(source="text", text=content, t=f"{full}:big"))
    assert (await ended(built)).state == JobState.SUCCEEDED
    sent = await ended(await call(image_transfers.image_push, admin, full, tag="big"))
    assert sent.state == JobState.SUCCEEDED, sent.error
    await call(engine.image_remove, f"{full}:big")
    return full


async def test_push_and_pull_with_stored_credentials(
    runner: JobRunner,
    admin: Actor,
    engine: Engine,
    registry: RegistryServer,
    stored: Registry,
    named: Any,
) -> None:
    full = await pushed(admin, engine, registry, named())
    assert registry.has(named(), "v1")
    push = await sync_to_async(Job.objects.get)(kind="image.push")
    assert push.result["digests"][0].startswith("sha256:")
    await call(engine.image_remove, f"{full}:v1")
    done = await ended(await call(image_transfers.image_pull, admin, f"{full}:v1"))
    assert done.state == JobState.SUCCEEDED, done.error
    assert done.result == {"image": f"{full}:v1"}
    assert (await call(engine.image_inspect, f"{full}:v1"))["Id"] == (
        await call(engine.image_inspect, IMAGE)
    )["Id"]
    digest = push.result["digests"][0]
    by_digest = await ended(await call(image_transfers.image_pull, admin, f"{full}@{digest}"))
    assert by_digest.state == JobState.SUCCEEDED, by_digest.error
    assert registry.password not in await output(done) + await output(push)


async def test_a_big_layer_tells_how_far_it_is(
    runner: JobRunner,
    admin: Actor,
    engine: Engine,
    registry: RegistryServer,
    stored: Registry,
    named: Any,
) -> None:
    full = await noise(admin, engine, registry, named())
    job = await call(image_transfers.image_pull, admin, f"{full}:big")
    jobs.runner.wake()
    seen: list[dict[str, Any]] = []
    while str(job.pk) not in runner.live:
        await runner.changed.wait()
    async for details, _ in runner.live[str(job.pk)].changes():
        seen.append(details)
    assert (await ended(job)).state == JobState.SUCCEEDED
    fractions = [now["fraction"] for now in seen if now["fraction"] is not None]
    assert fractions
    assert any(item["total"] and item["total"] > 50_000_000 for now in seen for item in now["items"])
    assert any("MiB" in now["message"] for now in seen)


async def test_all_tags_come_only_when_they_are_asked_for(
    runner: JobRunner,
    admin: Actor,
    engine: Engine,
    registry: RegistryServer,
    stored: Registry,
    named: Any,
) -> None:
    full = f"{registry.address}/{named()}"
    for tag in ("latest", "v1", "v2"):
        await call(engine.image_tag, IMAGE, repo=full, tag=tag)
    assert (
        await ended(await call(image_transfers.image_push, admin, full, all_tags=True))
    ).state == "succeeded"

    def tags() -> set[str]:
        return {
            tag.rpartition(":")[2]
            for image in engine.image_list(filters={"reference": full})
            for tag in image["RepoTags"]
        }

    async def only_in_registry() -> None:
        for tag in await call(tags):
            await call(engine.image_remove, f"{full}:{tag}")

    await only_in_registry()
    assert (await ended(await call(image_transfers.image_pull, admin, full))).state == "succeeded"
    assert await call(tags) == {"latest"}
    await only_in_registry()
    done = await ended(await call(image_transfers.image_pull, admin, full, all_tags=True))
    assert done.state == "succeeded", done.error
    assert done.result == {"repository": full}, "not an image: it may have no tag `latest`"
    assert await call(tags) == {"latest", "v1", "v2"}
    with pytest.raises(BadInput):
        await call(image_transfers.image_pull, admin, f"{full}:v1", all_tags=True)


@pytest.mark.parametrize("how", ["no credentials", "wrong credentials"])
async def test_without_the_right_credentials_it_fails_and_says_where_to_store_them(
    runner: JobRunner,
    admin: Actor,
    engine: Engine,
    registry: RegistryServer,
    stored: Registry,
    named: Any,
    how: str,
) -> None:
    full = await pushed(admin, engine, registry, named())
    if how == "no credentials":
        await stored.adelete()
    else:
        await Registry.objects.aupdate(secret=credentials.seal({"password": "wrong"}))
    await call(engine.image_remove, f"{full}:v1")
    done = await ended(await call(image_transfers.image_pull, admin, f"{full}:v1"))
    assert done.state == JobState.FAILED
    assert "Registries" in done.error
    await call(engine.image_tag, IMAGE, repo=full, tag="v2")
    push = await ended(await call(image_transfers.image_push, admin, full, tag="v2"))
    assert push.state == JobState.FAILED
    assert not registry.has(named(), "v2")


async def test_the_check_of_credentials_asks_the_registry(
    runner: JobRunner, admin: Actor, registry: RegistryServer, stored: Registry
) -> None:
    assert await call(registries.registry_check, admin, stored.pk) == ""
    await Registry.objects.aupdate(secret=credentials.seal({"password": "wrong"}))
    assert await call(registries.registry_check, admin, stored.pk)
    await stored.arefresh_from_db()
    assert stored.problem


async def test_a_registry_that_is_not_there_is_told(runner: JobRunner, admin: Actor) -> None:
    done = await ended(await call(image_transfers.image_pull, admin, "127.0.0.1:1/nothing:v1"))
    assert done.state == JobState.FAILED
    assert "cannot reach 127.0.0.1:1" in done.error
    assert "login" not in done.error


async def test_what_has_nothing_to_do_with_the_registry_blames_no_credentials(
    runner: JobRunner, admin: Actor, engine: Engine, registry: RegistryServer, stored: Registry, named: Any
) -> None:
    full = await pushed(admin, engine, registry, named())
    done = await ended(await call(image_transfers.image_pull, admin, f"{full}:v1", platform="nonsense"))
    assert done.state == JobState.FAILED
    assert "nonsense" in done.error
    assert "credentials" not in done.error


async def test_an_image_that_is_not_there_is_told(
    runner: JobRunner, admin: Actor, registry: RegistryServer, stored: Registry
) -> None:
    done = await ended(await call(image_transfers.image_pull, admin, f"{registry.address}/no-such-thing:v1"))
    assert done.state == JobState.FAILED
    assert "manifest unknown" in done.error
    assert "right name, tag and platform" in done.error


async def test_build_from_a_typed_dockerfile(
    runner: JobRunner, admin: Actor, engine: Engine, named: Any, labels: dict[str, str]
) -> None:
    key, value = next(iter(labels.items()))
    text = f"FROM {IMAGE}\nARG SECRET=none\nRUN printf '\\033[31mred\\033[0m\\n'; echo got $SECRET > /got\n"
    job = await call(
        image_build.image_build,
        admin,
        form(
            source="text", text=text, t=f"{named()}:a\n{named()}:b", buildargs="SECRET=canary-17",
            labels=f"{key}={value}", memory="256m", memswap="-1", shmsize="32m", cpushares="512",
            cpuperiod="100000", cpuquota="80000", cpusetcpus="0", nocache="on", forcerm="on",
        ),
    )  # fmt: skip
    assert "canary-17" not in str(job.params)
    done = await ended(job)
    assert done.state == JobState.SUCCEEDED, done.error
    made = await call(engine.image_inspect, f"{named()}:a")
    assert (await call(engine.image_inspect, f"{named()}:b"))["Id"] == made["Id"]
    assert made["Id"] == done.result["image"]
    assert made["Config"]["Labels"][key] == value
    printed = await output(done)
    assert "\x1b[31mred" in printed
    assert "Step 4/4" in printed
    assert done.fraction == 1


async def test_a_build_that_fails_is_a_failure_although_the_status_was_200(
    runner: JobRunner, admin: Actor, named: Any
) -> None:
    fields = form(source="text", text=f"FROM {IMAGE}\nRUN exit 7", forcerm="on")
    job = await call(image_build.image_build, admin, fields)
    done = await ended(job)
    assert done.state == JobState.FAILED
    assert "7" in done.error
    assert "Step 2/2" in await output(done)


async def test_build_from_a_tar_with_another_dockerfile_and_quietly(
    runner: JobRunner, admin: Actor, engine: Engine, named: Any
) -> None:
    data = tar_of(docker__My=f"FROM {IMAGE}\nCOPY data.txt /data.txt\n", **{"data.txt": "hello"})
    fields = form(source="tar", dockerfile="docker/My", t=named(), q="on")
    done = await feed(await call(image_build.image_build, admin, fields), data)
    assert done.state == JobState.SUCCEEDED, done.error
    assert (await call(engine.image_inspect, named()))["Id"] == done.result["image"]


async def test_a_context_without_a_dockerfile_is_told(runner: JobRunner, admin: Actor) -> None:
    job = await call(image_build.image_build, admin, form(source="tar"))
    done = await feed(job, tar_of(other="x"))
    assert done.state == JobState.FAILED
    assert "Dockerfile" in done.error


async def test_a_build_uses_the_stored_credentials_for_its_base(
    runner: JobRunner,
    admin: Actor,
    engine: Engine,
    registry: RegistryServer,
    stored: Registry,
    named: Any,
) -> None:
    full = await pushed(admin, engine, registry, named())
    await call(engine.image_remove, f"{full}:v1")
    job = await call(image_build.image_build, admin, form(source="text", text=f"FROM {full}:v1\n", t=named()))
    done = await ended(job)
    assert done.state == JobState.SUCCEEDED, done.error


@pytest.mark.parametrize("data", [b"not a tar at all" * 100, b"", tar_of(nothing="to load")])
async def test_a_bad_archive_is_refused_with_a_reason(runner: JobRunner, admin: Actor, data: bytes) -> None:
    done = await feed(await call(image_transfers.image_load, admin, "bad.tar"), data)
    assert done.state == JobState.FAILED
    assert "a tar of plain files is for Import" in done.error


def members(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


async def gather(download: Download) -> bytes:
    return b"".join([piece async for piece in downloads.pieces(download)])


async def test_save_and_load_again(runner: JobRunner, admin: Actor, engine: Engine, named: Any) -> None:
    for tag in ("a", "b"):
        await call(engine.image_tag, IMAGE, repo=named(), tag=tag)
    data = await gather(await downloads.image_save(admin, [f"{named()}:a", f"{named()}:b"]))
    assert "manifest.json" in members(data)
    saved = await ended(await sync_to_async(Job.objects.get)(kind="image.save"))
    assert (saved.state, saved.result) == (JobState.SUCCEEDED, {"bytes": len(data)})
    for tag in ("a", "b"):
        await call(engine.image_remove, f"{named()}:{tag}")
    done = await feed(await call(image_transfers.image_load, admin, "saved.tar"), data)
    assert done.state == JobState.SUCCEEDED, done.error
    assert sorted(done.result["images"]) == [f"{named()}:a", f"{named()}:b"]


async def test_saving_what_is_not_there_is_an_error_before_a_file_begins(
    runner: JobRunner, admin: Actor
) -> None:
    with pytest.raises(engine_errors.NotFound):
        await downloads.image_save(admin, ["no-such-image:v9"])
    assert (await ended(await sync_to_async(Job.objects.get)())).state == JobState.FAILED


async def test_a_download_that_is_broken_off_ends_its_job(
    runner: JobRunner, admin: Actor, make_container: MakeContainer
) -> None:
    container = make_container(start=False)
    download = await downloads.container_export(admin, container, "web")
    async for _ in downloads.pieces(download):
        break
    download.abandon()
    done = await ended(await sync_to_async(Job.objects.get)())
    assert done.state == JobState.FAILED
    assert "broke" in done.error


async def test_export_and_import(
    runner: JobRunner, admin: Actor, engine: Engine, named: Any, make_container: MakeContainer
) -> None:
    container = make_container(start=False)
    data = await gather(await downloads.container_export(admin, container, "web"))
    assert "bin/busybox" in members(data)
    job = await call(
        image_transfers.image_import,
        admin,
        repo=named(),
        tag="v1",
        message="from a test",
        changes='CMD ["/bin/true"]\n\nENV A=b',
    )
    done = await feed(job, data)
    assert done.state == JobState.SUCCEEDED, done.error
    made = await call(engine.image_inspect, f"{named()}:v1")
    assert made["Config"]["Cmd"] == ["/bin/true"]
    assert "A=b" in made["Config"]["Env"]
    assert made["Comment"] == "from a test"


async def test_commit_with_every_parameter(
    runner: JobRunner, admin: Actor, engine: Engine, named: Any, make_container: MakeContainer
) -> None:
    container = make_container("sh", "-c", "echo hi > /written; sleep 1000")
    job = await call(
        container_commit.container_commit,
        admin,
        container,
        repo=named(),
        tag="v1",
        comment="a comment",
        author="Mira <m@example.com>",
        pause=False,
        changes="EXPOSE 8080",
        config={"Labels": {"a": "b"}, "Env": ["SECRET=canary-18"]},
    )
    assert "canary-18" not in str(job.params)
    done = await ended(job)
    assert done.state == JobState.SUCCEEDED, done.error
    made = await call(engine.image_inspect, f"{named()}:v1")
    assert made["Id"] == done.result["image"]
    assert (made["Comment"], made["Author"]) == ("a comment", "Mira <m@example.com>")
    assert "8080/tcp" in made["Config"]["ExposedPorts"]
    assert made["Config"]["Labels"]["a"] == "b"


async def test_a_configuration_with_an_unknown_field_makes_no_job(
    runner: JobRunner, admin: Actor, make_container: MakeContainer
) -> None:
    container = make_container(start=False)
    with pytest.raises(BadInput):
        await call(container_commit.container_commit, admin, container, config={"privileged": True})
    assert not await Job.objects.aexists()


async def test_prune_removes_what_its_plan_names(
    runner: JobRunner, admin: Actor, engine: Engine, labels: dict[str, str], named: Any
) -> None:
    key, value = next(iter(labels.items()))
    mark = f"{key}={value}"
    for text in ("one", "two"):
        content = f"FROM {IMAGE}\nRUN echo {text} {value} > /x\n"
        fields = form(source="text", text=content, t=named(), labels=mark)
        assert (await ended(await call(image_build.image_build, admin, fields))).state == "succeeded"
    order = image_prune.PruneOrder(label=(mark,))
    plan = await call(image_prune.plan, admin, order)
    assert [row.name for row in plan.rows] == [""]
    done = await ended(await call(image_prune.image_prune, admin, order))
    assert done.state == JobState.SUCCEEDED, done.error
    assert (await call(image_prune.plan, admin, order)).rows == ()
    assert await call(engine.image_inspect, named())
    both = image_prune.PruneOrder(everything=True, label=(mark,))
    assert [row.name for row in (await call(image_prune.plan, admin, both)).rows] == [f"{named()}:latest"]


async def test_an_image_in_use_is_not_removed(
    runner: JobRunner, admin: Actor, engine: Engine, named: Any, make_container: MakeContainer
) -> None:
    await call(engine.image_tag, IMAGE, repo=named(), tag="v1")
    content = f"FROM {IMAGE}\nRUN echo {named()} > /x\n"
    built = await ended(
        await call(image_build.image_build, admin, form(source="text", text=content, t=f"{named()}:v2"))
    )
    make_container(Image=f"{named()}:v2")
    with pytest.raises(engine_errors.Conflict):
        await call(images.image_remove, admin, built.result["image"])


async def test_a_pull_can_be_cancelled_in_the_middle(
    runner: JobRunner,
    admin: Actor,
    engine: Engine,
    registry: RegistryServer,
    stored: Registry,
    named: Any,
) -> None:
    full = await noise(admin, engine, registry, named())
    job = await call(image_transfers.image_pull, admin, f"{full}:big")
    jobs.runner.wake()
    while str(job.pk) not in runner.live:
        await runner.changed.wait()
    async for details, _ in runner.live[str(job.pk)].changes():
        if any(item["status"] != "Pulling fs layer" for item in details["items"]):
            break
    await call(jobs.job_cancel, admin, str(job.pk))
    done = await ended(job)
    assert (done.state, done.error) == (JobState.CANCELLED, "Cancelled.")
    with pytest.raises(engine_errors.NotFound):
        await call(engine.image_inspect, f"{full}:big")


async def test_a_pull_from_a_registry_that_is_silent_can_be_cancelled(
    runner: JobRunner, admin: Actor, silent_port: int
) -> None:
    job = await call(image_transfers.image_pull, admin, f"127.0.0.1:{silent_port}/x:v1")
    jobs.runner.wake()
    while str(job.pk) not in runner.live:
        await runner.changed.wait()
    await call(jobs.job_cancel, admin, str(job.pk))
    assert (await ended(job)).state == JobState.CANCELLED


async def test_what_the_engine_would_fetch_is_for_admins(runner: JobRunner) -> None:
    limited = Actor("user", None, "otto", frozenset({"image.build", "image.create"}))
    from dockerui.access import Forbidden

    with pytest.raises(Forbidden):
        await call(image_build.image_build, limited, form(source="remote", remote="https://x.example/a.git"))
    with pytest.raises(Forbidden):
        await call(image_transfers.image_import, limited, repo="a", url="https://x.example/a.tar")


async def test_an_import_that_could_not_be_fetched_speaks_of_the_address(
    runner: JobRunner, admin: Actor, named: Any
) -> None:
    url = "http://127.0.0.1:1/x.tar"
    done = await ended(await call(image_transfers.image_import, admin, repo=named(), url=url))
    assert done.state == JobState.FAILED
    assert "can it reach that address" in done.error
    assert "save made" not in done.error


def test_too_little_memory_for_a_build_is_told_in_units_of_a_person() -> None:
    with pytest.raises(BadInput, match="at least 4 MiB"):
        image_build.build_options(form(memory="1k"))
