"""Topic `events` on a real Engine and through faults."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from dockerui.engine import Engine
from dockerui.services import event_log
from tests.scripted_engine import Call, ScriptedEngine
from tests.support.engine import MakeContainer
from tests.ws.conftest import ADMIN, VIEWER, OpenTab, Tab


async def collect(tab: Tab, condition: Any, seconds: float = 8.0) -> list[dict[str, Any]]:
    """Items until the condition holds of them."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        while not condition(found):
            message = await tab.next(seconds)
            if message["ev"] == "events":
                found += message["items"]
    return found


def actions(items: list[dict[str, Any]]) -> list[str]:
    return [item["action"] for item in items]


@pytest.mark.usefixtures("on_engine")
async def test_past_and_live_events_in_words(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    id_ = await asyncio.to_thread(make_container)
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="events", args={"filters": {"container": [id_]}, "since": "1h"})
    past = await collect(tab, lambda items: "start" in actions(items))
    assert actions(past)[0] == "create"
    await tab.until("live")
    await asyncio.to_thread(engine.container_kill, id_)
    live = await collect(tab, lambda items: "die" in actions(items))
    die = next(item for item in live if item["action"] == "die")
    assert "".join(piece for piece, _ in die["text"]).endswith("exited with code 137 (SIGKILL)")
    assert abs(die["at"] / 1000 - time.time()) < 30
    assert [item["n"] for item in past + live] == sorted({item["n"] for item in past + live})


@pytest.mark.usefixtures("on_engine")
async def test_a_time_range_that_is_over_ends(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    id_ = await asyncio.to_thread(make_container)
    until = time.time()
    await asyncio.to_thread(engine.container_kill, id_)
    tab = await open_tab(VIEWER)
    args = {"filters": {"container": [id_]}, "since": "1h", "until": str(until)}
    await tab.send("open", ch=1, topic="events", args=args)
    items = []
    while (message := await tab.next())["ev"] != "end":
        items += message.get("items", [])
    assert actions(items) == ["create", "start"]


@pytest.mark.usefixtures("on_engine")
async def test_a_page_that_comes_back_continues_where_it_was(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer
) -> None:
    id_ = await asyncio.to_thread(make_container)
    tab = await open_tab()
    filters = {"container": [id_]}
    await tab.send("open", ch=1, topic="events", args={"filters": filters})
    first = await tab.until("events")
    await tab.send("close", ch=1)
    await asyncio.to_thread(engine.container_pause, id_)
    after = first["items"][-1]["n"]
    await tab.send(
        "open", ch=2, topic="events", args={"filters": filters, "after": after, "log": first["log"]}
    )
    again = await collect(tab, lambda items: "pause" in actions(items))
    assert again[0]["n"] == after + 1


@pytest.mark.usefixtures("on_engine")
async def test_raw_json_is_there_on_demand_and_commands_are_masked(
    open_tab: OpenTab, engine: Engine, make_container: MakeContainer, audited: list[dict[str, Any]]
) -> None:
    id_ = await asyncio.to_thread(make_container)
    await asyncio.to_thread(engine.exec_create, id_, {"Cmd": ["echo", "hunter2"]})
    for actor, revealed in ((VIEWER, False), (ADMIN, True)):
        tab = await open_tab(actor)
        filters = {"container": [id_], "event": ["exec_create"]}
        await tab.send("open", ch=1, topic="events", args={"filters": filters})
        (item,) = await collect(tab, lambda items: items)
        assert "hunter2" not in json.dumps(item)
        await tab.send("raw", ch=1, n=item["n"])
        document = (await tab.until("raw"))["json"]
        assert document["Actor"]["ID"] == id_
        assert "hunter2" not in json.dumps(document)
        await tab.send("raw", ch=1, n=item["n"], reveal=True)
        if revealed:
            assert "hunter2" in json.dumps(await tab.until("raw"))
        else:
            await tab.until("refused")
    outcomes = [(row["actor"], row["outcome"]) for row in audited if row["action"] == "container.reveal"]
    assert outcomes[0] == ("otto", "refused")
    assert outcomes[-1] == ("mira", "done")


def event(n: int) -> bytes:
    document = {"Type": "container", "Action": "start", "Actor": {"ID": f"c{n}"}, "timeNano": time.time_ns()}
    return json.dumps(document).encode() + b"\n"


class Stream:
    """A scripted event stream."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self.calls: list[Call] = []
        engine.on("GET", "/events")(self.serve)

    async def serve(self, call: Call) -> None:
        await call.head()
        if "until" in call.query:
            return
        self.calls.append(call)
        await call.wait_gone()


async def test_readers_of_the_same_filters_share_one_upstream(
    open_tab: OpenTab, on_scripted: ScriptedEngine
) -> None:
    stream = Stream(on_scripted)
    tabs = [await open_tab() for _ in range(3)]
    for tab in tabs:
        await tab.send("open", ch=1, topic="events", args={"filters": {"type": ["container"]}})
        await tab.until("live")
    await stream.calls[0].send(event(1))
    for tab in tabs:
        assert (await tab.until("events"))["items"][0]["id"] == "c1"
    assert len(on_scripted.seen("/events")) == 1


async def test_a_reader_that_stalls_is_told_what_it_missed(
    open_tab: OpenTab, on_scripted: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "KEPT", 100)
    monkeypatch.setattr("dockerui.ws.outbox.TEXT_WINDOW", 2000)
    monkeypatch.setattr("dockerui.ws.outbox.MARK_EVERY", 500)
    stream = Stream(on_scripted)
    slow, quick = await open_tab(), await open_tab()
    for tab in (slow, quick):
        await tab.send("open", ch=1, topic="events", args={})
        await tab.until("live")
    slow.echo = False
    for n in range(400):
        await stream.calls[0].send(event(n))
        if n % 20 == 0:
            await collect(quick, lambda items: items)
    await collect(quick, lambda items: items and items[-1]["id"] == "c399")
    slow.echo = True
    missed, last = 0, ""
    await slow.send("sync", n=1 << 40)
    async with asyncio.timeout(5):
        while last != "c399":
            message = await slow.next()
            if message["ev"] == "gap":
                missed += message["count"]
            elif message["ev"] == "events":
                last = message["items"][-1]["id"]
    assert missed >= 200


async def test_an_engine_that_restarts_is_told_and_followed_again(
    open_tab: OpenTab, on_scripted: ScriptedEngine
) -> None:
    stream = Stream(on_scripted)
    tab = await open_tab()
    await tab.send("open", ch=1, topic="events", args={})
    await tab.until("live")
    await stream.calls[0].send(event(1))
    await tab.until("events")
    await on_scripted.stop()
    assert "Engine" in (await tab.until("stale", 5))["message"]
    await on_scripted.start()
    await tab.until("live", 10)
    await stream.calls[-1].send(event(2))
    assert (await tab.until("events"))["items"][0]["id"] == "c2"


async def test_a_filter_the_engine_refuses_is_an_error(
    open_tab: OpenTab, on_scripted: ScriptedEngine
) -> None:
    on_scripted.answers("GET", "/events", {"message": "invalid filter 'x'"}, 400)
    tab = await open_tab()
    await tab.send("open", ch=1, topic="events", args={"filters": {"node": ["x"]}})
    await tab.until("open")
    assert (await tab.until("error"))["status"] == 400
