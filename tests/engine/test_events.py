"""Events of all ages, Docker's and Podman's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerui.engine.errors import ProtocolError
from dockerui.engine.protocol.events import read_event

ID = "5745704abe9caa5"
S = 10**9
TIME = {"time": 1461943101, "timeNano": 1461943101301854122}
MODERN = {
    "Type": "container",
    "Action": "start",
    "Actor": {"ID": ID, "Attributes": {"image": "alpine", "name": "web"}},
}


def test_an_event_of_today() -> None:
    event = read_event({**MODERN, "scope": "local", **TIME})
    assert (event.type, event.action, event.detail, event.id) == ("container", "start", "", ID)
    assert (event.name, event.attributes["image"], event.scope) == ("web", "alpine", "local")
    assert event.time_ns == 1461943101301854122
    assert event.exit_code is None


def test_an_event_that_repeats_itself_in_the_old_fields() -> None:
    raw = {"status": "start", "id": ID, "from": "alpine", **MODERN, **TIME}
    event = read_event(raw)
    assert event == read_event({**MODERN, **TIME})
    assert event.raw is raw


def test_an_event_from_before_api_1_22() -> None:
    event = read_event({"status": "die", "id": ID, "from": "alpine:3", "time": 1461943101})
    assert (event.type, event.action, event.id, event.scope) == ("container", "die", ID, "local")
    assert event.attributes == {"image": "alpine:3"}
    assert event.time_ns == 1461943101 * S


def test_an_image_event_from_before_api_1_22() -> None:
    event = read_event({"status": "pull", "id": "alpine:3", **TIME})
    assert (event.type, event.action, event.id) == ("image", "pull", "alpine:3")


@pytest.mark.parametrize(
    ("action", "name", "detail"),
    [
        ("exec_create: sh -c echo a: b ", "exec_create", "sh -c echo a: b"),
        ("exec_start: true ", "exec_start", "true"),
        ("health_status: healthy", "health_status", "healthy"),
        ("health_status: unhealthy", "health_status", "unhealthy"),
        ("top", "top", ""),
    ],
)
def test_what_follows_the_colon_is_the_detail(action: str, name: str, detail: str) -> None:
    event = read_event({**MODERN, "Action": action, **TIME})
    assert (event.action, event.detail) == (name, detail)


@pytest.mark.parametrize(
    "podman",
    [
        {"HealthStatus": "unhealthy"},
        {"Actor": {"ID": ID, "Attributes": {"health_status": "unhealthy"}}},
        {"Actor": {"ID": ID, "Attributes": {"HealthStatus": "unhealthy"}}},
    ],
)
def test_podman_says_the_health_elsewhere(podman: dict[str, Any]) -> None:
    event = read_event({**MODERN, **TIME, "Action": "health_status", "status": "health_status", **podman})
    assert (event.action, event.detail) == ("health_status", "unhealthy")


@pytest.mark.parametrize(
    ("type", "said", "meant"),
    [
        ("container", "remove", "destroy"),
        ("container", "exec", "exec_start"),
        ("container", "exec_died", "exec_die"),
        ("volume", "remove", "destroy"),
        ("image", "remove", "delete"),
        ("network", "remove", "remove"),
        ("container", "cleanup", "cleanup"),
    ],
)
def test_podmans_words_become_dockers(type: str, said: str, meant: str) -> None:
    event = read_event({"Type": type, "Action": said, "Actor": {"ID": ID}, **TIME})
    assert event.action == meant
    assert event.raw["Action"] == said


@pytest.mark.parametrize(("code", "number"), [("137", 137), ("0", 0), ("x", None)])
def test_die_has_an_exit_code(code: str, number: int | None) -> None:
    raw = {**MODERN, "Action": "die", "Actor": {"ID": ID, "Attributes": {"exitCode": code}}, **TIME}
    assert read_event(raw).exit_code == number


def test_null_attributes_are_none() -> None:
    assert read_event({**MODERN, "Actor": {"ID": "v", "Attributes": None}, **TIME}).attributes == {}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "start",
        {},
        TIME,
        {"Action": 7, **TIME},
        {"Action": "", **TIME},
        MODERN,
        {**MODERN, "time": "now"},
        {**MODERN, "time": True},
    ],
)
def test_what_is_no_event_is_told(raw: Any) -> None:
    with pytest.raises(ProtocolError):
        read_event(raw)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(), scalars, max_size=2)
names = st.sampled_from(
    ["Type", "Action", "Actor", "status", "id", "from", "scope", "time", "timeNano", "HealthStatus"]
)


@given(st.dictionaries(names, values | st.fixed_dictionaries({"ID": values, "Attributes": values})))
def test_no_object_whatever_raises_anything_else(raw: dict[str, Any]) -> None:
    try:
        event = read_event(raw)
    except ProtocolError:
        return
    assert event.action == event.action.strip()
