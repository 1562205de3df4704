"""Topic `images`: what changes the list, and the end of one image."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from dockerui.engine import Engine
from tests.support.engine import IMAGE, MakeContainer
from tests.ws.conftest import VIEWER, OpenTab, Tab

pytestmark = pytest.mark.usefixtures("on_engine")


async def opened(open_tab: OpenTab, **args: Any) -> Tab:
    """A tab with the topic under way."""
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="images", args=args)
    # Others use the same Engine: their events may come along.
    assert "resync" in (await tab.until("changed"))["actions"]
    return tab


async def heard(tab: Tab, action: str) -> None:
    async with asyncio.timeout(10):
        while action not in (await tab.until("changed", 10))["actions"]:
            pass


async def test_names_and_users_change_the_list(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    tab = await opened(open_tab)
    name = f"dut-{uuid.uuid4().hex[:10]}"
    await asyncio.to_thread(engine.image_tag, IMAGE, repo=name, tag="v1")
    await heard(tab, "tag")
    await asyncio.to_thread(make_container, start=False)
    await heard(tab, "create")
    await asyncio.to_thread(engine.image_remove, f"{name}:v1")
    await heard(tab, "untag")


async def test_an_image_that_is_deleted_is_gone_without_a_change_before(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    container = await asyncio.to_thread(make_container, start=False)
    name = f"dut-{uuid.uuid4().hex[:10]}"
    made = await asyncio.to_thread(engine.container_commit, container, repo=name, body={"Cmd": [name]})
    tab = await opened(open_tab, id=made["Id"])
    await asyncio.to_thread(engine.image_remove, f"{name}:latest")
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["ev"] != "gone":
        seen.append(await tab.next(10))
    assert not any("delete" in message.get("actions", ()) for message in seen)
    assert (await tab.until("end"))["reason"] == "removed"


@pytest.mark.parametrize("bad", ["x", 5, ["a"], "sha256:12"])
async def test_a_bad_id_is_refused(open_tab: OpenTab, bad: Any) -> None:
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="images", args={"id": bad})
    assert (await tab.until("error"))["status"] == 400
