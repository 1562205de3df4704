"""A container's log for one viewer: raw bytes from the Engine, and in between what there is to know of them.

Bytes pass untouched, stdcopy frames with timestamps, or lines from a terminal; the browser takes them apart,
and goes on behind its last line after any interruption. In the past, not taking the next item makes the
Engine wait; what is written now is shared by all who follow, and who does not take it misses some
(streams/follow.py). `GET /containers/{id}/logs`
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dockerui.access import Actor, authorise
from dockerui.engine.aio import AsyncEngine, ByteStream
from dockerui.engine.errors import NotFound
from dockerui.engine.operation import OPERATIONS
from dockerui.engine.protocol.events import Event
from dockerui.engine.protocol.logline import to_seconds
from dockerui.services import hub
from dockerui.services.door import aperform
from dockerui.services.log_request import LogRequest, nanoseconds
from dockerui.services.log_seek import first_time, locate
from dockerui.streams.coalesce import Coalescer
from dockerui.streams.events import Down, FeedItem, Resync
from dockerui.streams.follow import FollowedLogs, LogReader
from dockerui.streams.subscription import Gap, Subscription

Json = dict[str, Any]
T = TypeVar("T")
_INSPECT = OPERATIONS["container_inspect"]
_WAKES = frozenset(("start", "destroy", "rename", "die"))


@dataclass(frozen=True)
class Opened:
    """First of all: whose log it is. `now` is our clock in milliseconds: later lines are live."""

    id: str
    name: str
    tty: bool
    state: str
    driver: str
    now: int


@dataclass(frozen=True)
class Located:
    """The time was found: what follows are the last `tail` messages."""

    tail: int


@dataclass(frozen=True)
class CaughtUp:
    """What was there has been sent; what comes now is new."""


@dataclass(frozen=True)
class Missed:
    """This viewer was too slow: `count` messages were left out, from one time to another (Unix seconds as
    text). They are in the Engine's log.
    """

    count: int
    first: str
    last: str


@dataclass(frozen=True)
class Stopped:
    """The container does not run (any more); the log goes on when it is started."""

    state: str
    exit_code: int
    oom_killed: bool
    error: str
    finished_at: str


@dataclass(frozen=True)
class Ended:
    """The last item: `complete` without follow; `removed`; `started`, the container runs anew; `again`, the
    Engine ended the log although the container runs. In the last two cases open the log again.
    """

    reason: str


LogItem = Opened | Located | CaughtUp | Missed | Stopped | Ended | bytes


async def container_logs(actor: Actor, request: LogRequest) -> AsyncGenerator[LogItem, None]:
    """The log, as asked for; the last item is `Ended`.

    Raises Forbidden before any Engine call, NotFound, NotImplementedByEngine (501) for a log driver that
    cannot be read, and other EngineErrors.
    """
    authorise(actor, "container.logs")
    log = _Log(actor, request)
    yield await log.opened()
    if request.at:
        yield await log.located()
    async with contextlib.aclosing(log.read()) as items:
        async for item in items:
            yield item
    if not request.follow:
        yield await log.completed()
        return
    with hub.streams(actor).events.subscribe() as news:
        while not isinstance(outcome := await log.outcome(), Ended):
            if outcome is not None:
                yield outcome
            await _something_happens(news, log.id)
        yield outcome


class _Log:
    """One reading of one container's log."""

    def __init__(self, actor: Actor, request: LogRequest) -> None:
        self._actor = actor
        self._request = request
        self._follows = request.follow and request.until is None
        self._tail = request.tail
        self._started_at = ""
        self._opened = 0
        self._told: Stopped | None = None
        self._tty = False
        self.id = ""

    async def opened(self) -> Opened:
        found = await self._inspect(self._request.ref)
        config, state, host = (found.get(key) or {} for key in ("Config", "State", "HostConfig"))
        self.id, self._tty = str(found["Id"]), bool(config.get("Tty"))
        self._started_at = str(state.get("StartedAt") or "")
        name = str(found.get("Name") or "").lstrip("/")
        driver = str((host.get("LogConfig") or {}).get("Type") or "")
        self._opened = int(time.time() * 1000)
        return Opened(self.id, name, self._tty, str(state.get("Status") or ""), driver, self._opened)

    async def located(self) -> Located:
        """Find the time that was asked for."""
        at_ns = nanoseconds(self._request.at or "0")

        async def look(engine: AsyncEngine) -> int:
            return await locate(lambda tail: first_time(engine, self.id, tail, tty=self._tty), at_ns)

        self._tail = await self._perform(look) + self._request.before
        return Located(self._tail)

    async def read(self) -> AsyncGenerator[LogItem, None]:
        """Bytes to the end of the stream; when it is followed also that the past is over, and what was
        missed.
        """
        stream = await self._perform(self._open)
        if not self._follows:
            async with stream, contextlib.aclosing(Coalescer(stream).pieces()) as pieces:
                async for data in pieces:
                    yield data
            return
        request = self._request
        key = ("log", self.id, request.stdout, request.stderr, request.details)
        shared = followed_logs(hub.streams(self._actor))
        reader = LogReader(stream, tty=self._tty)
        items = shared.follow(key, reader, self._opened * 10**6, nanoseconds(request.since or "0"))
        async with contextlib.aclosing(items):
            async for item in items:
                if isinstance(item, bytes):
                    yield item
                elif isinstance(item, Gap):
                    yield Missed(item.count, to_seconds(item.first), to_seconds(item.last))
                else:
                    yield CaughtUp()

    async def completed(self) -> Ended:
        """The end of a log that was not followed: the connection alone cannot tell it from a cut."""
        try:
            await self._inspect(self.id)
        except NotFound:
            return Ended("removed")
        return Ended("complete")

    async def outcome(self) -> Stopped | Ended | None:
        """What the end of a followed log means; None when it has been told already."""
        try:
            found = await self._inspect(self.id)
        except NotFound:
            return Ended("removed")
        state = found.get("State") or {}
        if state.get("Running") or state.get("Restarting"):
            return Ended("again" if str(state.get("StartedAt")) == self._started_at else "started")
        stopped = Stopped(
            str(state.get("Status") or "exited"),
            int(state.get("ExitCode") or 0),
            bool(state.get("OOMKilled")),
            str(state.get("Error") or ""),
            str(state.get("FinishedAt") or ""),
        )
        if stopped == self._told:
            return None
        self._told = stopped
        return stopped

    async def _open(self, engine: AsyncEngine) -> ByteStream:
        request = self._request
        return await engine.container_logs(
            self.id,
            follow=request.follow,
            stdout=request.stdout,
            stderr=request.stderr,
            since=request.since,
            until=request.until,
            timestamps=True,
            tail=self._tail,
            details=request.details,
        )

    async def _inspect(self, ref: str) -> Json:
        found: Json = await self._perform(lambda engine: engine.json(_INSPECT, path={"id": ref}))
        return found

    async def _perform(self, call: Callable[[AsyncEngine], Awaitable[T]]) -> T:
        return await aperform(self._actor, "container.logs", target=self.id, call=call)


async def _something_happens(news: Subscription[FeedItem], id: str) -> None:
    """Return when the container may have been started or removed."""
    async for item in news:
        if isinstance(item, (Resync, Gap)):
            return
        if isinstance(item, Down):
            raise item.error
        if isinstance(item, Event) and item.id == id and item.action in _WAKES:
            return


def followed_logs(streams: hub.Streams) -> FollowedLogs:
    """The logs that are followed on these streams."""
    found: FollowedLogs | None = streams.extra.get("logs")
    if found is None:
        found = streams.extra["logs"] = FollowedLogs(streams.hub)
    return found
