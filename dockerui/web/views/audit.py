"""The audit log for admins."""

from __future__ import annotations

import csv
from datetime import datetime
from io import StringIO

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from dockerui.audit.models import AuditEntry
from dockerui.services.errors import BadInput
from dockerui.web.needs import needs

PAGE = 100
EXPORTED = 100_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@needs("audit.read")
def audit_list(request: HttpRequest) -> HttpResponse:
    """Newest first; filters in the address."""
    entries = _filtered(request)
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries = entries.filter(pk__lt=int(before[:18]))
    rows = list(entries[: PAGE + 1])
    context = {
        "entries": rows[:PAGE],
        "more": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "query": request.GET,
    }
    return render(request, "audit/list.html", context)


@require_safe
@needs("audit.read")
def audit_export(request: HttpRequest) -> HttpResponse:
    """The same as CSV; cells that a spreadsheet would take for formulas are made text."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["time", "who", "action", "target", "outcome", "detail"])
    for entry in _filtered(request)[:EXPORTED]:
        cells = (
            entry.at.isoformat(),
            entry.actor_name,
            entry.action,
            entry.target,
            entry.outcome,
            str(entry.detail),
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    disposition = 'attachment; filename="audit.csv"'
    return HttpResponse(
        buffer.getvalue(), content_type="text/csv", headers={"Content-Disposition": disposition}
    )


def _filtered(request: HttpRequest) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.all()
    for name, lookup in (
        ("who", "actor_name__icontains"),
        ("action", "action__istartswith"),
        ("target", "target__icontains"),
    ):
        if value := request.GET.get(name, "").strip():
            entries = entries.filter(**{lookup: value[:150]})
    for name, lookup in (("since", "at__gte"), ("until", "at__lte")):
        if value := request.GET.get(name, "").strip():
            entries = entries.filter(**{lookup: _moment(value)})
    return entries


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise BadInput(f"“{text[:40]}” is not a time; write for example 2026-01-31 13:45.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
