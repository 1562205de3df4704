"""The audit log for admins."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dockerui.services import audit_log
from dockerui.services.audit_log import FILTERS
from dockerui.web.needs import actor_of, needs

OUTCOMES = ("started", "done", "failed", "cancelled", "refused")


@require_safe
@needs("audit.read")
def audit_list(request: HttpRequest) -> HttpResponse:
    """Newest first; filters in the address."""
    filters = _filters(request)
    page = audit_log.audit_list(actor_of(request), filters, request.GET.get("before", ""))
    kept = urlencode(filters)
    context = {
        "entries": page.entries,
        "filters": filters,
        "outcomes": OUTCOMES,
        "kept": kept,
        "older": f"?{urlencode({**filters, 'before': page.older})}" if page.older else "",
        "newer": f"?{kept}" if request.GET.get("before") else "",
    }
    return render(request, "audit/list.html", context)


@require_safe
@needs("audit.read")
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV."""
    rows = audit_log.audit_export(actor_of(request), _filters(request))
    name = f"audit-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8", headers=headers)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
