"""Create, duplicate and replace containers through the form, on the real Engine."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from dockerui.engine import Engine
from dockerui.jobs.models import Job, Replacement
from dockerui.services import jobs
from dockerui.services.job_runner import JobRunner
from tests.support.accounts import make_user

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]


def form(labels: dict[str, str], **fields: str) -> dict[str, str]:
    marks = "\n".join(f"{name}={value}" for name, value in labels.items())
    return {
        "image": "busybox:test",
        "command": "sleep 1000",
        "init": "on",
        "network": "none",
        "labels": marks,
        **fields,
    }


def test_the_form_makes_what_it_says(admin_client: Client, engine: Engine, labels: dict[str, str]) -> None:
    name = f"made-{uuid.uuid4().hex[:8]}"
    answer = admin_client.post(
        "/containers/new",
        form(
            labels,
            name=name,
            start="1",
            env="A=1\nB='x'",
            memory="64m",
            restart="on-failure:2",
            mounts="tmpfs:/scratch:size=1m",
            health_command="true",
            health_interval="5s",
            rest=json.dumps(
                {
                    "HostConfig": {"Sysctls": {"net.ipv4.ip_forward": "0"}, "CpuShares": 256},
                    "StopSignal": "SIGINT",
                }
            ),
        ),
    )
    assert answer.status_code == 302, answer.content.decode()
    made = engine.container_inspect(name)
    assert made["State"]["Running"]
    assert {"A=1", "B='x'"} <= set(made["Config"]["Env"])
    assert made["HostConfig"]["Memory"] == 64 << 20
    assert made["HostConfig"]["CpuShares"] == 256
    assert made["HostConfig"]["Tmpfs"] == {"/scratch": "size=1m"}
    assert made["Config"]["StopSignal"] == "SIGINT"
    assert made["Config"]["Healthcheck"]["Interval"] == 5 * 10**9


@pytest.mark.parametrize(
    "fields",
    [
        {"image": ""},
        {"rest": '{"privileged": true}'},
        {"rest": '{"HostConfig": {"Privileged": "false"}}'},
        {"rest": '{"Image": "x"}'},
        {"rest": "[]"},
        {"rest": '{"Memory": NaN}'},
        {"name": "../x"},
        {"ports": "0:80"},
        {"rest": '{"HostConfig": {"Nope": 1}}'},
        {"rest": '{"A": 1, "A": 2}'},
    ],
)
def test_a_body_that_could_mean_something_else_is_refused(
    admin_client: Client, engine: Engine, labels: dict[str, str], fields: dict[str, str]
) -> None:
    answer = admin_client.post("/containers/new", form(labels, **fields))
    assert answer.status_code == 422
    only = {"label": [f"{name}={value}" for name, value in labels.items()]}
    assert engine.container_list(all=True, filters=only) == []


def test_a_missing_image_and_a_taken_name_are_explained(
    admin_client: Client, labels: dict[str, str], make_container: MakeContainer
) -> None:
    name = f"taken-{uuid.uuid4().hex[:8]}"
    make_container(name=name, start=False)
    answer = admin_client.post("/containers/new", form(labels, name=name))
    assert answer.status_code == 422
    assert "already in use" in answer.content.decode()
    answer = admin_client.post("/containers/new", form(labels, image="no-such-image:1"))
    assert "No such image" in answer.content.decode()


def test_a_duplicate_starts_from_the_original(admin_client: Client, make_container: MakeContainer) -> None:
    name = f"orig-{uuid.uuid4().hex[:8]}"
    container = make_container("sleep", "777", name=name, Env=["X=1"], HostConfig={"Memory": 64 << 20})
    page = admin_client.get("/containers/new", {"from": container}).content.decode()
    assert f"{name}-copy" in page
    assert "sleep 777" in page
    assert 'value="64m"' in page
    assert "X=1" in page


def test_the_diff_names_what_changes_and_changes_nothing(
    admin_client: Client, engine: Engine, labels: dict[str, str], make_container: MakeContainer
) -> None:
    container = make_container("sleep", "777", HostConfig={"Memory": 64 << 20})
    page = admin_client.post(
        f"/containers/{container}/edit", form(labels, command="sleep 888", memory="96m")
    ).content.decode()
    assert "HostConfig.Memory" in page
    assert '<td class="mono del">sleep\n777</td><td class="mono ins">sleep\n888</td>' in page
    assert engine.container_inspect(container)["State"]["Running"]


@pytest.fixture
async def running_jobs(transactional_db: Any) -> Any:
    """The runner on this test's loop."""
    runner = JobRunner()
    saved, jobs.runner = jobs.runner, runner
    await runner.start()
    yield runner
    await runner.stop()
    jobs.runner = saved


async def ended(job_id: Any) -> Job:
    """Wait for the job; the runner wakes whoever watches it."""
    while True:
        changed = jobs.runner.changed
        job: Job = await sync_to_async(Job.objects.get)(pk=job_id)
        if not job.active:
            return job
        await changed.wait()


async def signed_in(name: str) -> AsyncClient:
    client = AsyncClient()
    user = await sync_to_async(make_user)(name, "admin")
    await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


async def replace(container: str, fields: dict[str, str]) -> Job:
    client = await signed_in("boss")
    answer = await client.post(f"/containers/{container}/recreate", fields)
    assert answer.status_code == 302, answer.content.decode()
    jobs.runner.wake()
    job = await sync_to_async(Job.objects.latest)("created_at")
    return await ended(job.pk)


@pytest.mark.django_db(transaction=True)
async def test_replacing_keeps_the_name_and_the_old_one_for_going_back(
    running_jobs: Any, engine: Engine, labels: dict[str, str], make_container: MakeContainer
) -> None:
    name = f"swap-{uuid.uuid4().hex[:8]}"
    old = make_container("sleep", "777", name=name)
    job = await replace(old, form(labels, command="sleep 888", health_command="true", health_interval="1s"))
    assert job.state == "succeeded", job.error
    new = await sync_to_async(engine.container_inspect)(name)
    assert new["Id"] != old
    assert new["Args"][-1] == "888" or new["Config"]["Cmd"] == ["sleep", "888"]
    assert new["State"]["Running"]
    kept = await sync_to_async(engine.container_inspect)(old)
    assert not kept["State"]["Running"]
    client = await signed_in("other")
    assert (await client.post(f"/containers/{new['Id']}/rollback")).status_code == 302
    back = await ended((await sync_to_async(Job.objects.latest)("created_at")).pk)
    assert back.state == "succeeded", back.error
    assert (await sync_to_async(engine.container_inspect)(name))["Id"] == old
    assert (await sync_to_async(engine.container_inspect)(old))["State"]["Running"]


@pytest.mark.django_db(transaction=True)
async def test_a_new_container_that_fails_brings_the_old_one_back(
    running_jobs: Any, engine: Engine, labels: dict[str, str], make_container: MakeContainer
) -> None:
    name = f"fail-{uuid.uuid4().hex[:8]}"
    old = make_container("sleep", "777", name=name)
    job = await replace(old, form(labels, command="sh -c 'exit 3'"))
    assert job.state == "failed"
    assert "exit code 3" in job.error
    found = await sync_to_async(engine.container_inspect)(name)
    assert found["Id"] == old
    assert found["State"]["Running"]
    assert (await sync_to_async(Replacement.objects.get)(old_id=old)).state == "undone"
