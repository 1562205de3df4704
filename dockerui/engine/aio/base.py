"""What every asynchronous call builds on: the endpoint, the version, and three ways to make a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from dockerui.engine.client import Engine
from dockerui.engine.errors import EngineTimeout, EngineUnavailable
from dockerui.engine.operation import Operation, Request
from dockerui.engine.transport import Reply
from dockerui.engine.versions import ApiVersion

from .exchange import Terms, exchange, hijack
from .pacing import PACING, Pacing
from .streams import ByteStream, Duplex

Values = Mapping[str, Any]


class AsyncCaller:
    """Makes requests on connections of their own, with the endpoint and the API version of an `Engine`."""

    def __init__(self, engine: Engine, *, pacing: Pacing = PACING) -> None:
        self.engine = engine
        self.endpoint = engine.endpoint
        self.pacing = pacing

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.endpoint}>"

    async def version(self) -> ApiVersion:
        """The API version in use; negotiates in a thread at the first look. Raises EngineError."""
        if self.engine.negotiated:
            return self.engine.version
        return await asyncio.to_thread(lambda: self.engine.version)

    async def renegotiate(self) -> ApiVersion:
        """Agree on the API version again, as after an Engine restart. Raises EngineError."""
        return await asyncio.to_thread(self.engine.renegotiate)

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Values | None = None,
        headers: Values | None = None,
        body: Values | bytes | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Call `operation` and wait for the whole answer, without a thread.

        `timeout` is in seconds (None: the Engine's default; `math.inf`: for ever). Raises EngineError.
        """
        request = await self._request(operation, path=path, query=query, headers=headers, body=body)
        allowed = self.engine.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(None if allowed == float("inf") else allowed):
                async with await self._open(request, head_timeout=None) as stream:
                    return Reply(stream.status, stream.headers, await stream.read_all())
        except TimeoutError as error:
            raise EngineTimeout(f"the Engine at {self.endpoint} did not answer in time") from error

    async def json(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Values | None = None,
        headers: Values | None = None,
        body: Values | bytes | None = None,
        timeout: float | None = None,
    ) -> Any:
        """As `call`, and decode the answer; None for an empty one."""
        reply = await self.call(
            operation, path=path, query=query, headers=headers, body=body, timeout=timeout
        )
        return reply.json()

    async def open(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Values | None = None,
        headers: Values | None = None,
        body: Values | bytes | None = None,
        upload: AsyncIterator[bytes] | None = None,
        head_timeout: float | None = None,
        paced: bool = False,
    ) -> ByteStream:
        """Call `operation` and return its answer as a stream once the head is there.

        `upload` gives the request body piece by piece; `head_timeout` is in seconds (None: wait for ever, for
        calls whose head comes with their first output). `paced` reads bulk output with fewer wake-ups, see
        pacing.py.
        """
        request = await self._request(operation, path=path, query=query, headers=headers, body=body)
        return await self._open(request, head_timeout=head_timeout, upload=upload, paced=paced)

    async def hijack(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Values | None = None,
        body: Values | None = None,
    ) -> Duplex:
        """Call `operation` and take over its connection, whether the Engine upgrades (101) or not (200)."""
        request = await self._request(operation, path=path, query=query, body=body)
        with self._forgetting():
            answer = await exchange(
                self.endpoint, request, hijack(self.engine.connect_timeout, self.engine.timeout)
            )
        return Duplex(answer)

    async def _open(
        self,
        request: Request,
        *,
        head_timeout: float | None,
        upload: AsyncIterator[bytes] | None = None,
        paced: bool = False,
    ) -> ByteStream:
        terms = Terms(self.engine.connect_timeout, head_timeout, upload=upload)
        with self._forgetting():
            answer = await exchange(self.endpoint, request, terms)
        return ByteStream(answer, self.pacing if paced else None)

    async def _request(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Values | None = None,
        headers: Values | None = None,
        body: Values | bytes | None = None,
    ) -> Request:
        # Checked without a version first: bad input is refused even when no Engine can be asked for its
        # version.
        if not self.engine.negotiated:
            operation.request(None, path=path, query=query, headers=headers, body=body)
        return operation.request(await self.version(), path=path, query=query, headers=headers, body=body)

    def _forgetting(self) -> _Forgetting:
        return _Forgetting(self.engine)


class _Forgetting:
    """An Engine that could not be reached may come back as another version: forget the one agreed on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EngineUnavailable):
            self._engine.forget()
