"""What may be asked of the containers list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockerui.engine.api.containers import CONTAINER_LIST
from dockerui.services.board import Board, Snapshot
from dockerui.services.container_row import row_of
from dockerui.services.containers_list import FILTERS, ListView, make_query, parse
from dockerui.services.errors import BadInput

GOOD = {
    "status": "running", "health": "healthy", "exited": "137", "label": "a=b", "ancestor": "nginx:1",
    "network": "front", "volume": "/data", "before": "web", "since": "web", "name": "^/web$", "id": "abc",
    "publish": "80/tcp",
    "expose": "8000-8100", "isolation": "default", "is-task": "true",
}  # fmt: skip


def test_every_filter_that_the_client_declares_is_offered() -> None:
    assert set(FILTERS) == {param.name for param in CONTAINER_LIST.params if param.where == "filter"}


def test_every_filter_of_the_specification_is_offered() -> None:
    spec = json.loads((Path(__file__).parents[1] / "engine" / "spec_v1_24.json").read_text())
    assert "exited" in json.dumps(spec)
    for key in ("exited", "status", "label", "isolation", "ancestor", "before", "since", "volume", "network"):
        assert key in FILTERS


def test_good_values_pass_and_equal_questions_are_equal() -> None:
    query, _ = parse({key: [value] for key, value in GOOD.items()})
    assert query.engine_filters == {key: [value] for key, value in sorted(GOOD.items())}
    again, _ = parse({key: [value, value] for key, value in reversed(GOOD.items())})
    assert again == query
    assert hash(again) == hash(query)


def test_empty_fields_of_the_form_do_not_count() -> None:
    assert parse({"label": [""], "limit": [""], "size": [""]})[0] == make_query({})


BAD: dict[str, Any] = {
    "unknown key": {"nonsense": ["1"]},
    "braces": {"{": ["1"]},
    "state in capitals": {"status": ["RUNNING"]},
    "unknown state": {"status": ["up"]},
    "unknown health": {"health": ["ill"]},
    "exit code in words": {"exited": ["one"]},
    "exit code in other digits": {"exited": ["\u0661"]},
    "label without key": {"label": ["=x"]},
    "image with a space": {"ancestor": ["a b"]},
    "path as network": {"network": ["../info"]},
    "name with NUL": {"name": ["a\x00b"]},
    "name with newline": {"name": ["a\r\nb"]},
    "lone surrogate": {"name": ["\ud800"]},
    "long name": {"name": ["x" * 10_000]},
    "id of letters": {"id": ["xyz"]},
    "port 0": {"publish": ["0"]},
    "port 65536": {"publish": ["65536"]},
    "ports backwards": {"publish": ["90-80"]},
    "unknown protocol": {"expose": ["80/icmp"]},
    "isolation": {"isolation": ["none"]},
    "is-task": {"is-task": ["1"]},
    "two befores": {"before": ["a", "b"]},
    "too many": {"label": [str(n) for n in range(21)]},
    "limit 0": {"limit": ["0"]},
    "limit -5": {"limit": ["-5"]},
    "limit 1e12": {"limit": ["1000000000000"]},
    "view": {"view": ["broken"]},
    "sort": {"sort": ["-"]},
    "group": {"group": ["yes"]},
    "long text": {"q": ["x" * 513]},
}


@pytest.mark.parametrize("params", BAD.values(), ids=list(BAD))
def test_bad_values_are_refused_with_words(params: dict[str, list[str]]) -> None:
    with pytest.raises(BadInput, match=r"\w+ \w+"):
        parse(params)


def rows(*states: str) -> Snapshot:
    made = [
        row_of({"Id": f"{n:064x}", "Names": [f"/c{n}"], "Status": words}, now=0)
        for n, words in enumerate(states)
    ]
    return Snapshot({row.id: row for row in made})


@pytest.mark.parametrize(
    ("view", "shown"),
    [("all", "0123"), ("running", "0"), ("unhealthy", "1"), ("stopped", "23")],
)
def test_quick_views(view: str, shown: str) -> None:
    snapshot = rows("Up 1 second", "Up 1 second (unhealthy)", "Exited (0) 1 second ago", "Created")
    assert "".join(row.name[1:] for row in snapshot.rows.values() if ListView(view=view).shows(row)) == shown
    assert snapshot.counts[view] == len(shown)


def test_free_text_looks_for_every_word() -> None:
    (row,) = rows("Up 1 second").rows.values()
    assert ListView(q="C0").shows(row)
    assert not ListView(q="c0 missing").shows(row)


class TestBoard:
    def board(self, *numbers: int) -> Board:
        board = Board()
        board.replace([self.row(n) for n in numbers])
        return board

    def row(self, n: int, status: str = "Up 1 second", project: str = "p") -> Any:
        labels = {"com.docker.compose.project": project}
        return row_of({"Id": f"{n:064x}", "Names": [f"/c{n}"], "Status": status, "Labels": labels}, now=0)

    def test_a_newcomer_gets_everything(self) -> None:
        change = self.board(1, 2).since("")
        assert change is not None
        assert change.whole
        assert len(change.rows) == 2

    def test_whoever_has_seen_everything_gets_nothing(self) -> None:
        board = self.board(1)
        assert board.since(board.snapshot.seen) is None

    def test_others_get_what_they_missed_in_one_go(self) -> None:
        board = self.board(1, 2, 3)
        seen = board.snapshot.seen
        board.merge(["x"], [self.row(1, "Exited (0) 1 second ago")])
        board.merge([f"{2:064x}"], [])
        board.merge(["x"], [self.row(4)])
        change = board.since(seen)
        assert change is not None
        assert not change.whole
        assert {row.name for row in change.rows} == {"c1", "c4"}
        assert change.gone == ((f"{2:064x}", "p"),)
        assert board.since(seen) is change

    def test_a_place_of_another_board_means_everything(self) -> None:
        change = self.board(1).since("feedbeef.7")
        assert change is not None
        assert change.whole

    @pytest.mark.parametrize("seen", ["x", ".", "..", "9.9.9", "\u0661.\u0661", "-1.-1"])
    def test_nonsense_as_a_place_means_everything(self, seen: str) -> None:
        change = self.board(1).since(seen)
        assert change is not None
        assert change.whole

    def test_a_place_in_the_future_means_everything(self) -> None:
        board = self.board(1)
        change = board.since(f"{board.snapshot.epoch}.999")
        assert change is not None
        assert change.whole

    def test_groups_roll_up_and_say_when_they_are_gone(self) -> None:
        board = self.board(1, 2)
        seen = board.snapshot.seen
        group = board.snapshot.groups["p"]
        assert (group.running, group.total) == (2, 2)
        board.replace([])
        change = board.since(seen)
        assert change is not None
        assert change.groups == {"p": None}

    def test_too_many_removals_to_remember_mean_everything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dockerui.services.board.TOMBSTONES", 3)
        board = self.board(*range(10))
        seen = board.snapshot.seen
        for n in range(5):
            board.merge([f"{n:064x}"], [])
        change = board.since(seen)
        assert change is not None
        assert change.whole
