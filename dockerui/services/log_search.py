"""Searching whole logs of several containers on the server: matches as they come, progress, cancellable."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from dockerui.access import Actor, authorise
from dockerui.engine.aio import AsyncEngine, ByteStream
from dockerui.engine.errors import EngineError
from dockerui.engine.operation import OPERATIONS
from dockerui.services.door import aperform
from dockerui.services.errors import BadInput, describe
from dockerui.services.log_request import LogRequest, log_request
from dockerui.services.log_scan import Found, Scanner, compile_query
from dockerui.services.log_sources import MOST_SOURCES

AT_ONCE = 4  # logs that are read at the same time
MOST_MATCHES = 1_000
BUFFER = 256 << 10
REPORT_EVERY = 0.25  # seconds
_INSPECT = OPERATIONS["container_inspect"]


@dataclass(frozen=True)
class SearchRequest:
    """What to look for, where. `query` is compiled."""

    logs: tuple[LogRequest, ...]
    query: Any


@dataclass(frozen=True)
class Matches:
    """Matching lines of the log number `source`."""

    source: int
    found: list[Found]


@dataclass(frozen=True)
class Progress:
    """How far the search has come: `done` from 0 to 1, estimated by time; lines looked at so far."""

    done: float
    lines: int


@dataclass(frozen=True)
class Skipped:
    """The log number `source` could not be read, and why."""

    source: int
    message: str


@dataclass(frozen=True)
class Finished:
    """The last item; `complete`, or `limit`: there are more matches than are shown."""

    reason: str


SearchItem = Matches | Progress | Skipped | Finished


def search_request(args: Mapping[str, Any]) -> SearchRequest:
    """Read what a browser asks. Raises BadInput."""
    ids = args.get("ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_SOURCES:
        raise BadInput(f"Search one to {MOST_SOURCES} containers.")
    regex, case = args.get("regex", False), args.get("case", False)
    if not isinstance(regex, bool) or not isinstance(case, bool):
        raise BadInput("regex and case must be true or false.")
    shared = {name: args[name] for name in ("stdout", "stderr", "since", "until") if name in args}
    logs = tuple(log_request({**shared, "id": id}) for id in ids)
    return SearchRequest(logs, compile_query(args.get("query"), regex=regex, case=case))


async def log_search(actor: Actor, request: SearchRequest) -> AsyncGenerator[SearchItem, None]:
    """Search; the last item is `Finished`. Closing the generator ends it at once. Raises Forbidden.

    `GET /containers/{id}/logs`
    """
    authorise(actor, "container.logs")
    search = _Search(actor, request)
    async with search.running():
        async for item in search.items():
            yield item


class _Search:
    def __init__(self, actor: Actor, request: SearchRequest) -> None:
        self._actor = actor
        self._request = request
        self._queue: asyncio.Queue[Matches | Skipped] = asyncio.Queue(maxsize=2 * AT_ONCE)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._scanners: dict[int, Scanner] = {}
        self._over: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Readers at work; cancelled at the end."""
        logs = enumerate(self._request.logs)
        self._tasks = [asyncio.create_task(self._read(i, log), name="log search") for i, log in logs]
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def items(self) -> AsyncGenerator[SearchItem, None]:
        """What the readers find, and how far they are."""
        count, reported = 0, time.monotonic()
        while len(self._over) < len(self._tasks) or not self._queue.empty():
            with contextlib.suppress(TimeoutError):
                item = await asyncio.wait_for(self._queue.get(), REPORT_EVERY)
                count += len(item.found) if isinstance(item, Matches) else 0
                yield item
            if count >= MOST_MATCHES:
                yield Finished("limit")
                return
            if time.monotonic() - reported >= REPORT_EVERY:
                reported = time.monotonic()
                yield self._progress()
        for task in self._tasks:
            await task  # a reader that failed unexpectedly must not look like one that found nothing
        yield self._progress()
        yield Finished("complete")

    async def _read(self, source: int, log: LogRequest) -> None:
        try:
            async with self._slots:
                stream, tty = await aperform(
                    self._actor, "container.logs", target=log.ref, call=lambda engine: _open(engine, log)
                )
                scanner = self._scanners[source] = Scanner(self._request.query, tty=tty)
                async with stream:
                    await self._scan(source, scanner, stream)
        except EngineError as error:
            await self._queue.put(Skipped(source, describe(error, self._actor).message))
        finally:
            self._over.add(source)

    async def _scan(self, source: int, scanner: Scanner, stream: ByteStream) -> None:
        last = False
        while not last:
            data = await _buffer(stream)
            last = not data
            # In a thread: a buffer takes milliseconds, and keystrokes of terminals share this loop.
            found = await asyncio.to_thread(scanner.feed, data, last=last)
            if found:
                await self._queue.put(Matches(source, found))

    def _progress(self) -> Progress:
        now = time.time_ns()
        shares = [self._share(source, now) for source in range(len(self._tasks))]
        return Progress(sum(shares) / len(shares), sum(scanner.lines for scanner in self._scanners.values()))

    def _share(self, source: int, now: int) -> float:
        scanner = self._scanners.get(source)
        if source in self._over:
            return 1.0
        if scanner is None or not scanner.first_ns or now <= scanner.first_ns:
            return 0.0
        return min(1.0, max(0.0, (scanner.last_ns - scanner.first_ns) / (now - scanner.first_ns)))


async def _open(engine: AsyncEngine, log: LogRequest) -> tuple[ByteStream, bool]:
    found = await engine.json(_INSPECT, path={"id": log.ref})
    stream = await engine.container_logs(
        str(found["Id"]),
        stdout=log.stdout,
        stderr=log.stderr,
        since=log.since,
        until=log.until,
        timestamps=True,
    )
    return stream, bool((found.get("Config") or {}).get("Tty"))


async def _buffer(stream: ByteStream) -> bytes:
    """A large piece of the stream: what is there, up to `BUFFER` bytes; empty at the end."""
    parts = [await stream.read()]
    size = len(parts[0])
    while parts[-1] and size < BUFFER:
        more = stream.read_now()
        if not more:
            break
        parts.append(more)
        size += len(more)
    return b"".join(parts)
