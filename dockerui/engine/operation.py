"""Each Engine operation, declared once: method, path, parameters, API versions, permission.

The client call, the version gate, the permission check, the audit line and the coverage page all come from
these declarations. They stand next to their methods in `dockerui/engine/api/<object>.py`; `OPERATIONS`
holds them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from . import encoding
from .errors import InvalidArgument, NotSupported
from .versions import ApiVersion

Where = Literal["path", "query", "header", "body", "filter"]
Kind = Literal[
    "str",
    "bool",
    "int",
    "float",
    "time",
    "list",
    "map",
    "object",
    "array",
    "json",
    "auth",
    "any",
    "ref",
    "image",
]
Stream = Literal["raw", "json", "hijack", "tar", "ws"]


@dataclass(frozen=True)
class Param:
    """One parameter of an operation, named as the Engine names it.

    `kind` says how a Python value is checked and written: `time` is Unix seconds with up to nine decimals,
    `list` a repeated query key or a JSON list of strings, `json` a JSON document inside the query, `auth`
    one in base64url inside a header, `ref` and `image` parts of the path. Body names are dotted:
    `HostConfig.Memory`.
    `since` and `until` are the first and the last API version that know it; None means all that this client
    speaks.
    """

    name: str
    where: Where
    kind: Kind = "str"
    doc: str = ""
    since: ApiVersion | None = None
    until: ApiVersion | None = None
    required: bool = False


@dataclass(frozen=True)
class Request:
    """An HTTP request, complete but for connection headers (Host, Connection, Upgrade, lengths)."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def __repr__(self) -> str:
        # Query, headers and body may hold credentials, build arguments or environment values.
        return f"<Request {self.method} {self.target.partition('?')[0]}>"


@dataclass(frozen=True)
class Operation:
    """One Engine operation. See `request` for how a call becomes bytes.

    `permission` is `<object>.<verb>`; `mutates` says that a call is audited; `stream` says what the answer
    is when it is not one JSON document; `upload` says that the request body is a tar.
    """

    name: str
    method: str
    path: str
    params: tuple[Param, ...]
    permission: str
    mutates: bool
    since: ApiVersion | None = None
    until: ApiVersion | None = None
    stream: Stream | None = None
    upload: bool = False
    doc: str = ""

    @cached_property
    def declared(self) -> Mapping[Where, Mapping[str, Param]]:
        """The parameters by place and name."""
        places: dict[Where, dict[str, Param]] = {
            "path": {},
            "query": {},
            "header": {},
            "body": {},
            "filter": {},
        }
        for param in self.params:
            places[param.where][param.name] = param
        return places

    def request(
        self,
        version: ApiVersion | None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | bytes | None = None,
    ) -> Request:
        """Build the HTTP request for API `version` (None: no version prefix, before negotiation).

        Values of None are left out. Raises InvalidArgument for a value or a name that must not be sent, and
        NotSupported when `version` does not know the operation or a parameter that is given.
        """
        self._gate(self, self.name, version)
        target = encoding.path(self.path, self._known("path", path or {}, version))
        pairs = encoding.query(
            self._known("query", query or {}, version), self._filters(query or {}, version)
        )
        prefix = f"/v{version}" if version else ""
        sent = encoding.headers(self._known("header", headers or {}, version))
        payload: bytes | None
        if body is None or isinstance(body, bytes):
            payload = body
            if self.upload:
                sent.setdefault("Content-Type", "application/x-tar")
        else:
            encoding.check_body(
                self.declared["body"], body, lambda param: self._gate(param, param.name, version)
            )
            payload = encoding.json_bytes(body)
            sent["Content-Type"] = "application/json"
        return Request(self.method, prefix + target + (f"?{pairs}" if pairs else ""), sent, payload)

    def knows(self, name: str, version: ApiVersion) -> bool:
        """Whether `version` has the parameter called `name` (of any place)."""
        return any(p.name == name and _within(p, version) for p in self.params)

    def available(self, version: ApiVersion) -> bool:
        """Whether `version` has this operation."""
        return _within(self, version)

    def _known(
        self, where: Where, given: Mapping[str, Any], version: ApiVersion | None
    ) -> list[tuple[Param, Any]]:
        declared = self.declared[where]
        known = []
        for name, value in given.items():
            if value is None or (where == "query" and name == "filters" and self.declared["filter"]):
                continue
            if name not in declared:
                raise InvalidArgument(f"{self.name} has no {where} parameter {name[:60]!r}")
            self._gate(declared[name], name, version)
            known.append((declared[name], value))
        for name, param in declared.items():
            if param.required and given.get(name) is None:
                raise InvalidArgument(f"{self.name} needs {name}")
        return known

    def _filters(self, query: Mapping[str, Any], version: ApiVersion | None) -> dict[str, list[str]]:
        declared = self.declared["filter"]
        given = query.get("filters") if declared else None
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise InvalidArgument(f"{self.name}: filters must be a mapping of names to values")
        for name in given:
            if name not in declared:
                raise InvalidArgument(f"{self.name} has no filter {str(name)[:60]!r}")
            if given[name] is not None:
                self._gate(declared[name], f"filter {name}", version)
        return encoding.filters(given)

    def _gate(self, what: Param | Operation, name: str, version: ApiVersion | None) -> None:
        if version is None or _within(what, version):
            return
        label = self.name if what is self else f"{self.name}: {name}"
        if what.since and version < what.since:
            raise NotSupported(f"{label} needs Engine API {what.since}; this Engine speaks {version}")
        raise NotSupported(f"{label} ended with Engine API {what.until}; this Engine speaks {version}")


OPERATIONS: dict[str, Operation] = {}
"""Every declared operation by name. Filled when `dockerui.engine` is imported."""


def operation(
    name: str,
    method: str,
    path: str,
    *params: Param,
    doc: str,
    permission: str | None = None,
    mutates: bool | None = None,
    since: str | None = None,
    until: str | None = None,
    stream: Stream | None = None,
    upload: bool = False,
) -> Operation:
    """Declare an operation. The permission follows from the name (`container_start`: `container.start`), and
    whatever is not GET or HEAD mutates, unless said otherwise."""
    if name in OPERATIONS:
        raise ValueError(f"{name} is declared twice")
    declared = Operation(
        name=name,
        method=method,
        path=path,
        params=params,
        permission=permission or name.replace("_", ".", 1),
        mutates=method not in ("GET", "HEAD") if mutates is None else mutates,
        since=_version(since),
        until=_version(until),
        stream=stream,
        upload=upload,
        doc=doc,
    )
    OPERATIONS[name] = declared
    return declared


def ref(name: str, doc: str = "") -> Param:
    """A path parameter that is one segment: an id, or the name of a container, volume or network."""
    return Param(name, "path", "ref", doc, required=True)


def image_ref(
    name: str = "name", doc: str = "Image id, or reference with optional registry, tag, digest"
) -> Param:
    """A path parameter that is an image reference, which may hold slashes."""
    return Param(name, "path", "image", doc, required=True)


def query(
    name: str,
    kind: Kind = "str",
    doc: str = "",
    *,
    since: str | None = None,
    until: str | None = None,
    required: bool = False,
) -> Param:
    """A query parameter."""
    return Param(name, "query", kind, doc, _version(since), _version(until), required)


def header(name: str, kind: Kind = "str", doc: str = "", *, since: str | None = None) -> Param:
    """A header that is a parameter of the operation."""
    return Param(name, "header", kind, doc, _version(since))


def body(
    name: str, kind: Kind = "str", doc: str = "", *, since: str | None = None, until: str | None = None
) -> Param:
    """A field of the JSON body; nested fields are dotted."""
    return Param(name, "body", kind, doc, _version(since), _version(until))


def filter_(name: str, doc: str = "", *, since: str | None = None, until: str | None = None) -> Param:
    """A key of the `filters` query parameter."""
    return Param(name, "filter", "list", doc, _version(since), _version(until))


def _version(text: str | None) -> ApiVersion | None:
    return ApiVersion.parse(text) if text else None


def _within(what: Param | Operation, version: ApiVersion) -> bool:
    return not ((what.since and version < what.since) or (what.until and version > what.until))
