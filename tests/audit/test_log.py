"""The audit log: append-only, whoever asks; neutral text."""

import pytest
from django.db import DatabaseError, connection, transaction

from dockerui import audit
from dockerui.access import Actor
from dockerui.audit.models import AppendOnly, AuditEntry
from dockerui.audit.text import clean, clean_detail

ACTOR = Actor("user", 7, "mira", frozenset())

pytestmark = pytest.mark.django_db


def test_it_keeps_who_what_and_how():
    audit.record(ACTOR, "container.start", "ab" * 32, "started", {"t": 5}, call="c1")
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.actor_name, entry.action) == (7, "mira", "container.start")
    assert (entry.target, entry.outcome, entry.detail, entry.call) == ("ab" * 32, "started", {"t": 5}, "c1")


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.update(outcome="done"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.get().delete(),
        lambda: AuditEntry.objects.get().save(),
    ],
)
def test_the_model_refuses_to_change_or_delete(change):
    audit.record(ACTOR, "container.start", "x", "failed")
    with pytest.raises(AppendOnly):
        change()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditentry SET outcome = 'done'", "DELETE FROM audit_auditentry"],
)
def test_the_database_refuses_too(statement):
    audit.record(ACTOR, "container.start", "x", "failed")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.get().outcome == "failed"


@pytest.mark.parametrize(
    "trick", ["a\r\nroot container.start: done", "a\x00b", "a\u202eb", "a\u2028b", "a\udc80b"]
)
def test_a_name_cannot_forge_an_entry(trick):
    audit.record(ACTOR, "container.rename", trick, "done", {trick: trick})
    entry = AuditEntry.objects.get()
    shown = entry.target + "".join(entry.detail) + "".join(entry.detail.values())
    assert shown.isprintable()
    assert "�" in entry.target


def test_long_text_is_cut():
    assert clean("x" * 400, 300) == "x" * 299 + "…"


def test_details_are_plain_values():
    detail = {"n": 1, "on": True, "none": None, "ids": ["a", "b"], "deep": {"k": 1}}
    assert clean_detail(detail) == {"n": 1, "on": True, "none": None, "ids": "a, b", "deep": "{'k': 1}"}
