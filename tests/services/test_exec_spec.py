"""What a browser may ask an exec to be."""

from __future__ import annotations

from typing import Any

import pytest

from dockerui.services.errors import BadInput
from dockerui.services.exec_spec import exec_spec


def test_nothing_asked_for_is_a_shell_with_a_tty() -> None:
    spec = exec_spec({})
    assert (spec.command, spec.tty, spec.privileged, spec.rows, spec.columns) == ((), True, False, 24, 80)


def test_everything_can_be_asked_for() -> None:
    spec = exec_spec(
        {
            "cmd": ["sh", "-c", "echo $X"],
            "user": "app:1000",
            "workdir": "/srv",
            "env": ["X=a=b\nc", "EMPTY="],
            "tty": False,
            "privileged": True,
            "detach_keys": "ctrl-p,q",
            "rows": 50,
            "cols": 200,
        }
    )
    assert spec.command == ("sh", "-c", "echo $X")
    assert (spec.user, spec.working_dir, spec.environment) == ("app:1000", "/srv", ("X=a=b\nc", "EMPTY="))
    assert (spec.tty, spec.privileged, spec.detach_keys) == (False, True, "ctrl-p,q")
    assert (spec.rows, spec.columns) == (50, 200)


@pytest.mark.parametrize("size", [0, -1, 1 << 32, 65536, "24", 1.5, None, True, [24]])
def test_what_cannot_be_a_size_is_an_old_terminal(size: Any) -> None:
    spec = exec_spec({"rows": size, "cols": size})
    assert (spec.rows, spec.columns) == (24, 80)


@pytest.mark.parametrize(
    "args",
    [
        {"cmd": "ls"},
        {"cmd": [1]},
        {"cmd": [" "]},
        {"cmd": ["a\0"]},
        {"cmd": ["\udcff"]},
        {"cmd": ["x"] * 257},
        {"cmd": ["x" * 40_000]},
        {"env": ["A"]},
        {"env": ["A B=c"]},
        {"env": "A=b"},
        {"env": ["A=b"] * 101},
        {"env": ["A=\0"]},
        {"user": "a b"},
        {"user": "a:b:c"},
        {"user": "\r\n"},
        {"user": 0.5},
        {"workdir": "srv"},
        {"workdir": "/a\0"},
        {"workdir": "/" + "x" * 5000},
        {"tty": 1},
        {"tty": "false"},
        {"privileged": "true"},
        {"detach_keys": "ctrl-é"},
        {"detach_keys": "ctrl-p,"},
    ],
)
def test_bad_input_is_refused_in_words(args: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"\w"):
        exec_spec(args)
