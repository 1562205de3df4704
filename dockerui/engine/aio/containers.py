"""Container calls that stream: logs, stats, attach, exec, wait, files."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from decimal import Decimal, InvalidOperation
from typing import Any

from dockerui.engine.api.base import mapping
from dockerui.engine.api.container_attach import CONTAINER_ATTACH, CONTAINER_ATTACH_WS
from dockerui.engine.api.container_files import (
    CONTAINER_ARCHIVE_GET,
    CONTAINER_ARCHIVE_PUT,
    CONTAINER_EXPORT,
)
from dockerui.engine.api.container_insight import CONTAINER_LOGS, CONTAINER_STATS
from dockerui.engine.api.container_lifecycle import CONTAINER_WAIT
from dockerui.engine.api.exec import EXEC_START
from dockerui.engine.errors import NotSupported
from dockerui.engine.protocol.websocket import Handshake

from .base import AsyncCaller
from .exchange import Terms, exchange
from .json_stream import JsonStream
from .streams import ByteStream, Duplex
from .websocket import WebsocketDuplex

_PODMAN_ROUNDING = Decimal("0.000001")
Time = int | float | str
"""Unix seconds; as text with up to nine decimals, see `protocol.logline.to_seconds`."""


class ContainerStreams(AsyncCaller):
    """Streams of containers and execs."""

    async def container_logs(
        self,
        id: str,
        *,
        follow: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        since: Time | None = None,
        until: Time | None = None,
        timestamps: bool = False,
        tail: int | None = None,
        details: bool = False,
        paced: bool = True,
    ) -> ByteStream:
        """Output of a container: stdcopy frames, or raw bytes when the container has a TTY; untouched.

        `tail` is a number of lines (None: all), `paced` reads with fewer wake-ups. Raises NotFound,
        NotImplementedByEngine for a log driver that cannot be read. `GET /containers/{id}/logs`
        """
        head_timeout = await self.prompt()
        query = {
            "follow": follow,
            "stdout": stdout,
            "stderr": stderr,
            "since": self._since(since),
            "until": until,
            "timestamps": timestamps,
            "tail": None if tail is None else str(tail),
            "details": details or None,
        }
        return await self.open(
            CONTAINER_LOGS, path={"id": id}, query=query, head_timeout=head_timeout, paced=paced
        )

    async def container_stats(
        self, id: str, *, stream: bool = True, one_shot: bool = False
    ) -> JsonStream[dict[str, Any]]:
        """Samples, about one a second; with `stream` off a single one.

        `one_shot` (ignored below API 1.41) does not wait for a second sample, so `precpu_stats` is empty.
        After a stop the samples go on, with a `read` of year 1. Raises NotFound. `GET /containers/{id}/stats`
        """
        shot = True if one_shot and CONTAINER_STATS.knows("one-shot", await self.version()) else None
        query = {"stream": stream, "one-shot": shot}
        answer = await self.open(
            CONTAINER_STATS, path={"id": id}, query=query, head_timeout=await self.prompt()
        )
        return JsonStream(answer, mapping)

    async def container_attach(
        self,
        id: str,
        *,
        stream: bool = True,
        logs: bool = False,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        detach_keys: str | None = None,
    ) -> Duplex:
        """Attach to the main process. Unread output blocks the container, so always read.

        A container that does not run hangs until it starts. Raises NotFound, Conflict when it is paused or
        restarting, BadParameter for bad `detach_keys`. `POST /containers/{id}/attach`
        """
        query = _attach_query(stream, logs, stdin, stdout, stderr, detach_keys)
        return await self.hijack(CONTAINER_ATTACH, path={"id": id}, query=query)

    async def container_attach_ws(
        self,
        id: str,
        *,
        stream: bool = True,
        logs: bool = False,
        stdin: bool = False,
        stdout: bool = True,
        stderr: bool = True,
        detach_keys: str | None = None,
    ) -> WebsocketDuplex:
        """Attach through the Engine's websocket: never multiplexed, stdout and stderr merge.

        Engines below API 1.42 attach all three streams whatever is asked for. Raises NotSupported on Podman,
        which has no such route, NotFound and Conflict. `GET /containers/{id}/attach/ws`
        """
        await self.version()
        if self.engine.server.is_podman:
            raise NotSupported("Podman has no attach/ws: attach without the websocket")
        handshake = Handshake()
        request = await self._request(
            CONTAINER_ATTACH_WS,
            path={"id": id},
            query=_attach_query(stream, logs, stdin, stdout, stderr, detach_keys),
        )
        terms = Terms(self.engine.connect_timeout, self.engine.timeout, upgrade=handshake.headers)
        with self._forgetting():
            answer = await exchange(self.endpoint, request, terms)
        try:
            handshake.check(answer.head)
        except BaseException:
            answer.pipe.close()
            raise
        return WebsocketDuplex(answer)

    async def exec_start(
        self,
        id: str,
        *,
        tty: bool,
        rows: int | None = None,
        columns: int | None = None,
    ) -> Duplex:
        """Run an exec and attach to it. `tty` must be what `exec_create` was given.

        `rows` and `columns` are sent where the Engine takes them (API 1.42). A missing binary is told in the
        output, with exit code 126. Raises NotFound, Conflict when the container is paused or the exec ran
        already. `POST /exec/{id}/start`
        """
        body: dict[str, Any] = {"Detach": False, "Tty": tty}
        if tty and rows and columns and EXEC_START.knows("ConsoleSize", await self.version()):
            body["ConsoleSize"] = [rows, columns]
        return await self.hijack(EXEC_START, path={"id": id}, body=body)

    async def container_wait(self, id: str, *, condition: str | None = None) -> dict[str, Any]:
        """Wait, for ever, until the container stops, and return `StatusCode` (and `Error`).

        `condition` is `not-running` (the default), `next-exit` or `removed` (API 1.30). Raises NotFound, also
        when it is removed by itself before the call arrives. `POST /containers/{id}/wait`
        """
        answer = await self.json(
            CONTAINER_WAIT, path={"id": id}, query={"condition": condition}, timeout=math.inf
        )
        return mapping(answer)

    async def container_archive_get(self, id: str, *, path: str) -> ByteStream:
        """A file or folder as an uncompressed tar. Raises NotFound. `GET /containers/{id}/archive`"""
        return await self.open(
            CONTAINER_ARCHIVE_GET, path={"id": id}, query={"path": path}, head_timeout=self.engine.timeout
        )

    async def container_archive_put(
        self,
        id: str,
        *,
        path: str,
        body: AsyncIterator[bytes],
        no_overwrite_dir_non_dir: bool | None = None,
        copy_uid_gid: bool | None = None,
    ) -> None:
        """Extract the tar that `body` yields into the existing folder `path`.

        Raises NotFound, BadParameter, Forbidden (read-only), and what `body` itself raises.
        `PUT /containers/{id}/archive`
        """
        query = {
            "path": path,
            "noOverwriteDirNonDir": no_overwrite_dir_non_dir,
            "copyUIDGID": copy_uid_gid,
        }
        stream = await self.open(CONTAINER_ARCHIVE_PUT, path={"id": id}, query=query, upload=body)
        async with stream:
            await stream.read_all()

    async def container_export(self, id: str) -> ByteStream:
        """The whole file system as a tar. Raises NotFound. `GET /containers/{id}/export`"""
        return await self.open(CONTAINER_EXPORT, path={"id": id})

    def _since(self, since: Time | None) -> Time | None:
        """Podman reads the time as a float, which may round it up by a quarter of a microsecond."""
        if since is None or not self.engine.server.is_podman:
            return since
        try:
            return str(max(Decimal(0), Decimal(str(since)) - _PODMAN_ROUNDING))
        except InvalidOperation:
            return since  # the declaration refuses it

    async def prompt(self) -> float | None:
        """How long the head of a stream may take: Podman holds it back until there is output."""
        await self.version()
        return None if self.engine.server.is_podman else self.engine.timeout


def _attach_query(
    stream: bool, logs: bool, stdin: bool, stdout: bool, stderr: bool, detach_keys: str | None
) -> dict[str, Any]:
    return {
        "stream": stream,
        "logs": logs,
        "stdin": stdin,
        "stdout": stdout,
        "stderr": stderr,
        "detachKeys": detach_keys,
    }
