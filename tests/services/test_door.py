"""The only door to the Engine: authorise, write down, call, write down how it went."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from dockerui import audit
from dockerui.access import Actor, Forbidden
from dockerui.access.roles import permissions_of
from dockerui.audit.models import AuditEntry
from dockerui.engine.errors import Conflict
from dockerui.services import door
from dockerui.services.errors import BadInput
from tests.support.silent_engine import SilentEngine

pytestmark = pytest.mark.django_db

ADMIN = Actor("user", 1, "ada", permissions_of("admin"))
VIEWER = Actor("user", 2, "vera", permissions_of("viewer"))
TARGET = "ab" * 32


class Calls:
    """Counts calls, and answers or fails."""

    def __init__(self, answer: Any = "answer") -> None:
        self.count = 0
        self._answer = answer

    def __call__(self, engine: Any) -> Any:
        self.count += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def later(self, engine: Any) -> Any:
        return self(engine)


def log() -> list[tuple[str, str, str]]:
    return [(entry.action, entry.target, entry.outcome) for entry in AuditEntry.objects.order_by("id")]


def no_log(*_: Any, **__: Any) -> None:
    raise OSError("disk full")


def test_a_read_leaves_no_trace(silent_engine: SilentEngine) -> None:
    assert door.perform(VIEWER, "container_list", call=Calls()) == "answer"
    assert log() == []


def test_a_mutation_leaves_two_rows_of_one_call(silent_engine: SilentEngine) -> None:
    door.perform(ADMIN, "container_start", target=TARGET, call=Calls(), detail={"t": 5})
    assert log() == [("container.start", TARGET, "started"), ("container.start", TARGET, "done")]
    started, done = AuditEntry.objects.order_by("id")
    assert started.call == done.call != ""
    assert started.detail == {"t": 5}


def test_a_refused_mutation_calls_nobody_and_is_written_down(silent_engine: SilentEngine) -> None:
    calls = Calls()
    with pytest.raises(Forbidden):
        door.perform(VIEWER, "container_start", target=TARGET, call=calls)
    assert calls.count == silent_engine.calls == 0
    assert log() == [("container.start", TARGET, "refused")]


def test_a_failed_one_keeps_the_engines_words(silent_engine: SilentEngine) -> None:
    with pytest.raises(Conflict):
        door.perform(ADMIN, "container_kill", target=TARGET, call=Calls(Conflict(409, "it is not running")))
    assert AuditEntry.objects.latest("id").detail == {"error": "It is not running."}


def test_what_cannot_be_written_down_does_not_happen(silent_engine: SilentEngine, monkeypatch: Any) -> None:
    calls = Calls()
    monkeypatch.setattr(audit, "record", no_log)
    with pytest.raises(OSError, match="disk full"):
        door.perform(ADMIN, "container_start", target=TARGET, call=calls)
    assert calls.count == 0


def test_what_has_happened_is_told_even_if_the_log_breaks_after_it(
    silent_engine: SilentEngine, monkeypatch: Any, caplog: Any
) -> None:
    def call(engine: Any) -> str:
        monkeypatch.setattr(audit, "record", no_log)
        return "done it"

    assert door.perform(ADMIN, "container_start", target=TARGET, call=call) == "done it"
    assert "the audit log lacks" in caplog.text


def test_an_action_that_nobody_declared_is_a_bug(silent_engine: SilentEngine) -> None:
    calls = Calls()
    with pytest.raises(LookupError):
        door.perform(ADMIN, "container_explode", call=calls)
    assert calls.count == 0


def test_a_reveal_is_written_down_although_it_only_reads(silent_engine: SilentEngine) -> None:
    door.perform(ADMIN, "container.reveal", target=TARGET, call=Calls())
    assert [outcome for _, _, outcome in log()] == ["started", "done"]


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "../info",
        "%2e%2e%2f",
        "a%252fb",
        "abc?force=1",
        "a\x00",
        "a\r\nb",
        "\udc80",
        "x" * 10_000,
        "a\u202eb",
        "-a",
    ],
)
def test_what_cannot_be_a_container_reaches_no_engine(silent_engine: SilentEngine, ref: str) -> None:
    with pytest.raises(BadInput):
        door.resolve_container(ADMIN, ref)
    assert silent_engine.calls == 0


def test_a_full_id_needs_no_look_up(silent_engine: SilentEngine) -> None:
    assert door.resolve_container(VIEWER, TARGET) == TARGET
    assert silent_engine.calls == 0


@pytest.mark.django_db(transaction=True)
class TestAsync:
    """`aperform`."""

    async def test_it_writes_the_same_rows(self, silent_engine: SilentEngine) -> None:
        await door.aperform(ADMIN, "exec_start", target=TARGET, call=Calls().later)
        assert await sync_to_async(log)() == [
            ("exec.start", TARGET, "started"),
            ("exec.start", TARGET, "done"),
        ]

    async def test_a_refused_one_calls_nobody(self, silent_engine: SilentEngine) -> None:
        calls = Calls()
        with pytest.raises(Forbidden):
            await door.aperform(VIEWER, "exec_start", target=TARGET, call=calls.later)
        assert calls.count == 0
        assert await sync_to_async(log)() == [("exec.start", TARGET, "refused")]

    async def test_a_cancelled_one_is_written_down(self, silent_engine: SilentEngine) -> None:
        entered = asyncio.Event()

        async def call(engine: Any) -> None:
            entered.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(door.aperform(ADMIN, "image_create", target="busybox", call=call))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [outcome for _, _, outcome in await sync_to_async(log)()] == ["started", "cancelled"]

    @pytest.mark.parametrize("ref", ["../info", "a?b", "a\x00"])
    async def test_what_cannot_be_a_container_reaches_no_engine(
        self, silent_engine: SilentEngine, ref: str
    ) -> None:
        with pytest.raises(BadInput):
            await door.aresolve_container(ADMIN, ref)
        assert silent_engine.calls == 0
