"""Every field of create and update, and every filter of the lists, goes through the pages to the real Engine.

What an Engine of this version or on this machine cannot do, it says itself; the page must show its words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from dockerui.engine import Engine
from dockerui.engine.api.containers import CONTAINER_UPDATE
from tests.support.accounts import make_user

pytestmark = pytest.mark.usefixtures("app_on_engine")

MakeContainer = Callable[..., str]

CONFIG: dict[str, Any] = {
    "Hostname": "box",
    "Domainname": "example.test",
    "User": "0:0",
    "AttachStdin": True,
    "AttachStdout": True,
    "AttachStderr": True,
    "Tty": True,
    "OpenStdin": True,
    "StdinOnce": True,
    "Env": ["A=1"],
    "Labels": {"a": "b"},
    "Cmd": ["true"],
    "Entrypoint": ["env"],
    "Volumes": {"/data": {}},
    "WorkingDir": "/tmp",
    "NetworkDisabled": True,
    "MacAddress": "02:42:ac:11:00:99",
    "ExposedPorts": {"80/tcp": {}},
    "StopSignal": "SIGINT",
    "OnBuild": ["RUN true"],
    "Shell": ["/bin/sh"],
    "StopTimeout": 3,
    "ArgsEscaped": True,
    "Healthcheck": {
        "Test": ["CMD", "true"],
        "Timeout": 10**9,
        "Retries": 2,
        "StartPeriod": 10**9,
        "Interval": 10**9,
    },
}
DEVICE = [{"Path": "/dev/null", "Rate": 1024}]
HOST: dict[str, Any] = {
    "Binds": ["/tmp:/host:ro"],
    "Tmpfs": {"/scratch": "size=1m"},
    "Links": ["nobody:alias"],
    "Memory": 64 << 20,
    "MemorySwap": 128 << 20,
    "MemoryReservation": 32 << 20,
    "KernelMemory": 32 << 20,
    "CpuPercent": 10,
    "CpuShares": 512,
    "CpuPeriod": 100_000,
    "CpuQuota": 50_000,
    "CpusetCpus": "0",
    "CpusetMems": "0",
    "IOMaximumBandwidth": 1 << 20,
    "IOMaximumIOps": 100,
    "BlkioWeight": 300,
    "BlkioWeightDevice": [{"Path": "/dev/null", "Weight": 300}],
    "BlkioDeviceReadBps": DEVICE,
    "BlkioDeviceReadIOps": DEVICE,
    "BlkioDeviceWriteBps": DEVICE,
    "BlkioDeviceWriteIOps": DEVICE,
    "MemorySwappiness": 10,
    "OomKillDisable": True,
    "OomScoreAdj": 500,
    "PidMode": "host",
    "PidsLimit": 50,
    "PortBindings": {"80/tcp": [{"HostPort": "0"}]},
    "PublishAllPorts": True,
    "Privileged": True,
    "ReadonlyRootfs": True,
    "Dns": ["10.0.0.1"],
    "DnsOptions": ["ndots:1"],
    "DnsSearch": ["example.test"],
    "ExtraHosts": ["db:10.0.0.2"],
    "VolumesFrom": ["nobody"],
    "CapAdd": ["NET_ADMIN"],
    "CapDrop": ["ALL"],
    "GroupAdd": ["1"],
    "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2},
    "UsernsMode": "host",
    "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "r"}],
    "Sysctls": {"net.ipv4.ip_forward": "0"},
    "Ulimits": [{"Name": "nofile", "Soft": 64, "Hard": 64}],
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
    "SecurityOpt": ["no-new-privileges"],
    "StorageOpt": {"size": "1G"},
    "CgroupParent": "/boxes",
    "VolumeDriver": "local",
    "ShmSize": 1 << 20,
    "NanoCpus": 500_000_000,
    "Init": True,
    "AutoRemove": True,
    "IpcMode": "private",
    "UTSMode": "host",
    "Runtime": "runc",
    "Isolation": "default",
    "Cgroup": "",
    "CgroupnsMode": "host",
    "ConsoleSize": [24, 80],
    "ContainerIDFile": "",
    "Mounts": [{"Type": "tmpfs", "Target": "/mnt"}],
    "DeviceCgroupRules": ["c 1:3 r"],
    "DeviceRequests": [],
    "CpuRealtimePeriod": 100_000,
    "CpuRealtimeRuntime": 1000,
    "KernelMemoryTCP": 32 << 20,
    "CpuCount": 1,
    "MaskedPaths": ["/proc/kcore"],
    "ReadonlyPaths": ["/proc/sys"],
}
# What the Engine writes down in another form, or drops with a warning where the kernel lacks it.
RESTATED = {
    "PortBindings",
    "DeviceRequests",
    "KernelMemory",
    "OomKillDisable",
    "Cgroup",
    "BlkioWeight",
    "BlkioWeightDevice",
    "CpuPercent",
    "CpuCount",
}


def create(client: Client, labels: dict[str, str], rest: dict[str, Any], **fields: str) -> Any:
    rest = {"Labels": labels, **rest}
    form = {"image": "busybox:test", "command": "" if "Cmd" in rest else "true", "rest": json.dumps(rest)}
    return client.post("/containers/new", {**form, **fields})


def made(engine: Engine, answer: Any) -> dict[str, Any] | None:
    """The container that was made; None where the Engine refused and the page said why."""
    if answer.status_code == 422:
        page = answer.content.decode()
        assert "Engine" in page or "not there" in page or "not possible" in page, page
        return None
    assert answer.status_code == 302, answer.content.decode()
    return engine.container_inspect(answer.url.rstrip("/").rsplit("/", 1)[-1])


@pytest.mark.parametrize("field", [*CONFIG])
def test_a_field_of_the_configuration_is_sent(
    admin_client: Client, engine: Engine, labels: dict[str, str], field: str
) -> None:
    value = {**labels, **CONFIG["Labels"]} if field == "Labels" else CONFIG[field]
    found = made(engine, create(admin_client, labels, {field: value}))
    if found is not None and isinstance(value, (str, dict)) and field not in ("Healthcheck", "ExposedPorts"):
        assert found["Config"][field] == value


@pytest.mark.parametrize("field", [*HOST])
def test_a_field_of_the_host_configuration_is_sent(
    admin_client: Client, engine: Engine, labels: dict[str, str], field: str
) -> None:
    host = {field: HOST[field]}
    if field in ("MemorySwap", "KernelMemory", "MemoryReservation"):
        host["Memory"] = 64 << 20
    if field == "CpuRealtimeRuntime":
        host["CpuRealtimePeriod"] = 100_000
    found = made(engine, create(admin_client, labels, {"HostConfig": host}))
    if found is not None and field not in RESTATED:
        assert found["HostConfig"][field] == HOST[field]


def test_an_endpoint_with_aliases_and_a_platform_are_sent(
    admin_client: Client, engine: Engine, labels: dict[str, str]
) -> None:
    name = f"param-{labels['dockerui.test'][:8]}"
    engine.network_create({"Name": name, "Labels": labels})
    endpoints = {"EndpointsConfig": {name: {"Aliases": ["db"]}}}
    rest = {"HostConfig": {"NetworkMode": name}, "NetworkingConfig": endpoints}
    found = made(engine, create(admin_client, labels, rest, platform=""))
    assert found is not None
    assert "db" in found["NetworkSettings"]["Networks"][name]["Aliases"]
    made(engine, create(admin_client, labels, {}, platform="linux/amd64"))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("BlkioWeight", "300"),
        ("CpuShares", "256"),
        ("CpuPeriod", "100000"),
        ("CpuQuota", "50000"),
        ("CpusetCpus", "0"),
        ("CpusetMems", "0"),
        ("Memory", "96m"),
        ("MemorySwap", "192m"),
        ("MemoryReservation", "32m"),
        ("KernelMemory", "48m"),
        ("NanoCpus", "0.5"),
        ("PidsLimit", "40"),
        ("restart", "unless-stopped"),
    ],
)
def test_a_limit_is_changed(
    admin_client: Client, engine: Engine, make_container: MakeContainer, field: str, text: str
) -> None:
    container = make_container(HostConfig={"Memory": 64 << 20, "MemorySwap": 192 << 20})
    known = field == "restart" or CONTAINER_UPDATE.knows(field, engine.version)
    form = admin_client.get(f"/containers/{container}/update").content.decode()
    assert (f'name="{field}"' in form) is known
    answer = admin_client.post(f"/containers/{container}/update", {field: text})
    expected = (302, 400, 409, 502) if known else (501,)  # such as kernel memory, which ended with API 1.41
    assert answer.status_code in expected, answer.content.decode()
    if answer.status_code == 302 and field == "CpuShares":
        assert engine.container_inspect(container)["HostConfig"]["CpuShares"] == 256


@pytest.mark.parametrize(
    "query",
    [
        "all=1",
        "limit=1",
        "size=1",
        "exited=0",
        "status=running",
        "label=dockerui.test",
        "isolation=default",
        "ancestor=busybox:test",
        "volume=nobody",
        "network=none",
        "name=x",
        "id=abc",
        "health=none",
        "is-task=false",
        "publish=80",
        "expose=80",
    ],
)
def test_the_list_passes_every_filter_on(admin_client: Client, docker_host: str, query: str) -> None:
    answer = admin_client.get(f"/containers/?{query}")
    assert answer.status_code == (400 if query == "all=1" else 200)  # the page always shows all


@pytest.mark.parametrize("key", ["before", "since"])
def test_the_list_is_cut_at_a_container(
    admin_client: Client, make_container: MakeContainer, key: str
) -> None:
    first, second = make_container(start=False), make_container(start=False)
    page = admin_client.get("/containers/", {key: second if key == "before" else first}).content.decode()
    assert (f'data-id="{first}"' in page) == (key == "before")
    assert (f'data-id="{second}"' in page) == (key == "since")


EVENT_FILTERS = {
    "container": "x",
    "event": "start",
    "image": "busybox:test",
    "label": "a=b",
    "type": "image",
    "volume": "x",
    "network": "x",
    "daemon": "x",
    "plugin": "x",
    "scope": "local",
    "node": "x",
    "service": "x",
    "secret": "x",
    "config": "x",
}


@pytest.mark.django_db(transaction=True)
async def test_events_pass_every_filter_on(docker_host: str) -> None:
    client, user = AsyncClient(), await sync_to_async(make_user)("reader", "admin")
    await client.aforce_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for name, value in EVENT_FILTERS.items():
        answer = await client.get("/events/download", {name: value, "until": "0s"})
        assert answer.status_code == 200, name
        body = b"".join([piece async for piece in answer.streaming_content])
        assert all(line.startswith(b"{") for line in body.splitlines())
