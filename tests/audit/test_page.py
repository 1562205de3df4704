"""The audit log as admins read it."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.test import Client

from dockerui import audit
from dockerui.access import Actor
from dockerui.services import audit_log

pytestmark = pytest.mark.django_db

MIRA = Actor("user", 7, "mira", frozenset())
TOM = Actor("user", 8, "tom", frozenset())


@pytest.fixture(autouse=True)
def entries(db: None) -> None:
    audit.record(MIRA, "container.start", "ab" * 32, "started", call="c1")
    audit.record(MIRA, "container.start", "ab" * 32, "done", call="c1")
    audit.record(TOM, "image.remove", "busybox:1", "failed", {"error": "in use"}, call="c2")


def shown(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/audit/{query}").context["entries"]
    return [f"{entry.actor_name} {entry.action} {entry.outcome}" for entry in page if entry.call]


def test_newest_first(admin_client):
    assert shown(admin_client) == [
        "tom image.remove failed",
        "mira container.start done",
        "mira container.start started",
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?who=mir", 2),
        ("?action=image.", 1),
        ("?target=busy", 1),
        ("?outcome=done", 1),
        ("?who=mira&outcome=failed", 0),
        ("?since=2020-01-01", 3),
        ("?since=2020-01-01T10:00:00Z&until=2021-01-01 10:00", 0),
        ("?until=2999-01-01", 3),
    ],
)
def test_filters(admin_client, query, count):
    assert len(shown(admin_client, query)) == count


@pytest.mark.parametrize(
    "query", ["?since=yesterday", "?until=2026-13-45", "?before=x", "?before=-1", "?before=" + "9" * 40]
)
def test_a_filter_that_makes_no_sense(admin_client, query):
    assert admin_client.get(f"/audit/{query}").status_code == 400


def test_pages(admin_client, monkeypatch):
    monkeypatch.setattr(audit_log, "PAGE", 2)
    first = admin_client.get("/audit/?who=o")
    assert first.context["older"] == ""
    first = admin_client.get("/audit/?action=container")
    assert first.context["older"] == ""
    first = admin_client.get("/audit/")
    assert len(first.context["entries"]) == 2
    second = admin_client.get("/audit/" + first.context["older"])
    assert second.context["entries"][0].pk < first.context["entries"][-1].pk


def test_viewers_may_not(viewer_client):
    assert viewer_client.get("/audit/").status_code == 403
    assert viewer_client.get("/audit/export").status_code == 403


def test_the_export_has_the_same_rows(admin_client):
    answer = admin_client.get("/audit/export?who=mira&action=container")
    rows = list(csv.DictReader(StringIO(b"".join(answer).decode())))
    assert [(row["action"], row["outcome"]) for row in rows] == [
        ("container.start", "done"),
        ("container.start", "started"),
    ]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_is_a_formula(admin_client, start):
    audit.record(TOM, "container.rename", f"{start}cmd|' /C calc'!A0", "done", call="evil")
    rows = list(csv.DictReader(StringIO(b"".join(admin_client.get("/audit/export")).decode())))
    [evil] = [row for row in rows if row["call"] == "evil"]
    assert evil["target"][0] not in "=+-@\t"


def test_who_exports_is_written_down(admin_client):
    b"".join(admin_client.get("/audit/export?who=tom"))
    entry = next(iter(admin_client.get("/audit/?action=audit.export").context["entries"]))
    assert (entry.actor_name, entry.detail) == ("admin", {"who": "tom"})


def test_text_is_text(admin_client):
    audit.record(
        TOM, "container.rename", "<script>alert(1)</script>", "done", {"to": "<img src=x onerror=alert(1)>"}
    )
    page = admin_client.get("/audit/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
