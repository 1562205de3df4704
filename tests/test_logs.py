"""Log lines: found by the request's number, one line each, without secrets."""

from __future__ import annotations

import logging

import pytest

from dockerui.logs import LineFormatter, redact, request_number

CANARY = "canary-3141592653"


def line(message: str, *args: object, exc_info: object = None) -> str:
    record = logging.LogRecord("dockerui.test", logging.WARNING, __file__, 1, message, args, exc_info)  # type: ignore[arg-type]
    return LineFormatter().format(record)


def test_it_carries_the_number_of_the_request():
    token = request_number.set("3f9c0a7be1d2")
    try:
        assert "WARNING dockerui.test [3f9c0a7be1d2] it broke" in line("it %s", "broke")
    finally:
        request_number.reset(token)
    assert "[-] it broke" in line("it broke")


@pytest.mark.parametrize(
    "text",
    [
        f"GET /setup/{CANARY} failed",
        f"GET /setup/{CANARY}?next=/ failed",
        f"http://127.0.0.1:8000/setup/{CANARY}",
        f"postgres://me:{CANARY}@db/ui",
        f"/wall?token={CANARY}&x=1",
        f"/x?a=1&share_token={CANARY}",
        f"X-Registry-Auth: {CANARY}",
        f"{{'Authorization': 'Bearer {CANARY}'}}",
        f"Cookie: dockerui={CANARY}",
    ],
)
def test_it_hides_secrets(text):
    assert CANARY not in redact(text)
    assert CANARY not in line("%s", text)


def test_it_hides_them_in_tracebacks_too():
    try:
        raise ValueError(f"postgres://me:{CANARY}@db/ui")
    except ValueError as error:
        shown = line("failed", exc_info=(ValueError, error, error.__traceback__))
    assert "ValueError" in shown
    assert CANARY not in shown


def test_a_message_cannot_forge_a_second_line():
    shown = line("no container %s", "x\r\n2026-01-01 00:00:00,000 INFO all is well\x1b[2J")
    assert len(shown.splitlines()) == 1
    assert "\x1b" not in shown


def test_other_text_stays():
    assert redact("the Engine answered 500: no space left on device (key=value)") == (
        "the Engine answered 500: no space left on device (key=value)"
    )
