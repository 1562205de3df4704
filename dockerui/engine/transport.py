"""Synchronous calls: requests and requests-unixsocket, one pool of connections per endpoint.

Foreign exceptions end here: whatever requests, urllib3, ssl or the operating system raise leaves as an
EngineError. Streams never use this pool; they have connections of their own (`dockerui.engine.aio`).
"""

from __future__ import annotations

import http.client
import queue
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import orjson
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests_unixsocket.adapters import UnixAdapter, UnixHTTPConnectionPool

from .endpoint import TLS, Endpoint
from .errors import EngineError, EngineTimeout, EngineUnavailable, ProtocolError, api_error
from .operation import Request

_POOL = 32
_LARGEST_REPLY = 256 << 20
_PIECE = 64 << 10
_GARBLED = (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead, urllib3.exceptions.DecodeError)


@dataclass(frozen=True)
class Reply:
    """A whole answer. `headers` is case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The decoded body; None when there is none. Raises ProtocolError when it is not JSON."""
        if not self.body.strip():
            return None
        try:
            return orjson.loads(self.body)
        except ValueError as exc:
            raise ProtocolError("the Engine's answer is not JSON") from exc


class Transport:
    """Sends requests to one endpoint. Safe to use from several threads at once."""

    def __init__(self, endpoint: Endpoint, *, connect_timeout: float, read_timeout: float) -> None:
        self.endpoint = endpoint
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self._base, self._session = _session(endpoint)

    def send(self, request: Request, *, timeout: float | None = None) -> Reply:
        """Send and read the whole answer. `timeout` is in seconds, for the whole answer (None: the default).

        Raises ApiError for an error status; 304 (already started, already stopped) is success.
        """
        allowed = self.read_timeout if timeout is None else timeout
        deadline = time.monotonic() + allowed
        try:
            response = self._session.request(
                request.method,
                self._base + request.target,
                headers=dict(request.headers),
                data=request.body,
                timeout=(self.connect_timeout, allowed),
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = _read(response, deadline)
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
        ) as exc:
            # `from None`: the chain would carry the URL, whose query may hold build arguments.
            raise _wrapped(exc, self.endpoint) from None
        return _judge(response, body)

    def close(self) -> None:
        """Close idle connections. The transport can still be used afterwards."""
        self._session.close()


class _SocketPool(UnixHTTPConnectionPool):  # type: ignore[misc]  # the library has no types
    """Keeps as many connections as there are threads that call; the library's own keeps one."""

    def __init__(self, socket_path: str, timeout: float) -> None:
        super().__init__(socket_path, timeout)
        self.pool: queue.LifoQueue[Any] = queue.LifoQueue(_POOL)
        for _ in range(_POOL):
            self.pool.put(None)


class _SocketAdapter(UnixAdapter):  # type: ignore[misc]
    """One pool for the endpoint. The library's own makes one for every URL, so that little is ever reused."""

    def __init__(self, base: str, timeout: float) -> None:
        super().__init__(timeout)
        self._pool = _SocketPool(base, timeout)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> urllib3.HTTPConnectionPool:
        return self._pool

    def close(self) -> None:
        super().close()
        # A closed urllib3 pool cannot be used again; an Engine that came back can.
        self._pool.close()
        self._pool = _SocketPool(self._pool.socket_path, self.timeout)


def _session(endpoint: Endpoint) -> tuple[str, requests.Session]:
    session = requests.Session()
    # Proxies, ~/.netrc and CA bundles from the environment are not meant for an Engine.
    session.trust_env = False
    session.headers.clear()
    session.headers.update(
        {"User-Agent": "dockerui", "Accept-Encoding": "identity", "Accept": "application/json, */*"}
    )
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if endpoint.scheme == "unix":
        base = f"http+unix://{quote(endpoint.path, safe='')}"
        session.mount("http+unix://", _SocketAdapter(base, 60))
        return base, session
    session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=_POOL))
    session.mount("https://", HTTPAdapter(pool_connections=1, pool_maxsize=_POOL))
    if endpoint.tls:
        _use_tls(session, endpoint.tls)
    return endpoint.base_url, session


def _use_tls(session: requests.Session, tls: TLS) -> None:
    session.verify = (tls.ca or True) if tls.verify else False
    if not tls.verify:
        # Whoever configured this was told; a warning at every call would drown the log.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    if tls.cert:
        session.cert = (tls.cert, tls.key) if tls.key else tls.cert


def _read(response: requests.Response, deadline: float) -> bytes:
    pieces, size = [], 0
    # read1 returns what is there: the other ways to read wait for a whole piece, past any deadline.
    while piece := response.raw.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_REPLY:
            raise ProtocolError(f"the Engine's answer is larger than {_LARGEST_REPLY >> 20} MiB")
        if time.monotonic() > deadline:
            raise EngineTimeout("the Engine did not finish its answer in time")
    return b"".join(pieces)


def _judge(response: requests.Response, body: bytes) -> Reply:
    status = response.status_code
    if status >= 400:
        raise api_error(status, body, response.reason or "")
    if status >= 300 and status != 304:
        raise ProtocolError(f"the Engine answered with a redirect (status {status}), which is never followed")
    return Reply(status, response.headers, body)


def _wrapped(exc: Exception, endpoint: Endpoint) -> EngineError:
    """The one place where foreign exceptions become ours."""
    causes = _causes(exc)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return EngineUnavailable(f"TLS with {endpoint} failed: {cause.reason or cause}")
        # Before the time-outs: urllib3 files a refused connection under them.
        if isinstance(cause, OSError) and cause.strerror:
            return EngineUnavailable(f"cannot reach the Engine at {endpoint}: {cause.strerror.lower()}")
        if type(cause) is OSError:  # a TLS file that is not there; a socket path that is too long
            return EngineUnavailable(f"cannot reach the Engine at {endpoint}: {cause}")
    if _any(causes, requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
        return EngineUnavailable(f"no connection to {endpoint} in time")
    if _any(causes, requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError):
        return EngineTimeout(f"the Engine at {endpoint} did not answer in time")
    if _any(causes, *_GARBLED):
        return ProtocolError(f"the answer of the Engine at {endpoint} is cut or garbled")
    if _any(causes, http.client.RemoteDisconnected):
        return EngineUnavailable(f"the Engine at {endpoint} closed the connection without an answer")
    if _any(causes, http.client.HTTPException):
        return ProtocolError(f"what answers at {endpoint} does not speak HTTP")
    return EngineUnavailable(f"cannot reach the Engine at {endpoint}")


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(exc: BaseException) -> list[BaseException]:
    """The exception and all it wraps, outermost first: requests and urllib3 hide the cause in many places."""
    found: list[BaseException] = []
    todo: list[object] = [exc]
    while todo:
        item = todo.pop(0)
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            todo += [*item.args, item.__cause__, item.__context__, getattr(item, "reason", None)]
    return found
