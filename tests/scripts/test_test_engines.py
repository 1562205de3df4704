"""`make test-engines`: which Engines it takes, and what its table counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import test_engines as script  # type: ignore[import-not-found]
from console import Problem


def test_without_names_it_takes_every_engine_it_can_start() -> None:
    assert {"docker", "docker-26", "docker-28", "podman-trixie"} <= set(script.chosen([]))


def test_an_address_is_an_engine_that_is_up_and_stays_so() -> None:
    (kind,) = script.chosen(["mine=unix:///run/some.sock"]).values()
    assert kind.start() == "unix:///run/some.sock"
    assert kind.stop() is None


def test_an_unknown_name_is_told_with_what_there_is() -> None:
    with pytest.raises(Problem, match="docker-99"):
        script.chosen(["docker-99"])


def test_an_engine_that_does_not_answer_is_not_a_failure_of_the_tests(tmp_path: Path) -> None:
    (kind,) = script.chosen([f"away=unix://{tmp_path}/none.sock"]).values()
    verdict = script.test("away", kind, [])
    assert verdict.result.startswith("not available")
    assert verdict.row("away").startswith("away ")


def test_errors_count_as_failures(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10"/></testsuites>'
    )
    assert script.counts(report) == (4, 3, 3)
    assert script.counts(tmp_path / "none.xml") == (0, 0, 0)
