"""Containers: processes, changed files, logs, resource usage."""

from __future__ import annotations

from typing import Any

from dockerui.engine.operation import operation, query, ref

from .base import Caller, mapping, rows

_ID = ref("id", "Container id or name")

CONTAINER_TOP = operation(
    "container_top",
    "GET",
    "/containers/{id}/top",
    _ID,
    query("ps_args", doc="Arguments of ps; they must make it print a PID column"),
    doc="The processes of a running container.",
)
CONTAINER_CHANGES = operation(
    "container_changes",
    "GET",
    "/containers/{id}/changes",
    _ID,
    doc="Files added, changed and deleted since the image.",
)
CONTAINER_LOGS = operation(
    "container_logs",
    "GET",
    "/containers/{id}/logs",
    _ID,
    query("details", "bool", "The log driver's extra attributes before each line"),
    query("follow", "bool", "Keep the stream open"),
    query("stdout", "bool", "Standard output; one of the two must be asked for"),
    query("stderr", "bool", "Standard error; one of the two must be asked for"),
    query("since", "time", "Only lines from this time on"),
    query("until", "time", "Only lines before this time", since="1.35"),
    query("timestamps", "bool", "RFC 3339 time with nanoseconds before each line"),
    query("tail", doc="Only the last n lines, or all"),
    stream="raw",
    doc="Output of a container: stdcopy frames, or raw bytes with a TTY.",
)
CONTAINER_STATS = operation(
    "container_stats",
    "GET",
    "/containers/{id}/stats",
    _ID,
    query("stream", "bool", "Keep sampling, about once a second; true when absent"),
    query("one-shot", "bool", "Without waiting for a second sample; needs stream=0", since="1.41"),
    stream="json",
    doc="Resource usage of a container.",
)


class ContainerInsightApi(Caller):
    """Calls that look into a container."""

    def container_top(self, id: str, *, ps_args: str | None = None) -> dict[str, Any]:
        """The processes: `Titles` and `Processes`, rows of text.

        `ps_args` must make ps print a PID column (None: `-ef`). Raises NotFound, Conflict when it does not
        run.

        `GET /containers/{id}/top`
        """
        return mapping(self.json(CONTAINER_TOP, path={"id": id}, query={"ps_args": ps_args}))

    def container_changes(self, id: str) -> list[dict[str, Any]]:
        """Files that differ from the image: `Path` and `Kind` (0 changed, 1 added, 2 deleted). Raises
        NotFound.

        `GET /containers/{id}/changes`
        """
        return rows(self.json(CONTAINER_CHANGES, path={"id": id}))

    def container_stats_once(self, id: str, *, one_shot: bool = False) -> dict[str, Any]:
        """One sample; empty when Podman has none (a stopped container).

        The Engine takes one to two seconds, to fill in `precpu_stats`; with `one_shot` (API 1.41, else
        ignored) it leaves that empty, and newer Engines answer at once. Raises NotFound.

        `GET /containers/{id}/stats?stream=0`
        """
        shot = True if one_shot and CONTAINER_STATS.knows("one-shot", self.version) else None
        sample = self.json(CONTAINER_STATS, path={"id": id}, query={"stream": False, "one-shot": shot})
        return mapping(sample or {})
