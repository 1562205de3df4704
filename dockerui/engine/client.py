"""`Engine`: all calls of one Docker Engine (or Podman), synchronous, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .api import image_transfer as image_transfer  # declares the streaming image operations
from .api.container_attach import ContainerAttachApi
from .api.container_files import ContainerFileApi
from .api.container_insight import ContainerInsightApi
from .api.container_lifecycle import ContainerLifecycleApi
from .api.containers import ContainerApi
from .api.exec import ExecApi
from .api.images import ImageApi
from .api.networks import NetworkApi
from .api.system import SYSTEM_PING, SYSTEM_VERSION, SystemApi
from .api.volumes import VolumeApi
from .endpoint import Endpoint
from .errors import ApiError, EngineUnavailable, NotFound, NotSupported, ProtocolError
from .operation import Operation
from .transport import Reply, Transport
from .versions import ApiVersion, ServerInfo, choose, read_server


@dataclass(frozen=True)
class _Agreed:
    server: ServerInfo
    version: ApiVersion


class Engine(
    ContainerApi,
    ContainerLifecycleApi,
    ContainerInsightApi,
    ContainerFileApi,
    ContainerAttachApi,
    ExecApi,
    ImageApi,
    VolumeApi,
    NetworkApi,
    SystemApi,
):
    """One Engine. Nothing is sent until the first call, which also agrees on the API version.

    `timeout` and `connect_timeout` are in seconds; calls that wait by design (stop, restart, wait) extend
    theirs. After the Engine was unreachable the version is negotiated anew: it may have been upgraded.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float = 60.0, connect_timeout: float = 5.0) -> None:
        self.endpoint = endpoint
        self.timeout = timeout
        self.connect_timeout = connect_timeout
        self._transport = Transport(endpoint, connect_timeout=connect_timeout, read_timeout=timeout)
        self._lock = threading.Lock()
        self._agreed: _Agreed | None = None

    def __repr__(self) -> str:
        return f"<Engine {self.endpoint}>"

    @property
    def version(self) -> ApiVersion:
        """The API version in use; negotiates at the first look. Raises EngineError."""
        return self._agree().version

    @property
    def server(self) -> ServerInfo:
        """What the Engine is; negotiates at the first look. Raises EngineError."""
        return self._agree().server

    @property
    def negotiated(self) -> bool:
        """Whether the version is known, so that `version` answers without a call."""
        return self._agreed is not None

    def renegotiate(self) -> ApiVersion:
        """Forget the version and agree on it again, as after an Engine restart."""
        self.forget()
        return self.version

    def forget(self) -> None:
        """Forget the version; the next call negotiates."""
        self._agreed = None

    def ping(self) -> None:
        """`GET /_ping` without a version. Raises EngineError when the Engine is not there."""
        self._send(SYSTEM_PING, None)

    def close(self) -> None:
        """Close idle connections."""
        self._transport.close()

    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | bytes | None = None,
        timeout: float | None = None,
    ) -> Reply:
        if not self.negotiated:
            # Bad input is refused even when no Engine can be asked for its version.
            operation.request(None, path=path, query=query, headers=headers, body=body)
        request = operation.request(self.version, path=path, query=query, headers=headers, body=body)
        try:
            return self._transport.send(request, timeout=timeout)
        except EngineUnavailable:
            self.forget()
            raise
        except NotFound as exc:
            # Podman tells a route that it lacks by the form of the answer alone; one to HEAD has no form.
            if self.server.is_podman and not exc.structured and operation.method != "HEAD":
                raise NotSupported(f"this Podman ({self.server.version}) has no {operation.name}") from exc
            raise

    def _send(self, operation: Operation, version: ApiVersion | None) -> Reply:
        return self._transport.send(operation.request(version))

    def _ping_headers(self) -> Mapping[str, str]:
        try:
            return self._send(SYSTEM_PING, None).headers
        except ApiError as exc:
            raise EngineUnavailable(f"what answers at {self.endpoint} is no usable Engine: {exc}") from exc

    def _agree(self) -> _Agreed:
        agreed = self._agreed
        if agreed:
            return agreed
        with self._lock:
            if self._agreed is None:
                server = self._ask()
                self._agreed = _Agreed(server, choose(server))
            return self._agreed

    def _ask(self) -> ServerInfo:
        """`GET /version` says all; a proxy that hides it may still let `GET /_ping` through, with headers."""
        try:
            reply = self._send(SYSTEM_VERSION, None)
        except ApiError:
            return read_server(self._ping_headers(), {})
        body = reply.json()
        if not isinstance(body, dict):
            raise ProtocolError("what answers there is not an Engine: /version is not an object")
        return read_server(reply.headers, body)
