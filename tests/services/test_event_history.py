"""What the overview of a container tells of its past."""

from __future__ import annotations

import pytest

from dockerui.access import Actor
from dockerui.access.roles import permissions_of
from dockerui.engine.protocol.events import Event, read_event
from dockerui.services import event_history, events

ADMIN = Actor("user", 1, "mira", permissions_of("admin"), "")


def event(second: int, action: str) -> Event:
    actor = {"ID": "a" * 64, "Attributes": {"name": "web", "exitCode": "3"}}
    return read_event(
        {"Type": "container", "Action": action, "Actor": actor, "time": second, "timeNano": second * 10**9}
    )


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Event]]:
    """What the Engine and the server's own log remember."""
    known: dict[str, list[Event]] = {"engine": [], "log": []}
    monkeypatch.setattr(event_history, "_of_engine", lambda actor, container: known["engine"])
    monkeypatch.setattr(events, "remembered", lambda actor, container: known["log"])
    return known


def times(limit: int = 30) -> list[float]:
    return [found.time for found in event_history.recent(ADMIN, "a" * 64, limit=limit)]


def test_what_the_engine_has_forgotten_comes_from_the_log(past: dict[str, list[Event]]) -> None:
    past["engine"] = [event(5, "die"), event(6, "start")]
    past["log"] = [event(1, "start"), event(3, "die"), event(5, "die")]
    assert times() == [6, 5, 3, 1]
    assert times(limit=2) == [6, 5]


def test_a_health_that_goes_up_and_down_does_not_hide_the_restarts(past: dict[str, list[Event]]) -> None:
    flapping = [event(n, f"health_status: {('un' * (n % 2))}healthy") for n in range(10, 90)]
    past["engine"] = [event(1, "start"), *flapping, *[event(n, "exec_start: probe") for n in range(10, 90)]]
    assert times() == [*range(89, 89 - event_history.HEALTH_CHANGES, -1), 1]
