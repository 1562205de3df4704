"""Events in words, and what may be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from dockerui.access.masking import MASK
from dockerui.engine.protocol.events import Event, read_event
from dockerui.services.errors import BadInput
from dockerui.services.event_query import FILTERS, make_query, parse
from dockerui.services.event_words import raw, sentence, tell, tone

ID = "f" * 64


def event(type_: str, action: str, /, **attributes: str) -> Event:
    return read_event(
        {
            "Type": type_,
            "Action": action,
            "Actor": {"ID": ID, "Attributes": attributes},
            "timeNano": 1_700_000_000 * 10**9,
        }
    )


SENTENCES = {
    ("container", "start", "web-1"): "web-1 started",
    ("container", "create", "web-1"): "web-1 was created from nginx:1",
    ("container", "oom", "web-1"): "web-1 ran out of memory",
    ("container", "health_status: unhealthy", "web-1"): "web-1 is unhealthy",
    ("container", "rename", "web-2"): "web-1 was renamed to web-2",
    ("container", "kill", "web-1"): "web-1 was sent SIGTERM",
    ("container", "die", "web-1"): "web-1 exited with code 137 (SIGKILL)",
    ("image", "pull", "nginx:1"): "Image nginx:1 was pulled",
    ("volume", "mount", "data"): "Volume data was mounted in c0ffee at /data",
    ("network", "connect", "front"): "c0ffee was connected to network front",
    ("daemon", "reload", "host"): "The Engine host read its configuration again",
    ("plugin", "enable", "p"): "Plugin p was enabled",
    ("container", "prune", ""): "Stopped containers were removed, 1.5 KiB freed",
    ("service", "update", "api"): "Service api: update",
    ("container", "new-thing", "web-1"): "Container web-1: new-thing",
}
ATTRIBUTES = {
    "image": "nginx:1", "oldName": "/web-1", "signal": "15", "exitCode": "137", "container": "c0ffee",
    "destination": "/data", "reclaimed": "1536",
}  # fmt: skip


@pytest.mark.parametrize(("key", "words"), SENTENCES.items(), ids=lambda value: str(value)[:40])
def test_an_event_is_a_sentence(key: tuple[str, str, str], words: str) -> None:
    type_, action, name = key
    assert sentence(event(type_, action, name=name, **ATTRIBUTES)) == words


def test_a_container_without_name_is_its_short_id() -> None:
    assert sentence(event("container", "start")) == f"{ID[:12]} started"


def test_braces_and_markup_in_names_stay_what_they_are() -> None:
    assert sentence(event("container", "start", name="{detail}<b>%s")) == "{detail}<b>%s started"


def test_names_are_told_from_words() -> None:
    assert tell(event("container", "start", name="web-1")).pieces == (("web-1", True), (" started", False))


def test_exec_command_lines_are_masked_unless_revealed() -> None:
    secret = event("container", "exec_start: sh -c 'login --password hunter2'", name="web-1")
    assert "hunter2" not in sentence(secret)
    assert MASK in sentence(secret)
    assert "hunter2" not in str(raw(secret))
    assert "hunter2" in sentence(secret, reveal=True)
    assert "hunter2" in str(raw(secret, reveal=True))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (event("container", "die", exitCode="0"), "info"),
        (event("container", "die", exitCode="1"), "bad"),
        (event("container", "exec_die", exitCode="1"), "warn"),
        (event("container", "exec_die", exitCode="0"), "quiet"),
        (event("container", "health_status: unhealthy"), "bad"),
        (event("container", "start"), "ok"),
    ],
)
def test_the_tone_says_how_much_it_matters(made: Event, expected: str) -> None:
    assert tone(made) == expected


def test_every_filter_of_the_specification_is_taken() -> None:
    given = {key: ["local" if key == "scope" else "container" if key == "type" else "x"] for key in FILTERS}
    assert make_query(given).engine_filters == {key: sorted(values) for key, values in sorted(given.items())}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", 1_699_999_100),
        ("2h", 1_699_992_800),
        ("1700000000.5", 1_700_000_000.5),
        ("2023-11-14T22:13:20Z", 1_700_000_000),
    ],
)
def test_times_are_ages_seconds_or_dates(text: str, seconds: float) -> None:
    assert make_query({}, since=text, now=1_700_000_000).since == seconds


BAD: list[dict[str, Any]] = [
    {"filters": {"nonsense": ["x"]}},
    {"filters": {"container": "x"}},
    {"filters": {"container": [1]}},
    {"filters": {"container": [""]}},
    {"filters": {"container": ["a\x00b"]}},
    {"filters": {"container": ["\ud800"]}},
    {"filters": {"label": ["x" * 513]}},
    {"filters": {"label": [str(n) for n in range(21)]}},
    {"filters": {"type": ["CONTAINER"]}},
    {"filters": {"event": ["$(reboot)"]}},
    {"filters": {"scope": ["global"]}},
    {"filters": {}, "since": "yesterday"},
    {"filters": {}, "since": "-1"},
    {"filters": {}, "since": ["1"]},
    {"filters": {}, "since": "1e999"},
    {"filters": {}, "since": "100", "until": "100"},
]


@pytest.mark.parametrize("asked", BAD, ids=str)
def test_bad_questions_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        make_query(**asked)


def test_the_page_refuses_parameters_it_does_not_know() -> None:
    with pytest.raises(BadInput):
        parse({"utm_source": ["x"]})
