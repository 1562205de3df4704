"""Progress documents of pull, push, build and load."""

from __future__ import annotations

from typing import Any

import pytest

from dockerui.engine.errors import ProtocolError
from dockerui.engine.protocol.progress import read_progress


def test_a_layer_that_is_downloaded() -> None:
    step = read_progress(
        {"status": "Downloading", "progressDetail": {"current": 5, "total": 9}, "id": "ab", "progress": "[=>"}
    )
    assert (step.id, step.status, step.current, step.total, step.error) == ("ab", "Downloading", 5, 9, "")


@pytest.mark.parametrize("detail", [{}, None, {"current": -1, "total": True}, {"hidecounts": True}, []])
def test_unknown_counts_are_none(detail: Any) -> None:
    step = read_progress({"status": "Waiting", "progressDetail": detail})
    assert (step.current, step.total) == (None, None)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ({"errorDetail": {"code": 1, "message": "no space"}, "error": "no space"}, "no space"),
        ({"errorDetail": {"message": "no space"}}, "no space"),
        ({"error": "no space"}, "no space"),
        ({"errorDetail": {"code": 1}}, "the Engine reported an error"),
        ({"stream": "ok"}, ""),
        ({"stream": "ok", "error": None, "errorDetail": None}, ""),
    ],
)
def test_the_error_that_ends_the_work(raw: dict[str, Any], error: str) -> None:
    assert read_progress(raw).error == error


@pytest.mark.parametrize(
    ("raw", "image"),
    [
        ({"aux": {"ID": "sha256:ab"}}, "sha256:ab"),
        ({"stream": "Successfully built 12ab\n"}, "12ab"),
        ({"stream": "Loaded image ID: sha256:ab\n"}, "sha256:ab"),
        ({"stream": "Step 1/2 : FROM x\n"}, ""),
        ({"aux": "base64", "id": "moby.buildkit.trace"}, ""),
        ({"aux": {"Tag": "1", "Digest": "sha256:cd", "Size": 5}}, ""),
    ],
)
def test_the_image_that_was_made(raw: dict[str, Any], image: str) -> None:
    assert read_progress(raw).image_id == image


@pytest.mark.parametrize("raw", [None, [], "text", 5])
def test_what_is_no_object_is_told(raw: Any) -> None:
    with pytest.raises(ProtocolError):
        read_progress(raw)
