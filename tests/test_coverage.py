"""docs/coverage.md is true: every parameter of the v1.24 specification is sent by a test on a real Engine,
from somewhere in the application. `make coverage` renews it.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

from dockerui.engine import OPERATIONS

ROOT = Path(__file__).resolve().parents[1]
RECORD: dict[str, dict[str, str]] = json.loads((ROOT / "tests" / "coverage.json").read_text())
SPEC = json.loads((ROOT / "tests" / "engine" / "spec_v1_24.json").read_text())
PLACES = {"query": "query", "filters": "filter", "headers": "header", "body": "body"}
BY_PATH = {f"{operation.method} {operation.path}": operation.name for operation in OPERATIONS.values()}


def rows() -> list[str]:
    """The keys of the record that the specification asks for."""
    wanted = []
    for entry in SPEC:
        name = BY_PATH[entry["operation"]]
        wanted.append(name)
        for listed, place in PLACES.items():
            wanted += [f"{name} {place}.{parameter}" for parameter in entry.get(listed, ())]
    return wanted


def page_module() -> Any:
    spec = importlib.util.spec_from_file_location("coverage_page", ROOT / "scripts" / "coverage_page.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_record_says() -> None:
    assert (ROOT / "docs" / "coverage.md").read_text() == page_module().page(RECORD)


def test_nothing_is_missing() -> None:
    assert not [key for key in rows() if not RECORD.get(key, {}).keys() >= {"from", "test"}]


def test_the_tests_it_names_exist() -> None:
    for entry in RECORD.values():
        path, _, name = entry["test"].partition("::")
        assert f"def {name.split('::')[-1]}(" in (ROOT / path).read_text(), entry["test"]
