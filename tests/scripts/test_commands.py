"""The commands of the project say what they are, and CI calls the same ones."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import bootstrap
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [target for target in phony[1].split() if f"make {target} " not in shown] == []


def test_ci_calls_the_targets_that_people_call() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^make (\S+)$", script, re.M) == ["test", "check"]


def test_a_stamp_fits_until_its_files_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    source = tmp_path / "lock.txt"
    source.write_text("one")
    bootstrap.Stamp(tmp_path / "stamp", bootstrap.digest([source])).set()
    assert bootstrap.Stamp(tmp_path / "stamp", bootstrap.digest([source])).fits()
    source.write_text("two")
    assert not bootstrap.Stamp(tmp_path / "stamp", bootstrap.digest([source])).fits()


def test_lock_files_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(), lock
