"""The Engine's events: live and past, in words, for pages and downloads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from dockerui.access import Actor, authorise
from dockerui.engine.aio import AsyncEngine
from dockerui.engine.protocol.events import Event
from dockerui.services import background, hub
from dockerui.services.door import aperform
from dockerui.services.errors import BadInput
from dockerui.services.event_log import EventLog
from dockerui.services.event_query import EventQuery
from dockerui.services.event_words import raw

LINGER = 30.0  # seconds a log outlives its last reader
RECENT = 7 * 86_400  # seconds that a download looks back
PATIENCE = 0.5  # seconds a page waits for what the log remembers

Filters = tuple[tuple[str, tuple[str, ...]], ...]


def remembered(actor: Actor, container: str) -> list[Event]:
    """What the log of this process knows of a container (full id), oldest first; for threads.

    It remembers more than the Engine, but begins with this process; empty where it does not run here.
    Raises Forbidden.
    """
    authorise(actor, "event.read")
    streams = hub.home(actor)
    logs: Logs | None = streams.extra.get("event logs") if streams else None
    if streams is None or logs is None:
        return []
    asked = asyncio.run_coroutine_threadsafe(logs.about(container), streams.loop)
    try:
        return asked.result(PATIENCE)
    except TimeoutError:
        asked.cancel()
        return []


class Logs:
    """The event logs of one Engine on one loop, one for each set of filters."""

    def __init__(self, streams: hub.Streams) -> None:
        self._streams = streams
        self._logs: dict[Filters, EventLog] = {}
        self._readers: dict[Filters, int] = {}
        self._timers: dict[Filters, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def read(self, query: EventQuery) -> AsyncIterator[EventLog]:
        """The log, for as long as the context lasts and a little longer."""
        key = query.filters
        log = self._logs.get(key)
        if log is None or log.failure is not None:
            log = self._logs[key] = EventLog(
                self._streams.aengine, self._streams.events, query.engine_filters
            )
        self._readers[key] = self._readers.get(key, 0) + 1
        if timer := self._timers.pop(key, None):
            timer.cancel()
        try:
            yield log
        finally:
            self._readers[key] -= 1
            if not self._readers[key] and key in self._logs:
                self._timers[key] = self._streams.loop.call_later(LINGER, self._drop, key)

    async def about(self, container: str) -> list[Event]:
        """The events of a container in the log without filters."""
        log = self._logs.get(EventQuery().filters)
        entries = log.after(0) if log else ()
        return [entry.event for entry in entries if entry.event.id == container]

    async def aclose(self) -> None:
        """Stop all logs."""
        for timer in self._timers.values():
            timer.cancel()
        for log in self._logs.values():
            await log.aclose()
        self._logs.clear()

    def _drop(self, key: Filters) -> None:
        self._timers.pop(key, None)
        task = asyncio.create_task(self._logs.pop(key).aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


@asynccontextmanager
async def follow(actor: Actor, query: EventQuery) -> AsyncIterator[EventLog]:
    """The live log of a query's filters; the reader looks to the query's times. Raises Forbidden."""
    authorise(actor, "event.read")
    async with _logs(hub.streams(actor)).read(query) as log:
        yield log


def _logs(streams: hub.Streams) -> Logs:
    found: Logs | None = streams.extra.get("event logs")
    if found is None:
        found = streams.extra["event logs"] = Logs(streams)
        streams.closers.append(found.aclose)
    return found


@background.worker("events", roles={background.WEB})
async def keep_log() -> None:
    """Remember what happens while nobody looks: the Engine itself forgets all but the last 256 events."""
    async with _logs(await hub.found(Actor.system())).read(EventQuery()):
        await asyncio.Event().wait()


async def reveal(actor: Actor, event: Event) -> Mapping[str, Any]:
    """The event with its exec command line; audited. Raises Forbidden."""

    async def nothing(aengine: AsyncEngine) -> None:
        """There is nothing to ask the Engine for."""

    await aperform(actor, "container.reveal", target=event.id, call=nothing, detail={"action": event.action})
    return raw(event, reveal=True)


async def download(actor: Actor, query: EventQuery) -> AsyncIterator[bytes]:
    """The past events of a query as lines of JSON. Raises Forbidden and EngineError at once."""
    if query.until is None or query.until > time.time():
        query = EventQuery(query.filters, query.since, time.time())
    since = time.time() - RECENT if query.since is None else query.since
    stream = await aperform(
        actor,
        "system_events",
        call=lambda aengine: aengine.events(
            since=f"{since:.9f}", until=f"{query.until:.9f}", filters=query.engine_filters
        ),
    )

    async def pieces() -> AsyncIterator[bytes]:
        async with stream:
            while batch := await stream.batch():
                yield _lines(batch)

    return pieces()


def _lines(events: Sequence[Event]) -> bytes:
    return b"".join(orjson.dumps(raw(event)) + b"\n" for event in events)


def check_number(value: object) -> int:
    """The number of an entry as a browser names it. Raises BadInput."""
    if type(value) is not int or not 0 < value < 1 << 53:
        raise BadInput("An event is named by its number.")
    return value
