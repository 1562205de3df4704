"""Rows of the containers list, from what Engines of any age say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockerui.engine.errors import ProtocolError
from dockerui.services.container_row import changed_at, row_of, rows_of, settled

NOW = 1_700_000_000
ID = "ab" * 32


def row(**fields: Any) -> Any:
    return row_of({"Id": ID, "Names": ["/web"], "Image": "nginx", "State": "running", **fields}, now=NOW)


STATUS: dict[str, tuple[str, str, int | None, int]] = {
    "Up Less than a second": ("running", "", None, 0),
    "Up 1 second": ("running", "", None, 1),
    "Up 59 seconds (healthy)": ("running", "healthy", None, 59),
    "Up About a minute (unhealthy)": ("running", "unhealthy", None, 60),
    "Up 3 minutes (health: starting)": ("running", "starting", None, 180),
    "Up About an hour": ("running", "", None, 3600),
    "Up 47 hours": ("running", "", None, 47 * 3600),
    "Up 6 days": ("running", "", None, 6 * 86400),
    "Up 2 weeks": ("running", "", None, 14 * 86400),
    "Up 3 months (Paused)": ("paused", "", None, 90 * 86400),
    "Up 2 years": ("running", "", None, 730 * 86400),
    "Exited (0) 5 minutes ago": ("exited", "", 0, 300),
    "Exited (137) About an hour ago": ("exited", "", 137, 3600),
    "Exited (-1) 2 days ago": ("exited", "", -1, 172800),
    "Restarting (3) 4 seconds ago": ("restarting", "", 3, 4),
}


@pytest.mark.parametrize(("words", "expected"), STATUS.items())
@pytest.mark.parametrize("told", [True, False], ids=["with State", "without State"])
def test_the_words_give_state_health_code_and_time(
    words: str, expected: tuple[str, str, int | None, int], told: bool
) -> None:
    state, health, code, age = expected
    made = row(Status=words, State=state if told else "")
    assert (made.state, made.health, made.exit_code, made.since) == (state, health, code, NOW - age)


@pytest.mark.parametrize(
    ("words", "state"), [("Created", "created"), ("Dead", "dead"), ("Removal In Progress", "removing")]
)
def test_states_without_a_beginning(words: str, state: str) -> None:
    made = row(Status=words, State="")
    assert (made.state, made.since, made.exit_code) == (state, 0, None)


def test_health_of_newer_engines_comes_from_its_own_field() -> None:
    assert row(Status="Up 1 second", Health={"Status": "unhealthy", "FailingStreak": 3}).health == "unhealthy"


def test_podmans_words() -> None:
    assert row(Status="Up 5 minutes ago", State="running").since == NOW - 300


def test_a_failing_health_check_outranks_running() -> None:
    assert row(Status="Up 1 second (unhealthy)").badge == "unhealthy"
    assert row(Status="Up 1 second (healthy)").badge == "running"
    assert row(Status="Up 1 second (Paused)", State="paused").badge == "paused"


def test_the_name_is_not_that_of_a_link() -> None:
    assert row(Names=["/other/alias", "/web-1"]).name == "web-1"
    assert row(Names=None).name == ID[:12]


def test_ipv4_and_ipv6_are_one_port_and_bound_addresses_stay() -> None:
    ports = [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "127.0.0.1", "PrivatePort": 443, "PublicPort": 9000, "Type": "tcp"},
        {"PrivatePort": 53, "PublicPort": 53, "Type": "udp", "IP": "0.0.0.0"},
        {"PrivatePort": 9999, "Type": "tcp"},
    ]
    made = row(Ports=ports)
    assert [(port.public, port.ip, port.scheme, port.is_link) for port in made.ports] == [
        (53, "", "http", False),
        (8080, "", "http", True),
        (9000, "127.0.0.1", "https", True),
    ]
    assert made.exposed == ("9999/tcp",)


def test_nulls_are_taken_as_nothing() -> None:
    made = row(Ports=None, Labels=None, NetworkSettings=None, Mounts=None, Command=None, Status=None)
    assert (made.ports, made.project, made.networks, made.mounts) == ((), "", (), ())


@pytest.mark.parametrize("answer", [{}, "x", [1], [{"Names": []}], [None]])
def test_what_is_no_list_is_a_protocol_error(answer: Any) -> None:
    with pytest.raises(ProtocolError):
        rows_of(answer)


def test_looking_again_does_not_move_the_time() -> None:
    first = changed_at(row(Status="Up 2 hours"), NOW - 7300)
    later = row_of(
        {"Id": ID, "Names": ["/web"], "Image": "nginx", "State": "running", "Status": "Up 2 hours"},
        now=NOW + 600,
    )
    assert settled(later, first) == first
    assert settled(later, first).version == first.version


def test_a_restart_between_two_looks_moves_the_time() -> None:
    before, after = row(Status="Up 6 days"), row(Status="Up 3 seconds")
    assert settled(after, before).since == NOW - 3


def test_the_version_follows_what_is_shown() -> None:
    made = row()
    assert made.version == row().version
    assert made.version != replace(made, name="other").version
