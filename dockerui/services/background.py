"""Work that runs beside requests on the server's event loop: started once, kept running, ended in order.

A service module that needs such work declares it::

    @background.worker("history", roles={"worker"})
    async def collect_history() -> None: ...      # runs until it is cancelled

A worker that fails is logged and started again after a pause that doubles up to ``PAUSE_MAX`` seconds. One
that returns is finished. The server room calls ``start`` and ``stop``; so does the ASGI lifespan under other
servers.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)

WEB, WORKER = "web", "worker"
ROLES = {"web": frozenset({WEB}), "worker": frozenset({WORKER}), "all": frozenset({WEB, WORKER})}

PAUSE_FIRST = 1.0  # seconds before a failed worker starts again
PAUSE_MAX = 60.0
HEALTHY_AFTER = 60.0  # seconds a worker must have run for the pause to begin anew

Run = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Worker:
    """Declared work; ``roles`` are the kinds of process (``web``, ``worker``) it belongs to."""

    name: str
    roles: frozenset[str]
    run: Run


_workers: dict[str, Worker] = {}
_tasks: list[asyncio.Task[None]] = []


def worker(name: str, *, roles: set[str]) -> Callable[[Run], Run]:
    """Declare a coroutine function as background work of the processes with one of the roles."""

    def declare(run: Run) -> Run:
        _workers[name] = Worker(name, frozenset(roles), run)
        return run

    return declare


async def start(role: str = "all") -> None:
    """Start the work of a process with this role: ``web``, ``worker`` or ``all``. Call once per process."""
    wanted = ROLES[role]
    for work in _workers.values():
        if work.roles & wanted:
            _tasks.append(asyncio.create_task(_keep_running(work), name=f"background {work.name}"))


async def stop() -> None:
    """Cancel all work and wait until it is gone."""
    tasks = list(_tasks)
    _tasks.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_running(work: Worker) -> None:
    pause = PAUSE_FIRST
    while True:
        started = time.monotonic()
        try:
            await work.run()
        except Exception:
            logger.exception("background work %s failed", work.name)
        else:
            return
        if time.monotonic() - started > HEALTHY_AFTER:
            pause = PAUSE_FIRST
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_MAX)
