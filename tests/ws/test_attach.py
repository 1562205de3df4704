"""Topic `attach` on the real Engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine
from dockerui.services import terminals
from tests.support.engine import MakeContainer
from tests.ws.conftest import ADMIN, OpenTab
from tests.ws.terminal_tab import TerminalTab

pytestmark = pytest.mark.usefixtures("here")


async def attach(open_tab: OpenTab, container: str, **args: Any) -> TerminalTab:
    terminal = TerminalTab(await open_tab())
    await terminal.open("attach", id=container, **args)
    return terminal


async def inspect(engine: Engine, container: str) -> dict[str, Any]:
    return await asyncio.to_thread(engine.container_inspect, container)


async def test_a_tty_is_shown_at_once_and_follows_the_window(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    terminal = await attach(open_tab, container, rows=33, cols=101)
    assert terminal.started["kind"] == "attach"
    assert terminal.started["tty"] is True
    await terminal.sees("# ")  # the size was changed and back: the shell draws its prompt anew
    await terminal.type("while [ \"$(stty size)\" != '33 101' ]; do :; done; echo si''zed\r")
    await terminal.sees("sized")


async def test_leaving_lets_the_container_go_on(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    terminal = await attach(open_tab, container)
    await terminal.send("terminate")
    ended = await terminal.event("exit")
    assert (ended["code"], ended["survived"]) == (None, False)
    assert "the container goes on" in ended["message"]
    assert (await inspect(engine, container))["State"]["Running"]


async def test_detach_keys_detach(open_tab: OpenTab, make_container: MakeContainer, engine: Engine) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    terminal = await attach(open_tab, container, detach_keys="ctrl-x,ctrl-y")
    await terminal.type("\x18")
    await terminal.type("\x19")
    assert "Detached" in (await terminal.event("exit"))["message"]
    assert (await inspect(engine, container))["State"]["Running"]


async def test_the_exit_code_of_the_container(open_tab: OpenTab, make_container: MakeContainer) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    terminal = await attach(open_tab, container)
    await terminal.type("exit 9\r")
    ended = await terminal.event("exit")
    assert (ended["code"], ended["message"]) == (9, "The container stopped.")


async def test_without_a_tty_the_streams_stay_apart_and_input_can_end(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    container = make_container(
        "sh", "-c", "echo out; echo err >&2; sort; echo over", OpenStdin=True, StdinOnce=True
    )
    terminal = await attach(open_tab, container, logs=True)
    assert terminal.started["half_close"] is True
    await terminal.type("pear\napple\n")
    await terminal.send("eof")
    assert (await terminal.event("eof"))["done"] is True
    assert (await terminal.event("exit"))["code"] == 0
    assert terminal.streams() == {1: b"out\napple\npear\nover\n", 2: b"err\n"}


async def test_input_that_stays_open_cannot_be_ended(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("cat", OpenStdin=True)
    terminal = await attach(open_tab, container)
    assert terminal.started["half_close"] is False
    await terminal.send("eof")
    assert (await terminal.event("eof"))["done"] is False
    await terminal.type("still there\n")
    await terminal.sees("still there")


async def test_a_container_without_stdin_takes_none(open_tab: OpenTab, make_container: MakeContainer) -> None:
    container = make_container("sh", "-c", "sleep 0.3; echo done")
    terminal = await attach(open_tab, container)
    assert terminal.started["stdin"] is False
    await terminal.type("ignored")
    await terminal.event("exit")
    assert terminal.streams() == {1: b"done\n"}


async def test_only_what_was_asked_for_is_shown(open_tab: OpenTab, make_container: MakeContainer) -> None:
    container = make_container("sh", "-c", "sleep 0.3; echo out; echo err >&2")
    terminal = await attach(open_tab, container, stdout=False, stdin=False)
    await terminal.event("exit")
    assert terminal.streams() == {2: b"err\n"}


async def test_a_browser_that_does_not_read_never_blocks_the_container(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    script = "read go; yes 0123456789abcdef | head -c 20000000; echo finished >&2; exit 3"
    container = make_container("sh", "-c", script, OpenStdin=True)
    terminal = await attach(open_tab, container)
    await terminal.type("go\n")
    found = terminals.find(ADMIN, terminal.started["token"])
    async with asyncio.timeout(15):
        await found.outcome()  # while nothing was acknowledged
    gap = await terminal.event("gap")
    assert gap["count"] > 15_000_000
    ended = await terminal.event("exit")
    assert ended["code"] == 3
    assert b"finished\n" in terminal.output  # and what comes after the gap starts with a whole frame


async def test_a_container_that_does_not_run_is_refused(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    container = make_container(start=False)
    terminal = TerminalTab(await open_tab())
    await terminal.tab.send("open", ch=1, topic="attach", args={"id": container})
    refused = await terminal.error()
    assert refused["status"] == 409
    assert "not running" in refused["message"]


@pytest.mark.parametrize(
    "args",
    [
        {"detach_keys": "ctrl-é"},
        {"detach_keys": "ctrl-"},
        {"detach_keys": ","},
        {"stdin": False, "stdout": False, "stderr": False},
        {"logs": "true"},
        {"websocket": "true"},
        {"id": "a/b"},
    ],
)
async def test_bad_input_is_refused_before_any_engine_call(
    open_tab: OpenTab, no_engine: None, args: dict[str, Any]
) -> None:
    terminal = TerminalTab(await open_tab())
    await terminal.tab.send("open", ch=1, topic="attach", args={"id": "a" * 64, **args})
    assert (await terminal.error())["status"] == 400


WEBSOCKET = {"websocket": True}


@pytest.fixture
def engine_with_websocket(engine: Engine) -> None:
    if engine.server.is_podman:
        pytest.skip("Podman has no attach/ws")


@pytest.mark.usefixtures("engine_with_websocket")
async def test_through_the_engines_websocket_it_is_the_same_terminal(
    open_tab: OpenTab, make_container: MakeContainer, audited: list[dict[str, Any]]
) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    terminal = await attach(open_tab, container, rows=33, cols=101, **WEBSOCKET)
    assert (terminal.started["kind"], terminal.started["framed"]) == ("attach", False)
    assert audited[0]["action"] == "container.attach"
    await terminal.type("while [ \"$(stty size)\" != '33 101' ]; do :; done; echo si''zed\r")
    await terminal.sees("sized")
    await terminal.type("exit 9\r")
    ended = await terminal.event("exit")
    assert (ended["code"], ended["message"]) == (9, "The container stopped.")


@pytest.mark.usefixtures("engine_with_websocket")
async def test_detach_keys_detach_from_the_websocket(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    terminal = await attach(open_tab, container, detach_keys="ctrl-x,ctrl-y", **WEBSOCKET)
    await terminal.type("\x18")
    await terminal.type("\x19")
    assert "Detached" in (await terminal.event("exit"))["message"]
    assert (await inspect(engine, container))["State"]["Running"]


@pytest.mark.usefixtures("engine_with_websocket")
async def test_the_websocket_shows_what_was_printed_and_has_one_stream(
    open_tab: OpenTab, make_container: MakeContainer, aengine: AsyncEngine
) -> None:
    container = make_container("sh", "-c", "echo out; echo err >&2; read go; echo $go", OpenStdin=True)
    async with asyncio.timeout(15):
        while (await (await aengine.container_logs(container)).read_all()).count(b"\n") < 2:
            pass  # an Engine that is attached to while it writes shows some of it twice, or late
    terminal = await attach(open_tab, container, logs=True, **WEBSOCKET)
    assert (terminal.started["framed"], terminal.started["half_close"]) == (False, False)
    seen = b""
    while not (b"out\n" in seen and b"err\n" in seen):  # the Engine keeps no order between the two
        seen += await terminal.sees("\n")
    await terminal.type("gone\n")
    assert (await terminal.event("exit"))["code"] == 0
    assert terminal.output == b"gone\n"


@pytest.mark.usefixtures("engine_with_websocket")
async def test_leaving_the_websocket_lets_the_container_go_on(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("cat", OpenStdin=True)
    terminal = await attach(open_tab, container, stderr=False, **WEBSOCKET)
    await terminal.type("hello\n")
    await terminal.sees("hello")
    await terminal.send("terminate")
    assert "the container goes on" in (await terminal.event("exit"))["message"]
    assert (await inspect(engine, container))["State"]["Running"]


@pytest.mark.usefixtures("engine_with_websocket")
async def test_a_browser_that_does_not_read_the_websocket_never_blocks_the_container(
    open_tab: OpenTab, make_container: MakeContainer
) -> None:
    script = "read go; yes 0123456789abcdef | head -c 20000000; exit 3"
    container = make_container("sh", "-c", script, OpenStdin=True)
    terminal = await attach(open_tab, container, **WEBSOCKET)
    await terminal.type("go\n")
    async with asyncio.timeout(15):
        await terminals.find(ADMIN, terminal.started["token"]).outcome()  # while nothing was acknowledged
    assert (await terminal.event("gap"))["count"] > 15_000_000
    assert (await terminal.event("exit"))["code"] == 3
