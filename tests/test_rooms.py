"""What import-linter cannot say: parts of packages that some rooms must not touch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "dockerui"


def imports(room: str) -> dict[str, str]:
    """Every `from … import` and `import …` of a room, with the file that has it."""
    return {
        found: str(path.relative_to(ROOT))
        for path in (ROOT / room).rglob("*.py")
        for found in re.findall(r"^\s*(?:from|import) ([\w.]+)", path.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("module", ["django.http", "django.shortcuts", "django.template", "django.views"])
def test_services_know_nothing_of_requests_and_pages(module: str) -> None:
    assert {name: where for name, where in imports("services").items() if name.startswith(module)} == {}


def test_no_room_runs_a_shell() -> None:
    for path in ROOT.rglob("*.py"):
        assert not re.search(r"shell=True|os\.system|os\.popen|\bpty\.spawn", path.read_text()), path
