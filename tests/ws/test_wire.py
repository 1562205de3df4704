"""The rules of the socket: what it opens, refuses and closes for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerui.access import PERMISSIONS, Actor
from dockerui.engine.errors import EngineUnavailable, NotFound, ServerError
from dockerui.services.errors import BadInput
from dockerui.ws import keeper
from dockerui.ws.channel import INPUT_WINDOW
from dockerui.ws.session import MAX_CHANNELS, MAX_FRAME
from dockerui.ws.topic import Topic
from dockerui.ws.topics import TOPICS
from tests.ws.conftest import ADMIN, VIEWER, OpenTab

Topics = dict[str, Any]


class Echo(Topic):
    """Sends back what it gets, until it is told to end."""

    name = "echo"
    permission = "container.list"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if self.args.get("bad"):
            raise BadInput("That will not do.")

    async def run(self) -> str | None:
        return await self.done

    async def on_message(self, op: str, message: dict[str, Any]) -> None:
        if op == "fail":
            self.done.set_exception(self.args_error(message["with"]))
        elif op == "finish":
            self.done.set_result("all said")
        elif op == "say":
            await self.ch.send("said", text=message["text"])
        else:
            await super().on_message(op, message)

    async def on_bytes(self, data: bytes) -> None:
        await self.ch.send("got", n=len(data))

    @staticmethod
    def args_error(kind: str) -> Exception:
        return {
            "gone": NotFound(404, "no such container: x"),
            "away": EngineUnavailable("nobody listens there"),
            "broken": ServerError(500, "open /var/lib/docker/x: no space"),
            "bug": ValueError("secret detail"),
        }[kind]


class Deaf(Topic):
    """Takes no bytes and knows no operation."""

    name = "deaf"
    permission = "container.list"

    async def run(self) -> str | None:
        await asyncio.Event().wait()
        return None


class Secret(Deaf):
    """For admins only; fails loudly when it is built for anybody else."""

    name = "secret"
    permission = "container.remove"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        assert self.actor.name == "mira"


@pytest.fixture
def topics(topics: Topics) -> Topics:
    """With the topics of this file."""
    topics.update({cls.name: cls for cls in (Echo, Deaf, Secret)})
    return topics


async def open_channel(tab: Any, topic: str = "echo", ch: int = 1, **args: Any) -> None:
    await tab.send("open", ch=ch, topic=topic, args=args)
    assert await tab.next() == {"ch": ch, "ev": "open"}


def test_every_topic_declares_a_permission_that_exists() -> None:
    for name, topic in TOPICS.items():
        assert topic.name == name
        assert topic.permission in PERMISSIONS, name


async def test_a_visitor_without_login_is_closed_with_4401(open_tab: OpenTab) -> None:
    assert await (await open_tab(None)).code() == 4401


async def test_channels_carry_messages_both_ways(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await open_channel(tab, ch=1)
    await open_channel(tab, ch=200)
    await tab.send("say", ch=200, text="ä")
    assert await tab.next() == {"ch": 200, "ev": "said", "text": "ä"}
    await tab.raw(data=b"\x01abc")
    assert await tab.next() == {"ch": 1, "ev": "got", "n": 3}


async def test_input_keeps_its_order(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await open_channel(tab)
    for i in range(50):
        await tab.send("say", ch=1, text=str(i))
        await tab.raw(data=bytes([1]) * (i + 1))
    for i in range(50):
        assert (await tab.next())["text"] == str(i)
        assert (await tab.next())["n"] == i


async def test_a_topic_that_ends_says_so_and_frees_its_channel(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await open_channel(tab)
    await tab.send("finish", ch=1)
    assert await tab.next() == {"ch": 1, "ev": "end", "reason": "all said"}
    await tab.raw(data=b"\x01late")  # crossed our `end` on the way: ignored
    await open_channel(tab)


async def test_a_closed_channel_is_silent_and_its_number_free(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await open_channel(tab)
    await tab.send("say", ch=1, text="first")
    await tab.next()
    await tab.send("close", ch=1)
    await tab.send("say", ch=1, text="nobody hears this")
    assert await tab.silent()
    await open_channel(tab)


@pytest.mark.parametrize(
    ("kind", "actor", "status", "message"),
    [
        ("gone", ADMIN, 404, "No such container: x."),
        ("away", ADMIN, 503, "Nobody listens there."),
        ("broken", ADMIN, 502, "Open /var/lib/docker/x: no space."),
    ],
)
async def test_a_failure_becomes_an_error_frame(
    open_tab: OpenTab, topics: Topics, kind: str, actor: Actor, status: int, message: str
) -> None:
    tab = await open_tab(actor)
    await open_channel(tab)
    await tab.send("fail", ch=1, **{"with": kind})
    assert await tab.next() == {"ch": 1, "ev": "error", "status": status, "message": message}
    assert await tab.silent()


@pytest.mark.parametrize("kind", ["broken", "bug"])
async def test_internals_are_not_told_to_viewers(open_tab: OpenTab, topics: Topics, kind: str) -> None:
    tab = await open_tab(VIEWER)
    await open_channel(tab)
    await tab.send("fail", ch=1, **{"with": kind})
    error = await tab.next()
    assert "docker" not in error["message"].replace("dockerui", "")
    assert "secret" not in error["message"]


async def test_bad_arguments_are_an_error_and_nothing_runs(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await tab.send("open", ch=1, topic="echo", args={"bad": 1})
    assert await tab.next() == {"ch": 1, "ev": "error", "status": 400, "message": "That will not do."}
    await open_channel(tab)


async def test_a_denied_topic_is_never_built(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab(VIEWER)
    await tab.send("open", ch=1, topic="secret", args={})
    assert (await tab.next())["status"] == 403
    await open_channel(tab)


async def test_the_number_of_channels_is_bounded(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    for ch in range(1, MAX_CHANNELS + 1):
        await open_channel(tab, ch=ch)
    await tab.send("open", ch=100, topic="echo", args={})
    assert (await tab.next())["status"] == 400


BAD_TEXT = {
    "not JSON": "{",
    "an array": "[]",
    "NaN": '{"op":"ack","ch":1,"n":NaN}',
    "deep": "[" * 10_000,
    "a lone surrogate": '{"op":"say","ch":1,"text":"\\ud800"}',
    "no op": "{}",
    "op of another type": '{"op":1}',
    "no channel": '{"op":"say"}',
    "channel 0": '{"op":"open","ch":0,"topic":"echo"}',
    "channel 256": '{"op":"open","ch":256,"topic":"echo"}',
    "channel true": '{"op":"open","ch":true,"topic":"echo"}',
    "channel as text": '{"op":"open","ch":"1","topic":"echo"}',
    "channel as float": '{"op":"open","ch":1.0,"topic":"echo"}',
    "unknown topic": '{"op":"open","ch":2,"topic":"nuclear"}',
    "topic of another type": '{"op":"open","ch":2,"topic":{"a":1}}',
    "arguments of another type": '{"op":"open","ch":2,"topic":"echo","args":[]}',
    "channel in use": '{"op":"open","ch":1,"topic":"echo"}',
    "unknown op": '{"op":"explode","ch":1}',
    "negative ack": '{"op":"ack","ch":1,"n":-1}',
    "huge ack": '{"op":"ack","ch":1,"n":9007199254740993}',
    "sync of another type": '{"op":"sync","n":"1"}',
}


@pytest.mark.parametrize("text", BAD_TEXT.values(), ids=list(BAD_TEXT))
async def test_a_bad_message_closes_with_4400(open_tab: OpenTab, topics: Topics, text: str) -> None:
    tab = await open_tab()
    await open_channel(tab)
    await tab.raw(text=text)
    assert await tab.code() == 4400


async def test_bytes_for_a_topic_that_takes_none_close_with_1003(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await open_channel(tab, "deaf")
    await tab.raw(data=b"\x01x")
    assert await tab.code() == 1003


async def test_an_empty_binary_frame_closes_with_1003(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await tab.raw(data=b"")
    assert await tab.code() == 1003


@pytest.mark.parametrize(
    "frame", [{"data": b"\x01" * (MAX_FRAME + 1)}, {"text": '"' + "ä" * (MAX_FRAME // 2) + '"'}]
)
async def test_a_frame_over_64_kib_closes_with_1009(open_tab: OpenTab, topics: Topics, frame: Any) -> None:
    tab = await open_tab()
    await open_channel(tab)
    await tab.raw(**frame)
    assert await tab.code() == 1009


async def test_a_flood_of_frames_closes_with_1008(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    for _ in range(2500):
        await tab.send("pong")
    assert await tab.code() == 1008


async def test_input_that_ignores_the_window_closes_with_1008(open_tab: OpenTab, topics: Topics) -> None:
    class Stuck(Deaf):
        async def on_bytes(self, data: bytes) -> None:
            await asyncio.Event().wait()

    topics["stuck"] = Stuck
    tab = await open_tab()
    await open_channel(tab, "stuck")
    piece = b"\x01" + bytes(60_000)
    for _ in range(INPUT_WINDOW // 60_000 + 1):
        await tab.raw(data=piece)
    assert await tab.code() == 1008


async def test_input_is_acknowledged_in_steps(open_tab: OpenTab, topics: Topics) -> None:
    tab = await open_tab()
    await open_channel(tab)
    for _ in range(4):
        await tab.raw(data=b"\x01" + bytes(10_000))
    assert [(await tab.next())["ev"] for _ in range(5)] == ["got"] * 4 + ["ack"]


async def test_it_answers_pings(open_tab: OpenTab) -> None:
    tab = await open_tab()
    await tab.send("ping")
    assert await tab.next() == {"ev": "pong"}


async def test_it_pings_and_closes_the_silent(open_tab: OpenTab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CHECK_EVERY", 0.02), ("PING_EVERY", 0.05), ("SILENCE", 0.3)):
        monkeypatch.setattr(keeper, name, value)
    tab = await open_tab()
    assert await tab.next() == {"ev": "ping"}
    assert await tab.code() == 4408


async def test_leaving_stops_everything_and_waits_for_the_clean_up(open_tab: OpenTab, topics: Topics) -> None:
    cleaned: list[str] = []

    class Careful(Deaf):
        async def run(self) -> str | None:
            try:
                return await super().run()
            finally:
                await asyncio.sleep(0.05)
                cleaned.append(self.args["who"])

    topics["careful"] = Careful
    tab = await open_tab()
    await open_channel(tab, "careful", 1, who="a")
    await open_channel(tab, "careful", 2, who="b")
    await tab.send("close", ch=1)
    await tab.leave()
    assert sorted(cleaned) == ["a", "b"]
