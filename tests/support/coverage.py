"""Records which test sends which parameter of which Engine operation, and from where in the application.

On with `RECORD_COVERAGE=1` (`make coverage`); `tests/coverage.json` is what docs/coverage.md is made of.
Only tests on the real Engine count. Where a request comes from is a page (its URL's name), a topic of the
websocket, or a sort of job.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

RECORD = Path(__file__).resolve().parents[1] / "coverage.json"
WANTED = os.environ.get("RECORD_COVERAGE") == "1"

_origin: ContextVar[str] = ContextVar("origin", default="")
_test = ""
_found: dict[str, dict[str, str]] = {}


def given(operation: Any, query: Any, headers: Any, body: Any) -> list[str]:
    """The parameters of one request as `place.name`; body fields and filters one by one."""
    names = [f"header.{name}" for name, value in (headers or {}).items() if value is not None]
    for name, value in (query or {}).items():
        if value is None:
            continue
        if name == "filters" and operation.declared["filter"]:
            names += [f"filter.{key}" for key, values in value.items() if values is not None]
        names.append(f"query.{name}")
    if isinstance(body, Mapping):
        names += [f"body.{name}" for name in _fields(operation.declared["body"], body, "")]
    return names


def _fields(declared: Mapping[str, Any], body: Mapping[str, Any], prefix: str) -> list[str]:
    names = []
    for key, value in body.items():
        name = f"{prefix}{key}"
        if name in declared and value is not None:
            names.append(name)
        if isinstance(value, Mapping):
            names += _fields(declared, value, f"{name}.")
    return names


def _note(operation: Any, names: list[str]) -> None:
    origin = _origin.get()
    for key in (operation.name, *(f"{operation.name} {name}" for name in names)):
        entry = _found.setdefault(key, {})
        # A test through the application says more than one of the client alone.
        if "test" not in entry or (origin and "from" not in entry):
            entry["test"] = _test
        if origin:
            entry.setdefault("from", origin)


def _wrap_requests() -> None:
    from dockerui.engine.operation import Operation

    original = Operation.request

    def request(
        self: Any, version: Any, *, path: Any = None, query: Any = None, headers: Any = None, body: Any = None
    ) -> Any:
        made = original(self, version, path=path, query=query, headers=headers, body=body)
        if _test:
            _note(self, given(self, query, headers, body))
        return made

    Operation.request = request  # type: ignore[method-assign]


def _wrap_origins() -> None:
    from django.core.handlers.base import BaseHandler

    from dockerui.services.job_runner import JobRunner
    from dockerui.ws.channel import Channel

    resolve, run, work = BaseHandler.resolve_request, Channel._run, JobRunner._work
    respond, respond_async = BaseHandler.get_response, BaseHandler.get_response_async

    def resolve_request(self: Any, request: Any) -> Any:
        match = resolve(self, request)
        _origin.set(f"page {match.url_name}")
        return match

    def answered(response: Any) -> Any:
        # What the test itself asks the Engine afterwards does not come from the page.
        if response.streaming:
            response._resource_closers.append(lambda: _origin.set(""))
        else:
            _origin.set("")
        return response

    def get_response(self: Any, request: Any) -> Any:
        return answered(respond(self, request))

    async def get_response_async(self: Any, request: Any) -> Any:
        return answered(await respond_async(self, request))

    async def run_channel(self: Any) -> None:
        _origin.set(f"topic {self.topic.name}")
        await run(self)

    async def work_job(self: Any, job: Any, live: Any) -> None:
        _origin.set(f"job {job.kind}")
        await work(self, job, live)

    BaseHandler.resolve_request = resolve_request  # type: ignore[method-assign]
    BaseHandler.get_response = get_response  # type: ignore[method-assign]
    BaseHandler.get_response_async = get_response_async  # type: ignore[method-assign]
    Channel._run = run_channel  # type: ignore[method-assign]
    JobRunner._work = work_job  # type: ignore[method-assign]


if WANTED:

    @pytest.fixture(autouse=True)
    def _record_coverage(request: pytest.FixtureRequest) -> Iterator[None]:
        global _test
        real = {"engine", "aengine", "docker_host", "make_container", "labels"} & set(request.fixturenames)
        _test = request.node.nodeid.split("[")[0] if real else ""
        _origin.set("")
        yield
        _test = ""

    def pytest_sessionstart(session: pytest.Session) -> None:
        """Start to listen."""
        _wrap_requests()
        _wrap_origins()

    def pytest_sessionfinish(session: pytest.Session) -> None:
        """Add what was seen to what is known; a full run replaces it."""
        with RECORD.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # several workers end at about the same time
            file.seek(0)
            known = json.loads(file.read() or "{}")
            for key, entry in _found.items():
                known[key] = {**known.get(key, {}), **entry}
            file.truncate(0)
            file.write(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
