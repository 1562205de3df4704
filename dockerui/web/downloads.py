"""Answers that are files, streamed."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from dockerui.access import Actor
from dockerui.services.allowed import while_allowed
from dockerui.services.downloads import pieces
from dockerui.services.uploads import Download


def tar_response(actor: Actor, permission: str, download: Download, filename: str) -> StreamingHttpResponse:
    """A tar to be saved under `filename`; sent as it comes from the Engine, as fast as the browser takes it,
    and for as long as the actor has the permission.
    """
    sent = while_allowed(actor, permission, pieces(download))
    response = StreamingHttpResponse(sent, content_type="application/x-tar")
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["X-Accel-Buffering"] = "no"
    return response
