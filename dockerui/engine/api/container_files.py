"""Containers: files, in and out, as tar archives."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dockerui.engine.errors import ProtocolError
from dockerui.engine.operation import operation, query, ref

from .base import Caller

_ID = ref("id", "Container id or name")
_PATH = query("path", doc="Path inside the container, from its root", required=True)
_MODE_DIR, _MODE_SYMLINK = 1 << 31, 1 << 27
PATH_STAT = "X-Docker-Container-Path-Stat"

CONTAINER_ARCHIVE_INFO = operation(
    "container_archive_info",
    "HEAD",
    "/containers/{id}/archive",
    _ID,
    _PATH,
    doc="What is at a path inside a container.",
)
CONTAINER_ARCHIVE_GET = operation(
    "container_archive_get",
    "GET",
    "/containers/{id}/archive",
    _ID,
    _PATH,
    stream="tar",
    doc="A file or folder of a container, as a tar.",
)
CONTAINER_ARCHIVE_PUT = operation(
    "container_archive_put",
    "PUT",
    "/containers/{id}/archive",
    _ID,
    query("path", doc="Existing folder to extract into", required=True),
    query("noOverwriteDirNonDir", "bool", "Refuse to replace a folder by a file and the other way round"),
    query("copyUIDGID", "bool", "Keep the owners of the archive", since="1.30"),
    upload=True,
    doc="Extract a tar into a folder of a container.",
)
CONTAINER_EXPORT = operation(
    "container_export",
    "GET",
    "/containers/{id}/export",
    _ID,
    stream="tar",
    doc="The whole file system of a container, as a tar.",
)


@dataclass(frozen=True)
class PathStat:
    """What is at a path inside a container. `size` in bytes, `mode` as Go's FileMode, `mtime` in RFC 3339."""

    name: str
    size: int
    mode: int
    mtime: str
    link_target: str

    @property
    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return bool(self.mode & _MODE_DIR)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return bool(self.mode & _MODE_SYMLINK)


def read_path_stat(headers: Mapping[str, str]) -> PathStat:
    """Decode the header that archive answers carry: standard base64 of JSON. Raises ProtocolError."""
    try:
        decoded: Any = orjson.loads(base64.b64decode(headers.get(PATH_STAT) or "", validate=True))
        return PathStat(
            name=str(decoded["name"]),
            size=int(decoded["size"]),
            mode=int(decoded["mode"]),
            mtime=str(decoded["mtime"]),
            link_target=str(decoded.get("linkTarget") or ""),
        )
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ProtocolError(f"the Engine's {PATH_STAT} header cannot be read") from exc


class ContainerFileApi(Caller):
    """Calls about files that answer at once."""

    def container_archive_info(self, id: str, *, path: str) -> PathStat:
        """What is at `path`. Raises NotFound for the container and for the path.

        `HEAD /containers/{id}/archive`
        """
        return read_path_stat(
            self.call(CONTAINER_ARCHIVE_INFO, path={"id": id}, query={"path": path}).headers
        )
