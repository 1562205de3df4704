"""Topic `exec` on the real Engine: what a terminal does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from dockerui.access import Actor
from dockerui.engine import Engine
from dockerui.services import terminals
from tests.support.engine import MakeContainer
from tests.ws.conftest import ADMIN, VIEWER, OpenTab
from tests.ws.terminal_tab import TerminalTab

pytestmark = pytest.mark.usefixtures("here")
Rows = list[dict[str, Any]]


@pytest.fixture
def container(make_container: MakeContainer) -> str:
    return make_container("sleep", "1000")


async def shell(open_tab: OpenTab, container: str, **args: Any) -> TerminalTab:
    terminal = TerminalTab(await open_tab())
    await terminal.open(id=container, **args)
    return terminal


async def test_it_finds_a_shell_and_has_the_right_size_from_the_start(
    open_tab: OpenTab, container: str
) -> None:
    terminal = await shell(open_tab, container, rows=31, cols=117)
    assert terminal.started["command"] == ["/bin/sh"]
    assert terminal.started["user"] == "root"
    await terminal.sees("# ")
    await terminal.type("stty size\r")
    assert b"31 117" in await terminal.sees("117")


async def test_a_command_sees_its_size_before_it_prints(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container, cmd=["sh", "-c", "sleep 0.1; stty size"], rows=40, cols=99)
    await terminal.sees("40 99")


async def test_it_follows_the_window(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    for rows, cols in ((30, 90), (33, 101)):
        await terminal.send("resize", rows=rows, cols=cols)
    await terminal.type("while [ \"$(stty size)\" != '33 101' ]; do :; done; echo resi''zed\r")
    await terminal.sees("resized")


@pytest.mark.parametrize("rows", [0, -1, 1 << 32, "24", 24.5, None, True])
async def test_what_cannot_be_a_size_is_ignored(open_tab: OpenTab, container: str, rows: Any) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    await terminal.send("resize", rows=rows, cols=80)
    await terminal.type("stty size\r")
    await terminal.sees("24 80")


async def test_bytes_pass_untouched_both_ways(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container, cmd=["cat"], tty=False)
    every = bytes(range(256)) * 300
    for start in range(0, len(every), 9973):
        await terminal.type(every[start : start + 9973])
    await terminal.send("eof")
    assert (await terminal.event("eof"))["done"] is True
    assert (await terminal.event("exit"))["code"] == 0
    assert terminal.streams() == {1: every}


async def test_without_a_tty_stdout_and_stderr_stay_apart(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container, cmd=["sh", "-c", "echo out; echo err >&2; exit 3"], tty=False)
    assert terminal.started["half_close"] is True
    assert (await terminal.event("exit"))["code"] == 3
    assert terminal.streams() == {1: b"out\n", 2: b"err\n"}


async def test_ctrl_c_reaches_the_program(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    await terminal.type("(echo run''ning; exec sleep 1000)\r")
    await terminal.sees("running")
    await terminal.type("\x03")
    await terminal.sees("# ")
    await terminal.type("exit 7\r")
    assert await terminal.event("exit") == {
        "ch": 1, "ev": "exit", "code": 7, "message": "", "survived": False, "pid": None
    }  # fmt: skip
    assert (await terminal.event("end"))["reason"] == "exited"


async def test_ctrl_p_is_not_held_back(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container, cmd=["cat", "-v"])
    await terminal.type("\x10\r")
    await terminal.sees("^P")


async def test_user_folder_and_environment(open_tab: OpenTab, container: str) -> None:
    command = ["sh", "-c", "id -u; pwd; echo $GREETING $TERM"]
    args = {"user": "1000:1000", "workdir": "/tmp", "env": ["GREETING=hé llo"]}
    terminal = await shell(open_tab, container, cmd=command, **args)
    await terminal.event("exit")
    assert terminal.output.decode().split("\r\n") == ["1000", "/tmp", "hé llo xterm-256color", ""]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ({"cmd": ["nonesuch"]}, (126, 127), "“nonesuch” was not found in the container."),
        ({"cmd": ["/etc/passwd"]}, (126, 127), "“/etc/passwd” is not executable."),
        (
            {"cmd": ["sh"], "workdir": "/nonesuch"},
            (126, 127),
            "The working directory “/nonesuch” cannot be entered.",
        ),
        ({"cmd": ["sh", "-c", "exit 126"]}, (126,), ""),
        ({"cmd": ["sh", "-c", "kill -9 $$"]}, (137,), "Ended by SIGKILL"),
    ],
)
async def test_why_a_command_failed_is_said(
    open_tab: OpenTab, container: str, args: dict[str, Any], code: tuple[int, ...], words: str
) -> None:
    terminal = await shell(open_tab, container, **args)
    ended = await terminal.event("exit")
    assert ended["code"] in code
    assert ended["message"].startswith(words)
    assert bool(ended["message"]) == bool(words)


async def test_an_unknown_user_is_said(open_tab: OpenTab, container: str) -> None:
    terminal = TerminalTab(await open_tab())
    await terminal.tab.send("open", ch=1, topic="exec", args={"id": container, "user": "nobodyhere"})
    assert (
        "nobodyhere" in (await terminal.over())["message"]
    )  # old Engines say it in the output, new ones refuse


async def test_a_browser_that_comes_back_goes_on_where_it_stopped(open_tab: OpenTab, container: str) -> None:
    first = await shell(open_tab, container)
    await first.sees("# ")
    await first.type("X=kept; (sleep 0.3; echo mean''while) &\r")
    await first.sees("# ")
    await first.tab.leave()
    again = TerminalTab(await open_tab())
    started = await again.open(reattach=first.started["token"], offset=first.offset)
    assert (started["fresh"], started["offset"]) == (False, first.offset)
    await again.sees("meanwhile")
    await again.type("echo $X\r")
    await again.sees("kept\r\n")


async def test_a_new_window_is_shown_the_screen(open_tab: OpenTab, container: str) -> None:
    first = await shell(open_tab, container)
    await first.sees("# ")
    await first.type("echo on the sc''reen\r")
    await first.sees("on the screen")
    again = TerminalTab(await open_tab())
    started = await again.open(reattach=first.started["token"])
    assert (started["fresh"], started["offset"]) == (True, 0)
    await again.sees("on the screen")
    assert (await first.event("end"))["reason"] == "superseded"


async def test_the_exit_code_waits_for_the_browser(open_tab: OpenTab, container: str, engine: Engine) -> None:
    first = await shell(open_tab, container, cmd=["sh", "-c", "sleep 0.2; exit 5"])
    await first.tab.leave()
    terminal = terminals.find(ADMIN, first.started["token"])
    assert (await terminal.outcome()).code == 5
    again = TerminalTab(await open_tab())
    await again.open(reattach=first.started["token"], offset=0)
    assert (await again.event("exit"))["code"] == 5


async def test_a_token_is_good_for_its_own_login_only(
    open_tab: OpenTab, container: str, actors: dict[str, Actor]
) -> None:
    first = await shell(open_tab, container)
    other = Actor("user", 3, "eve", ADMIN.permissions, "key-eve")
    same_person = Actor("user", 1, "mira", ADMIN.permissions, "key-elsewhere")
    for actor in (other, same_person):
        actors[actor.session_key] = actor
        tab = TerminalTab(await open_tab(actor))
        args = {"reattach": first.started["token"]}
        await tab.tab.send("open", ch=1, topic="exec", args=args)
        assert (await tab.error())["status"] == 400
    assert len(first.started["token"]) >= 40


async def test_ending_it_ends_the_shell_and_what_runs_in_it(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    await terminal.type("(echo run''ning; exec sleep 1000)\r")
    await terminal.sees("running")
    await terminal.send("terminate")
    assert (await terminal.event("exit"))["survived"] is False


async def test_what_survives_is_said_and_audited(open_tab: OpenTab, container: str, audited: Rows) -> None:
    command = ["sh", "-c", "trap '' INT HUP; echo rea''dy; sleep 30"]
    terminal = await shell(open_tab, container, cmd=command)
    await terminal.sees("ready")
    await terminal.send("terminate")
    ended = await terminal.event("exit")
    assert ended["survived"] is True
    assert ended["pid"] > 1
    async with asyncio.timeout(5):
        while not any(row["outcome"] == "survived" and row["target"] == container for row in audited):
            await asyncio.sleep(0.01)


async def test_a_terminal_left_alone_is_ended(
    open_tab: OpenTab, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminals, "LINGER", 0.2)
    monkeypatch.setattr(terminals, "CHECK_EVERY", 0.1)
    terminal = await shell(open_tab, container)
    left = terminals.find(ADMIN, terminal.started["token"])
    await terminal.tab.leave()
    async with asyncio.timeout(5):
        outcome = await left.outcome()
    assert outcome.survived is False


async def test_logout_ends_the_process_at_once(
    open_tab: OpenTab, container: str, actors: dict[str, Actor]
) -> None:
    terminal = await shell(open_tab, container)
    left = terminals.find(ADMIN, terminal.started["token"])
    del actors[ADMIN.session_key]
    assert await terminal.tab.code(timeout=5) == 4401
    async with asyncio.timeout(3):
        assert (await left.outcome()).survived is False


async def test_pausing_stopping_and_removing_are_told(
    open_tab: OpenTab, container: str, engine: Engine
) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    call = asyncio.to_thread
    await call(engine.container_pause, container)
    assert (await terminal.event("container"))["action"] == "pause"
    await call(engine.container_unpause, container)
    assert (await terminal.event("container"))["action"] == "unpause"
    await call(engine.container_kill, container)
    ended = await terminal.event("exit")
    assert "The container stopped." in ended["message"]


async def test_removing_the_container_is_told(open_tab: OpenTab, container: str, engine: Engine) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    await asyncio.to_thread(engine.container_remove, container, force=True)
    ended = await terminal.event("exit")
    assert ended["message"] in ("The container was removed.", "The container stopped.")


@pytest.mark.parametrize("state", ["created", "paused"])
async def test_a_container_that_does_not_run_is_refused_in_words(
    open_tab: OpenTab, make_container: MakeContainer, engine: Engine, state: str
) -> None:
    container = make_container("sleep", "1000", start=state != "created")
    if state == "paused":
        await asyncio.to_thread(engine.container_pause, container)
    terminal = TerminalTab(await open_tab())
    await terminal.tab.send("open", ch=1, topic="exec", args={"id": container, "cmd": ["sh"]})
    refused = await terminal.error()
    assert refused["status"] == 409
    assert ("not running" if state == "created" else "paused") in refused["message"]


@pytest.mark.parametrize(
    "args",
    [
        {"id": "../info"},
        {"id": "a%2fb"},
        {"id": 7},
        {"cmd": "sh"},
        {"cmd": [""]},
        {"cmd": ["a\0b"]},
        {"cmd": ["\ud800"]},
        {"cmd": ["x"] * 1000},
        {"env": ["NOVALUE"]},
        {"env": ["=x"]},
        {"env": {"A": "b"}},
        {"user": "a b"},
        {"workdir": "relative"},
        {"tty": "false"},
        {"privileged": 1},
        {"detach_keys": "ctrl-é"},
        {"offset": -1},
        {"reattach": "x" * 43},
        {"reattach": ["x"]},
    ],
)
async def test_bad_input_is_refused_before_any_engine_call(
    open_tab: OpenTab, no_engine: None, args: dict[str, Any]
) -> None:
    terminal = TerminalTab(await open_tab())
    args = {"id": "a" * 64, **args}
    text = json.dumps({"op": "open", "ch": 1, "topic": "exec", "args": args})
    await terminal.tab.raw(text=text)
    if args.get("cmd") == ["\ud800"]:
        assert await terminal.tab.code() == 4400  # not even JSON
        return
    assert (await terminal.error())["status"] == 400


@pytest.mark.parametrize("topic", ["exec", "attach"])
async def test_a_viewer_is_denied_without_any_engine_call(
    open_tab: OpenTab, no_engine: None, topic: str
) -> None:
    terminal = TerminalTab(await open_tab(VIEWER))
    await terminal.tab.send("open", ch=1, topic=topic, args={"id": "a" * 64})
    assert (await terminal.error())["status"] == 403


async def test_privileged_needs_its_own_permission(
    open_tab: OpenTab, no_engine: None, actors: dict[str, Actor]
) -> None:
    operator = Actor("user", 4, "olga", ADMIN.permissions - {"exec.privileged"}, "key-olga")
    actors[operator.session_key] = operator
    terminal = TerminalTab(await open_tab(operator))
    args = {"id": "a" * 64, "privileged": True}
    await terminal.tab.send("open", ch=1, topic="exec", args=args)
    assert (await terminal.error())["status"] == 403


async def test_the_audit_log_knows_the_program_but_no_secrets(
    open_tab: OpenTab, container: str, audited: Rows
) -> None:
    terminal = await shell(open_tab, container, cmd=["echo", "s3cret-arg"], env=["TOKEN=s3cret-env"])
    await terminal.event("exit")
    entry = next(row for row in audited if row["action"] == "exec.create")
    assert (entry["actor"], entry["target"], entry["outcome"]) == ("mira", container, "started")
    assert (entry["program"], entry["env"]) == ("echo", "TOKEN")
    assert "s3cret" not in str(audited)


async def test_a_flood_stops_at_the_window_and_at_ctrl_c(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container)
    await terminal.sees("# ")
    await terminal.type("yes\r")
    await terminal.sees("y\r\n" * 100_000)
    await terminal.type("\x03")
    loop = asyncio.get_running_loop()
    since = loop.time()
    await terminal.sees("# ")
    assert loop.time() - since < 0.3


async def test_the_probe_is_echoed(open_tab: OpenTab, container: str) -> None:
    terminal = await shell(open_tab, container)
    await terminal.send("probe", n=42)
    assert (await terminal.event("probe"))["n"] == 42
