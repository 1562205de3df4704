"""What one does to one container: each view reads its form, calls the service of the same name, says what
happened.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dockerui.services import container_limits, containers
from dockerui.services.errors import BadInput
from dockerui.web.needs import actor_of, is_fragment, needs


@require_POST
@needs("container.start")
def container_start(request: HttpRequest, ref: str) -> HttpResponse:
    """Start it."""
    started = containers.container_start(actor_of(request), ref, detach_keys=request.POST.get("detach_keys"))
    return done(request, ref, "Started." if started else "It ran already.")


@require_POST
@needs("container.stop")
def container_stop(request: HttpRequest, ref: str) -> HttpResponse:
    """Stop it, killing it after `t` seconds."""
    stopped = containers.container_stop(
        actor_of(request), ref, t=whole(request, "t"), signal=request.POST.get("signal")
    )
    return done(request, ref, "Stopped." if stopped else "It was stopped already.")


@require_POST
@needs("container.restart")
def container_restart(request: HttpRequest, ref: str) -> HttpResponse:
    """Stop it and start it again."""
    containers.container_restart(
        actor_of(request), ref, t=whole(request, "t"), signal=request.POST.get("signal")
    )
    return done(request, ref, "Restarted.")


@require_POST
@needs("container.kill")
def container_kill(request: HttpRequest, ref: str) -> HttpResponse:
    """Send a signal."""
    signal = request.POST.get("signal") or "SIGKILL"
    containers.container_kill(actor_of(request), ref, signal=signal)
    return done(request, ref, f"Sent {containers.check_signal(signal)}.")


@require_POST
@needs("container.pause")
def container_pause(request: HttpRequest, ref: str) -> HttpResponse:
    """Freeze it."""
    containers.container_pause(actor_of(request), ref)
    return done(request, ref, "Paused.")


@require_POST
@needs("container.unpause")
def container_unpause(request: HttpRequest, ref: str) -> HttpResponse:
    """Thaw it."""
    containers.container_unpause(actor_of(request), ref)
    return done(request, ref, "Running again.")


@require_POST
@needs("container.rename")
def container_rename(request: HttpRequest, ref: str) -> HttpResponse:
    """Give it another name."""
    name = request.POST.get("name", "").strip()
    containers.container_rename(actor_of(request), ref, name=name)
    return done(request, ref, f"Renamed to {name}.")


@require_POST
@needs("container.remove")
def container_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Delete it, with its anonymous volumes (`v`), by force if need be."""
    containers.container_remove(
        actor_of(request), ref, v=bool(request.POST.get("v")), force=bool(request.POST.get("force"))
    )
    messages.success(request, "The container is removed.")
    return leave(request, reverse("container-list"))


@require_http_methods(["GET", "POST"])
@needs("container.update")
def container_update(request: HttpRequest, ref: str) -> HttpResponse:
    """Change limits and restart policy while it runs."""
    actor = actor_of(request)
    if request.method == "GET":
        context = {"limits": container_limits.read(actor, ref), "ref": ref}
        template = "containers/_update.html" if is_fragment(request) else "containers/update.html"
        return render(request, template, context)
    warnings = containers.container_update(actor, ref, container_limits.parse(request.POST))
    return done(request, ref, "Changed. " + " ".join(warnings))


def done(request: HttpRequest, ref: str, text: str) -> HttpResponse:
    """Say it worked: a toast where a script asked, else back to the container's page."""
    if getattr(request, "htmx", False):
        return toast(request, text)
    messages.success(request, text)
    return redirect("container-detail", ref)


def toast(request: HttpRequest, text: str) -> HttpResponse:
    """Good news in the corner of the page."""
    response = render(request, "_done.html", {"text": text})
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
    return response


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """Go to another page, by htmx or without it."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def whole(request: HttpRequest, name: str) -> int | None:
    """A whole number of the form; None when it is empty."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return int(text) if len(text) < 12 else int("x")
    except ValueError:
        raise BadInput(f"“{text[:20]}” is not a whole number.") from None
