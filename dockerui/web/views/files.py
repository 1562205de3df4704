"""The files of a container, and of a volume through its helper: look, edit, upload, download."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dockerui.engine.errors import EngineError, NotFound
from dockerui.services import (
    container_page,
    file_download,
    file_edit,
    file_extract,
    file_upload,
    files,
    volume_helper,
    volumes,
)
from dockerui.services.allowed import while_allowed
from dockerui.services.errors import BadInput, Problem, describe
from dockerui.services.file_places import Place, clean_path, name_of, parent
from dockerui.services.file_text import TextFile
from dockerui.services.files import Found
from dockerui.web.bodies import body_of
from dockerui.web.file_controls import controls, language, way
from dockerui.web.needs import actor_of, needs, wants_json

_VERBS = ("download", "upload", "extract", "edit")


@dataclass(frozen=True)
class Where:
    """A place, its own page around the files, and the addresses of what can be done there."""

    kind: str
    ref: str
    place: Place
    page: dict[str, Any] = field(default_factory=dict)

    def url(self, verb: str, path: str) -> str:
        """Of a verb, or of the list itself."""
        name = f"{self.kind}-files" if verb == "browse" else f"{self.kind}-file-{verb}"
        return f"{reverse(name, args=[self.ref])}?{urlencode({'path': path})}"

    def hides(self, path: str) -> str:
        """What is mounted at or above the path that the Engine's archive calls do not reach, as no tmpfs."""
        detail = self.page.get("container")
        own = [m.destination for m in detail.mounts if m.type == "tmpfs"] if detail else []
        hidden = (*own, "/proc", "/sys", "/dev") if detail else ()
        return next((at for at in hidden if path == at or path.startswith(f"{at}/")), "")

    @property
    def urls(self) -> dict[str, str]:
        """Of everything, to be followed by a path."""
        return {verb: self.url(verb, "") for verb in ("browse", *_VERBS)}


Finder = Callable[[HttpRequest, str], Awaitable[Where]]


async def _container(request: HttpRequest, ref: str) -> Where:
    detail = await sync_to_async(container_page.detail)(actor_of(request), ref)
    page = {"container": detail, "tab": "files", "port_host": request.get_host().rpartition(":")[0]}
    return Where("container", detail.id, Place(detail.id, detail.id), page)


async def _volume(request: HttpRequest, name: str) -> Where:
    place = await volume_helper.volume_place(actor_of(request), name)
    helper = volume_helper.known(name)
    return Where("volume", name, place, {"volume": name, "helper": helper, "idle": int(volume_helper.IDLE)})


@require_GET
@needs("container.archive_get")
async def container_files(request: HttpRequest, ref: str) -> HttpResponse:
    """A folder, or a file, of a container."""
    return await _browse(request, await _container(request, ref))


@require_http_methods(["GET", "POST"])
@needs("container.archive_get")
async def volume_files(request: HttpRequest, name: str) -> HttpResponse:
    """The same of a volume; the container that it takes is made by POST only."""
    if request.method == "POST":
        try:
            await _volume(request, name)
        except BadInput as error:  # the image is missing: the page that says what is made says that too
            problem = describe(error, actor_of(request))
            return await _render(request, "volumes/files_open.html", _opener(name, problem), problem.status)
        return redirect(request.get_full_path())
    if volume_helper.known(name) is None:
        await sync_to_async(volumes.volume_inspect)(actor_of(request), name)
        return await _render(request, "volumes/files_open.html", _opener(name))
    return await _browse(request, await _volume(request, name))


@require_GET
@needs("container.archive_get")
async def container_file_download(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A file as it is, or a folder as a tar."""
    return await _download(request, await _container(request, ref))


@require_GET
@needs("container.archive_get")
async def volume_file_download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The same from a volume."""
    if volume_helper.known(name) is None:
        return _to_opener(request, name)
    return await _download(request, await _volume(request, name))


@require_POST
@needs("container.archive_put")
async def container_file_upload(request: HttpRequest, ref: str) -> HttpResponse:
    """Files and folders, as file_upload.py has them."""
    return await _upload(request, await _container(request, ref))


@require_POST
@needs("container.archive_put")
async def volume_file_upload(request: HttpRequest, name: str) -> HttpResponse:
    """The same into a volume."""
    return await _upload(request, await _volume(request, name))


@require_POST
@needs("container.archive_put")
async def container_file_extract(request: HttpRequest, ref: str) -> HttpResponse:
    """A tar, extracted when nothing in it is wrong."""
    return await _extract(request, await _container(request, ref))


@require_POST
@needs("container.archive_put")
async def volume_file_extract(request: HttpRequest, name: str) -> HttpResponse:
    """The same into a volume."""
    return await _extract(request, await _volume(request, name))


@require_http_methods(["GET", "POST"])
@needs("container.archive_put")
async def container_file_edit(request: HttpRequest, ref: str) -> HttpResponse:
    """Save a text file, or begin a new one."""
    return await _edit(request, await _container(request, ref))


@require_http_methods(["GET", "POST"])
@needs("container.archive_put")
async def volume_file_edit(request: HttpRequest, name: str) -> HttpResponse:
    """The same in a volume."""
    if request.method == "GET" and volume_helper.known(name) is None:
        return _to_opener(request, name)
    return await _edit(request, await _volume(request, name))


def _path(request: HttpRequest) -> str:
    return clean_path(request.GET.get("path") or "/")


def _opener(name: str, problem: Problem | None = None) -> dict[str, Any]:
    return {"volume": name, "idle": int(volume_helper.IDLE), "problem": problem}


async def _path_in(request: HttpRequest, where: Where) -> str:
    """The path that is asked for, unless a link on the way leads out of the volume. Raises NotFound."""
    path = _path(request)
    await files.check_way(actor_of(request), where.place, path)
    return path


def _to_opener(request: HttpRequest, name: str) -> HttpResponse:
    """To the page that opens the volume, for its helper is gone; from there to the folder around the path."""
    return redirect(f"{reverse('volume-files', args=[name])}?{urlencode({'path': parent(_path(request))})}")


async def _render(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return await sync_to_async(render)(request, template, context, status=status)


async def _show(request: HttpRequest, where: Where, part: str, path: str, **context: Any) -> HttpResponse:
    """A partial of templates/files/ inside the page of the container or the volume."""
    frame = {**where.page, "kind": where.kind, "urls": where.urls, "path": path, "way": way(path)}
    frame["up"] = parent(path) if path != "/" else ""
    status = context.pop("status", 200)
    return await _render(
        request, f"{where.kind}s/files.html", {**frame, "part": f"files/{part}.html", **context}, status
    )


async def _browse(request: HttpRequest, where: Where) -> HttpResponse:
    path = _path(request)
    try:
        await files.check_way(actor_of(request), where.place, path)
        found = await files.browse(actor_of(request), where.place, path, patient="patient" in request.GET)
    except NotFound as error:
        return await _show(
            request, where, "_missing", path, status=404, circle=isinstance(error, files.Circle)
        )
    if wants_json(request):
        return _names(found)
    if found.entry.kind == "link" and found.target not in (None, path):
        return redirect(where.url("browse", found.target or "/"))
    if found.listing is None:
        return await _show_file(request, where, found)
    context = controls(path, found.listing, request.GET)
    return await _show(request, where, "_folder", path, entry=found.entry, hides=where.hides(path), **context)


def _names(found: Found) -> JsonResponse:
    """What is in a folder, for a script that asks before it replaces something; a page may show less."""
    listing = found.listing
    names = [entry.name for entry in listing.entries] if listing else []
    return JsonResponse({"names": names, "complete": listing is not None and not listing.broken_off})


async def _show_file(request: HttpRequest, where: Where, found: Found) -> HttpResponse:
    context = {
        "entry": found.entry,
        "text": found.text,
        "why": found.why,
        "language": language(name_of(found.path)),
    }
    return await _show(request, where, "_file", found.path, name=name_of(found.path), **context)


async def _download(request: HttpRequest, where: Where) -> HttpResponseBase:
    actor = actor_of(request)
    made = await file_download.file_download(actor, where.place, await _path_in(request, where))
    kind = "application/octet-stream" if made.size is not None else "application/x-tar"
    sent = while_allowed(actor, "container.archive_get", made.pieces)
    response = StreamingHttpResponse(sent, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, made.name) or "attachment"
    response["X-Accel-Buffering"] = "no"
    if made.size is not None:
        response["Content-Length"] = str(made.size)
    return response


async def _upload(request: HttpRequest, where: Where) -> HttpResponse:
    actor, body, path = actor_of(request), body_of(request), await _path_in(request, where)
    pieces = while_allowed(actor, "container.archive_put", aiter(body))
    made = await file_upload.file_upload(actor, where.place, path, pieces, body.length)
    return JsonResponse({"files": len(made.files), "folders": len(made.folders), "bytes": made.size})


async def _extract(request: HttpRequest, where: Where) -> HttpResponse:
    """`check`: the body is the headers only. `list`: that many bytes of headers, then the archive."""
    actor, body, path, listed = actor_of(request), body_of(request), _path(request), request.GET.get("list")
    pieces = while_allowed(actor, "container.archive_put", aiter(body))
    if listed is None and "check" not in request.GET:
        made = await file_extract.tar_extract(actor, where.place, path, pieces, body.length)
        return JsonResponse({"members": made.members, "bytes": made.size})
    if listed is None:
        outline = await file_extract.tar_check(actor, where.place, path, pieces)
    elif re.fullmatch("[0-9]{1,12}", listed):
        outline = await file_extract.tar_extract_listed(
            actor, where.place, path, pieces, body.length, int(listed)
        )
    else:
        raise BadInput("The size of the list is a number.")
    return JsonResponse({"members": outline.members, "bytes": outline.content})


async def _edit(request: HttpRequest, where: Where) -> HttpResponse:
    actor, path, form = actor_of(request), await _path_in(request, where), request.POST
    if request.method == "GET":
        if await files.exists(actor, where.place, path):
            return redirect(where.url("browse", path))
        await file_edit.new_file(actor, where.place, path)
        return await _show_editor(request, where, path, TextFile("", "", "LF"))
    text, version, newline = form.get("text", ""), form.get("version", ""), form.get("newline", "")
    try:
        saved = await file_edit.text_save(actor, where.place, path, text, version=version, newline=newline)
    except file_edit.Changed as changed:
        if wants_json(request):
            return JsonResponse({"version": changed.version}, status=409)
        again = TextFile(text, changed.version, newline)
        return await _show_editor(request, where, path, again, status=409, changed=True)
    except (BadInput, EngineError) as error:
        if wants_json(request):
            raise
        problem, again = describe(error, actor), TextFile(text, version, newline)
        return await _show_editor(request, where, path, again, status=problem.status, problem=problem)
    if wants_json(request):
        kept = "CRLF" if newline == "CRLF" else "LF"
        return JsonResponse({"version": saved, "newline": kept, "url": where.url("browse", path)})
    await sync_to_async(messages.success)(request, f"{name_of(path)} is saved.")
    return redirect(where.url("browse", path))


async def _show_editor(
    request: HttpRequest, where: Where, path: str, text: TextFile, **context: Any
) -> HttpResponse:
    name = name_of(path)
    return await _show(
        request, where, "_file", path, name=name, text=text, language=language(name), **context
    )
