"""Every operation of the Engine API v1.24, with every parameter, is declared.

`spec_v1_24.json` is the inventory of that specification: operation, query parameters, keys of `filters`,
headers and fields of the JSON body.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockerui.engine import OLDEST, OPERATIONS, Operation

SPEC: list[dict[str, Any]] = json.loads((Path(__file__).parent / "spec_v1_24.json").read_text())
PLACES = {"query": "query", "filters": "filter", "headers": "header", "body": "body"}
DECLARED = {f"{op.method} {op.path}": op for op in OPERATIONS.values()}


def test_the_inventory_holds_all_56_operations() -> None:
    assert len(SPEC) == len({entry["operation"] for entry in SPEC}) == 56


@pytest.mark.parametrize("entry", SPEC, ids=lambda entry: str(entry["operation"]))
def test_an_operation_of_the_specification_is_declared_with_all_its_parameters(entry: dict[str, Any]) -> None:
    operation = DECLARED[entry["operation"]]
    assert operation.available(OLDEST)
    for listed, where in PLACES.items():
        known = {p.name for p in operation.params if p.where == where and (not p.since or p.since <= OLDEST)}
        assert set(entry.get(listed, [])) <= known


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda op: str(op.name))
def test_a_declaration_is_whole(operation: Operation) -> None:
    in_path = {part.strip("{}") for part in operation.path.split("/") if part.startswith("{")}
    assert in_path == {p.name for p in operation.params if p.where == "path"}
    assert operation.doc.endswith(".")
    assert operation.permission.count(".") == 1
    assert all(p.doc for p in operation.params if p.where != "path")
    keys = [(p.where, p.name) for p in operation.params]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda op: str(op.name))
def test_a_body_field_has_its_parents(operation: Operation) -> None:
    fields = {p.name: p for p in operation.params if p.where == "body"}
    for name in fields:
        parent = name.rpartition(".")[0]
        assert not parent or fields[parent].kind == "object" or parent == "NetworkingConfig"


def test_what_only_reads_is_not_said_to_mutate() -> None:
    reads = {name for name, op in OPERATIONS.items() if not op.mutates}
    assert reads >= {
        "container_list",
        "container_inspect",
        "container_logs",
        "container_wait",
        "system_events",
    }
    writes = set(OPERATIONS) - reads
    assert writes >= {
        "container_start",
        "container_attach",
        "container_attach_ws",
        "exec_start",
        "image_create",
    }
    assert all(op.mutates for op in OPERATIONS.values() if op.method in ("PUT", "DELETE"))
