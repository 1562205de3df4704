"""The health of a container: how it is checked, and what the latest probes said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .container_facts import Json, part
from .words import nanoseconds, shell_words


@dataclass(frozen=True)
class HealthCheck:
    """One probe; `output` is what its command printed."""

    start: str
    end: str
    exit_code: int
    output: str


@dataclass(frozen=True)
class HealthView:
    """`test` and `schedule` say in words how health is told; `log` has the latest probes, newest first."""

    status: str
    failing_streak: int
    test: str
    schedule: str
    log: tuple[HealthCheck, ...]


def health_view(state: Json, config: Json) -> HealthView | None:
    """Read `State` and `Config` of an inspect document; None for a container without a health check."""
    health = part(state, "Health") or part(state, "Healthcheck")
    if not health or health.get("Status") in (None, "", "none"):
        return None
    check = part(config, "Healthcheck")
    log = tuple(
        HealthCheck(
            entry.get("Start", ""),
            entry.get("End", ""),
            int(entry.get("ExitCode") or 0),
            entry.get("Output") or "",
        )
        for entry in reversed(health.get("Log") or ())
    )
    return HealthView(
        status=health["Status"],
        failing_streak=int(health.get("FailingStreak") or 0),
        test=_health_test(check.get("Test") or ()),
        schedule=_health_schedule(check),
        log=log,
    )


def _health_test(test: Any) -> str:
    if not test:
        return ""
    return " ".join(test[1:]) if test[0] == "CMD-SHELL" else shell_words(test[1:])


def _health_schedule(check: Json) -> str:
    every = nanoseconds(check.get("Interval") or 30_000_000_000)
    limit = nanoseconds(check.get("Timeout") or 30_000_000_000)
    tries = check.get("Retries") or 3
    words = f"every {every}, gives up after {limit}, unhealthy after " + (
        "one failure" if tries == 1 else f"{tries} failures in a row"
    )
    if start := check.get("StartPeriod"):
        words += f", failures in the first {nanoseconds(start)} do not count"
    return words
