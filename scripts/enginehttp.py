"""The few Engine API calls the launch scripts need before any dependency is installed.

Standard library only. Everything else in the project talks to the Engine through ``dockerui.engine``.
"""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any, Dict, Optional, Union
from urllib.parse import quote


class EngineConnection(http.client.HTTPConnection):
    """An HTTP connection over a unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class EngineAnswer(Exception):
    """The Engine refused a call."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__("%d: %s" % (status, message))
        self.status = status


def socket_path(docker_host: str) -> Optional[str]:
    """The path in a ``unix://`` address; None for any other form."""
    return docker_host[len("unix://") :] if docker_host.startswith("unix://") else None


def ping(path: str, timeout: float = 3.0) -> bool:
    """Does an Engine answer on this socket?"""
    connection = EngineConnection(path, timeout)
    try:
        connection.request("GET", "/_ping")
        return connection.getresponse().read() == b"OK"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def call(
    path: str,
    method: str,
    target: str,
    body: Union[bytes, Dict[str, Any], None] = None,
    timeout: float = 120.0,
) -> Any:
    """One API call: the decoded JSON answer, None when it is no JSON. Raises EngineAnswer, OSError."""
    content_type = "application/x-tar" if isinstance(body, bytes) else "application/json"
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    connection = EngineConnection(path, timeout)
    try:
        headers = {"Content-Type": content_type} if data is not None else {}
        connection.request(method, target, data, headers)
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise EngineAnswer(response.status, text.decode("utf-8", "replace").strip())
    try:
        return json.loads(text)
    except ValueError:
        return None


def image_exists(path: str, name: str) -> bool:
    """Does the Engine have this image?"""
    try:
        call(path, "GET", "/images/%s/json" % quote(name, safe=":"))
    except EngineAnswer as answer:
        if answer.status == 404:
            return False
        raise
    return True


def image_import(path: str, name: str, tar: bytes, command: str) -> None:
    """Make an image of a root file system (a tar); ``command`` is a JSON list. Raises EngineAnswer."""
    # The tag stays in the repository's name: Podman 4.3 ignores one beside it.
    query = "fromSrc=-&repo=%s&changes=%s" % (quote(name, safe=""), quote("CMD " + command))
    call(path, "POST", "/images/create?" + query, tar)
    if not image_exists(path, name):
        raise EngineAnswer(500, "the Engine took the image %s and does not have it" % name)
