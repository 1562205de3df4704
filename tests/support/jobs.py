"""Jobs in tests: a runner on the test's own loop, in front of the Engine under test."""

from __future__ import annotations

import asyncio
import io
import tarfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from dockerui.engine import Endpoint, Engine
from dockerui.jobs.models import Job, JobState
from dockerui.services import downloads, engines, jobs
from dockerui.services.job_runner import JobRunner
from dockerui.services.uploads import Upload
from tests.support.accounts import make_user


@pytest.fixture
async def runner(docker_host: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JobRunner]:
    """Runs the jobs of this test. The test needs real transactions."""
    engines.use(Endpoint.parse(docker_host))
    made = JobRunner()
    monkeypatch.setattr(jobs, "runner", made)
    monkeypatch.setattr(downloads, "runner", made)
    await made.start()
    yield made
    await made.stop()
    engines.use(None)


@pytest.fixture
def named(engine: Engine) -> Iterator[Callable[..., str]]:
    """Names of images of this test's own, which are removed with all their tags when it ends."""
    mark = f"dut-{uuid.uuid4().hex[:10]}"
    yield lambda prefix="": f"{prefix}{mark}"
    for image in engine.image_list():
        for tag in image.get("RepoTags") or ():
            if mark in tag:
                engine.image_remove(tag, force=True)


@pytest.fixture
async def boss(transactional_db: Any) -> AsyncClient:
    """An admin's client for pages that make jobs, with real transactions."""
    client, user = AsyncClient(), await sync_to_async(make_user)("boss", "admin")
    await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


async def sent(client: AsyncClient, path: str, **fields: str) -> Job:
    """The job that a form has made."""
    answer = await client.post(path, fields)
    assert answer.status_code == 302, answer.content.decode()
    job: Job = await sync_to_async(Job.objects.get)(pk=answer["Location"].strip("/").rpartition("/")[2])
    return job


async def done(client: AsyncClient, path: str, **fields: str) -> Job:
    """The job that a form has made, over and done."""
    job = await ended(await sent(client, path, **fields))
    assert job.state == JobState.SUCCEEDED, job.error
    return job


async def ended(job: Job, timeout: float = 60) -> Job:
    """The job when it is over."""
    jobs.runner.wake()
    async with asyncio.timeout(timeout):
        while True:
            changed = jobs.runner.changed
            now = await sync_to_async(Job.objects.get)(pk=job.pk)
            if not now.active:
                return now
            await changed.wait()


async def feed(job: Job, data: bytes) -> Job:
    """Give a job that waits for an upload its bytes; the job when it is over."""

    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    upload = Upload(len(data))
    assert jobs.runner.attach_upload(str(job.pk), upload)
    await upload.pump(body())
    return await ended(job)


async def output(job: Job) -> str:
    """What a job has printed."""
    return await sync_to_async(jobs.job_output)(job)


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call what blocks from a coroutine."""
    return sync_to_async(function)(*args, **kwargs)


def tar_of(**files: str) -> bytes:
    """A tar of text files; `__` in a keyword is `/` in the path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path.replace("__", "/"))
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()
