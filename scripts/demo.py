#!/usr/bin/env python3
"""``make demo`` and ``make demo-clean``: a small, honest compose-like project to look at, and its removal.

    scripts/demo.py up | down

The image is made here, without a registry. Everything carries the label ``dockerui.demo=1``; ``down`` removes
what carries it and nothing else. ``up`` is safe to repeat: what is there already is only started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import busybox
import console
from console import Problem, say
from run import EngineForRun

from dockerui.engine import Endpoint, Engine, errors
from dockerui.engine.aio import AsyncEngine

IMAGE = "dockerui/demo:1"
LABEL = "dockerui.demo"
ONLY_OURS = {"label": [f"{LABEL}=1"]}
PROJECT = "demo"
FILES = Path(__file__).resolve().parent / "demo"
WEB_PORT = 8088  # preferred; the Engine picks another one when it is taken
SECOND = 1_000_000_000  # the Engine counts health intervals in nanoseconds


def services() -> dict[str, dict[str, Any]]:
    """The create body of each service, without what all have in common."""
    health = {"Test": ["CMD", "test", "-e", "/tmp/healthy"], "Interval": 2 * SECOND, "Retries": 2}
    alive = {"Test": ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1/"], "Interval": 10 * SECOND}
    return {
        "web": {
            "Cmd": ["httpd", "-f", "-p", "80", "-h", "/var/www"],
            "ExposedPorts": {"80/tcp": {}},
            "Healthcheck": alive,
            "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": free_port()}]}},
        },
        "shop": {
            "Cmd": ["chatty"],
            "Env": ["LOG_LEVEL=debug", "PAYMENT_TOKEN=not-a-real-secret"],
            "HostConfig": {"Binds": ["demo_data:/data"]},
        },
        "cache": {"Cmd": ["flapping"], "Healthcheck": health},
        "importer": {"Cmd": ["importer"], "HostConfig": {"RestartPolicy": {"Name": "always"}}},
        "worker": {"Cmd": ["worker"], "HostConfig": {"Memory": 64 << 20, "NanoCpus": 500_000_000}},
    }


def free_port() -> str:
    """The preferred port when it can be had, else empty: the Engine then picks one."""
    with contextlib.closing(socket.socket()) as probe:
        try:
            probe.bind(("127.0.0.1", WEB_PORT))
        except OSError:
            return ""
    return str(WEB_PORT)


def labels(service: str = "") -> dict[str, str]:
    """Our own label, and those by which consoles group a compose project."""
    marks = {LABEL: "1", "com.docker.compose.project": PROJECT}
    if service:
        marks["com.docker.compose.service"] = service
        marks["com.docker.compose.container-number"] = "1"
        marks["com.docker.compose.oneoff"] = "False"
    return marks


async def make_image(engine: Engine) -> None:
    """Import the image. Raises EngineError, Problem."""
    extra = {f"bin/{path.stem}": path.read_bytes() for path in FILES.glob("*.sh")}
    tar = busybox.root_tar({**extra, "var/www/index.html": (FILES / "index.html").read_bytes()})

    async def body() -> AsyncIterator[bytes]:
        yield tar

    name, _, tag = IMAGE.partition(":")
    changes = ['CMD ["/bin/sh"]', f"LABEL {LABEL}=1"]
    async with await AsyncEngine(engine).image_import(
        body(), repo=name, tag=tag, changes=changes
    ) as progress:
        async for step in progress:
            if step.error:
                raise Problem(f"The Engine did not take the demo image: {step.error}")


def has(look: Callable[..., Any], name: str) -> bool:
    """Does the Engine know this object?"""
    try:
        look(name)
    except errors.NotFound:
        return False
    return True


def create(engine: Engine, service: str, body: dict[str, Any], *, network: str) -> str:
    """Create a service's container unless it is there. Returns its name. Raises EngineError."""
    name = f"{PROJECT}-{service}-1"
    if has(engine.container_inspect, name):
        return name
    host = {"Init": True, "RestartPolicy": {"Name": "unless-stopped"}, "NetworkMode": network}
    host.update(body.pop("HostConfig", {}))
    if network == "none":
        host.pop("PortBindings", None)
    engine.container_create(
        body={"Image": IMAGE, "Hostname": service, "Labels": labels(service), **body, "HostConfig": host},
        name=name,
    )
    return name


def demo_network(engine: Engine) -> str:
    """The project's own network; ``none`` where the Engine cannot make bridges."""
    name = f"{PROJECT}_default"
    if has(engine.network_inspect, name):
        return name
    try:
        engine.network_create({"Name": name, "Driver": "bridge", "Labels": labels()})
    except errors.EngineError as error:
        say(f"  no network for the demo ({error}): its containers run without one")
        return "none"
    return name


def up(engine: Engine) -> None:
    """Make and start everything. Raises EngineError, Problem."""
    if not has(engine.image_inspect, IMAGE):
        asyncio.run(make_image(engine))
    engine.volume_create({"Name": f"{PROJECT}_data", "Labels": labels()})
    network = demo_network(engine)
    for service, body in services().items():
        name = create(engine, service, body, network=network)
        engine.container_start(name)
        say(f"  {name} runs")
    ports = engine.container_inspect(f"{PROJECT}-web-1")["NetworkSettings"]["Ports"] or {}
    for binding in ports.get("80/tcp") or []:
        say(f"· The demo's web server: http://127.0.0.1:{binding['HostPort']}/")
    say("· Remove it all with: make demo-clean")


def down(engine: Engine) -> None:
    """Remove what carries our label. Raises EngineError."""
    for container in engine.container_list(all=True, filters=ONLY_OURS):
        engine.container_remove(container["Id"], force=True, v=True)
        say(f"  {container['Names'][0].lstrip('/')} removed")
    for network in engine.network_list(filters=ONLY_OURS):
        engine.network_remove(network["Id"])
    for volume in engine.volume_list(filters=ONLY_OURS).get("Volumes") or []:
        engine.volume_remove(volume["Name"])
    if has(engine.image_inspect, IMAGE):
        engine.image_remove(IMAGE)


def main() -> int:
    """Parse the command line and do it."""
    if sys.argv[1:] not in (["up"], ["down"]):
        say(__doc__ or "")
        return 2
    host = EngineForRun(keep=True)
    if not host.get():
        return 1
    named = os.environ.get("DOCKERUI_ENGINE", "").strip()
    environment = {**os.environ, **({"DOCKER_HOST": named} if named else host.environment)}
    engine = Engine(Endpoint.from_environment(environment))
    try:
        up(engine) if sys.argv[1] == "up" else down(engine)
    except errors.EngineError as error:
        raise Problem(f"The Engine said: {error}") from error
    finally:
        engine.close()
    return 0


if __name__ == "__main__":
    console.main(main)
