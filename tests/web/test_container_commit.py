"""Commit through its page: every field of the form and of the configuration arrives in the new image."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient, Client

from dockerui.engine import Engine
from dockerui.jobs.models import Job
from dockerui.services.job_runner import JobRunner
from tests.support.engine import MakeContainer
from tests.support.jobs import call, done

Named = Callable[..., str]

FORM = {
    "command": "serve --name 'a b'",
    "entrypoint": "/bin/sh -c",
    "user": "1000:1000",
    "workdir": "/srv",
    "stop_signal": "sigquit",
    "env": "ZONE=north",
    "labels": "role=web",
    "ports": "80\n53/udp",
    "volumes": "/data\n/cache",
}
# What the form has no field for.
REST: dict[str, Any] = {
    "Hostname": "box",
    "Domainname": "example.test",
    "AttachStdin": True,
    "AttachStdout": True,
    "AttachStderr": True,
    "Tty": True,
    "OpenStdin": True,
    "StdinOnce": True,
    "Image": "busybox:test",
    "NetworkDisabled": True,
    "MacAddress": "02:42:ac:11:00:99",
}


async def commit(client: AsyncClient, container: str, **fields: str) -> None:
    """Send the form and wait until its job has succeeded."""
    await done(client, f"/containers/{container}/commit", pause="on", **fields)


async def test_what_the_form_says_is_the_images_configuration(
    runner: JobRunner, boss: AsyncClient, engine: Engine, make_container: MakeContainer, named: Named
) -> None:
    container = make_container(start=False, Env=["KEPT=1"])
    await commit(boss, container, repo=named(), tag="form", **FORM)
    config = (await call(engine.image_inspect, f"{named()}:form"))["Config"]
    assert config["Cmd"] == ["serve", "--name", "a b"]
    assert config["Entrypoint"] == ["/bin/sh", "-c"]
    assert (config["User"], config["WorkingDir"], config["StopSignal"]) == ("1000:1000", "/srv", "SIGQUIT")
    assert {"ZONE=north", "KEPT=1"} <= set(config["Env"])
    assert {"role", "dockerui.test"} <= set(config["Labels"])
    assert set(config["ExposedPorts"]) == {"80/tcp", "53/udp"}
    assert set(config["Volumes"]) == {"/data", "/cache"}


@pytest.mark.parametrize("field", [*REST])
async def test_a_further_field_is_sent_as_json(
    runner: JobRunner,
    boss: AsyncClient,
    engine: Engine,
    make_container: MakeContainer,
    named: Named,
    field: str,
) -> None:
    container = make_container(start=False)
    await commit(boss, container, repo=named(), tag="rest", config=json.dumps({field: REST[field]}))
    config = (await call(engine.image_inspect, f"{named()}:rest"))["Config"]
    if field in config:  # newer Engines keep less of it in an image
        assert config[field] == REST[field]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"command": "a 'b"}, "Command"),
        ({"ports": "8080:80"}, "a container publishes them"),
        ({"ports": "70000"}, "65535"),
        ({"volumes": "data"}, "not an absolute path"),
        ({"stop_signal": "NOW"}, "not a signal"),
        ({"env": "no equals"}, "NAME=value"),
        ({"user": "app", "config": '{"User": "root"}'}, "set in the form and again in the JSON"),
    ],
)
@pytest.mark.usefixtures("app_on_engine")
def test_bad_input_is_explained_and_makes_no_job(
    admin_client: Client, make_container: MakeContainer, fields: dict[str, str], words: str
) -> None:
    answer = admin_client.post(f"/containers/{make_container(start=False)}/commit", fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert next(iter(fields.values())).split()[0] in page.replace("&#x27;", "'")
    assert not Job.objects.exists()
