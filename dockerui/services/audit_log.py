"""Reading the audit log: newest first, filtered, one line per action."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from dockerui import audit
from dockerui.access import Actor, authorise
from dockerui.audit.models import AuditEntry
from dockerui.services.errors import BadInput

PAGE = 100
EXPORTED = 100_000  # rows of one CSV file
FILTERS = ("who", "action", "target", "outcome", "since", "until")
_LOOKUPS = {
    "who": "actor_name__icontains",
    "action": "action__istartswith",
    "target": "target__icontains",
    "outcome": "outcome",
    "since": "at__gte",
    "until": "at__lte",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Page:
    """Entries, and the number to go on from for older ones (None at the end)."""

    entries: list[AuditEntry]
    older: int | None


def audit_list(actor: Actor, filters: Mapping[str, str], before: str = "") -> Page:
    """One page of the log. Raises BadInput for a time that is none, Forbidden."""
    authorise(actor, "audit.read")
    entries = _filtered(filters)
    if before:
        entries = entries.filter(pk__lt=_number(before))
    rows = list(entries[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def audit_export(actor: Actor, filters: Mapping[str, str]) -> Iterator[str]:
    """The log as CSV, piece by piece. That it was exported is in the log too."""
    authorise(actor, "audit.read")
    entries = _filtered(filters)[:EXPORTED]
    audit.record(
        actor, "audit.export", "", "done", {name: filters[name] for name in FILTERS if filters.get(name)}
    )
    return _csv(entries)


def _csv(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["time", "who", "action", "target", "outcome", "detail", "call"])
    for entry in entries.iterator(chunk_size=500):
        detail = "; ".join(f"{key}={value}" for key, value in entry.detail.items())
        cells = [entry.at.isoformat(), entry.actor_name, entry.action, entry.target, entry.outcome, detail]
        writer.writerow([_inert(cell) for cell in (*cells, entry.call)])
        if buffer.tell() > 32_000:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _filtered(filters: Mapping[str, str]) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.all()
    for name in FILTERS:
        value = filters.get(name, "").strip()[:150]
        if value:
            entries = entries.filter(
                **{_LOOKUPS[name]: _moment(value) if name in ("since", "until") else value}
            )
    return entries


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadInput("The page to go on from is not a number.")
    return int(text)


def _moment(text: str) -> datetime:
    """A time, or the beginning of a day; UTC where no zone is given."""
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found = day = None
    if day:
        found = datetime(day.year, day.month, day.day)
    if found is None:
        raise BadInput(f"“{text[:40]}” is not a time; write for example 2026-01-31 13:45.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
