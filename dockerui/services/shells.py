"""Which shell a container has: found by looking at its files, without running anything in it."""

from __future__ import annotations

import asyncio

from dockerui.engine.aio import AsyncEngine
from dockerui.engine.errors import ApiError
from dockerui.engine.operation import OPERATIONS

CANDIDATES = (
    "/bin/bash",
    "/usr/bin/bash",
    "/usr/local/bin/bash",
    "/bin/sh",
    "/usr/bin/sh",
    "/busybox/sh",
)
WINDOWS = ("cmd.exe",)
LAST_RESORT = ("sh",)


async def find_shell(engine: AsyncEngine, container: str) -> tuple[str, ...]:
    """The command of the best shell: bash, else sh. Where none is found it is `sh`, whose failure tells why.

    Raises NotFound for a container that is gone. `HEAD /containers/{id}/archive`
    """
    await engine.version()
    if engine.engine.server.os == "windows":
        return WINDOWS
    found = await asyncio.gather(*(_exists(engine, container, path) for path in CANDIDATES))
    return next(((path,) for path, there in zip(CANDIDATES, found, strict=True) if there), LAST_RESORT)


async def _exists(engine: AsyncEngine, container: str, path: str) -> bool:
    operation = OPERATIONS["container_archive_info"]
    try:
        await engine.call(operation, path={"id": container}, query={"path": path})
    except ApiError:  # not there, or this Engine does not tell: then another candidate serves
        return False
    return True
