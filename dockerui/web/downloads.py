"""Answers that are files, streamed."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from dockerui.services.downloads import pieces
from dockerui.services.uploads import Download


def tar_response(download: Download, filename: str) -> StreamingHttpResponse:
    """A tar to be saved under `filename`; sent as it comes from the Engine and as fast as the browser takes
    it.
    """
    response = StreamingHttpResponse(pieces(download), content_type="application/x-tar")
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["X-Accel-Buffering"] = "no"
    return response
