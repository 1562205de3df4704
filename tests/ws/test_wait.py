"""Topic `wait` on the real Engine."""

from __future__ import annotations

import asyncio

import pytest

from dockerui.engine import Engine
from tests.support.engine import MakeContainer
from tests.ws.conftest import VIEWER, OpenTab

pytestmark = pytest.mark.usefixtures("on_engine")


async def test_it_tells_how_the_container_ended(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    container = await asyncio.to_thread(make_container)
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="wait", args={"id": container})
    await asyncio.to_thread(engine.container_kill, container)
    assert (await tab.until("exited", timeout=15))["code"] == 137


async def test_the_next_exit_of_one_that_restarts(open_tab: OpenTab, make_container: MakeContainer) -> None:
    loop = {"RestartPolicy": {"Name": "always"}}
    container = await asyncio.to_thread(make_container, "sh", "-c", "exit 3", HostConfig=loop)
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="wait", args={"id": container, "condition": "next-exit"})
    assert (await tab.until("exited", timeout=60))["code"] == 3
