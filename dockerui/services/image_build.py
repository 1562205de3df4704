"""Build images, as jobs: the parameters of the form checked, the context from an upload, a typed Dockerfile
or a remote.
"""

from __future__ import annotations

import base64
import io
import re
import tarfile
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from asgiref.sync import sync_to_async

from dockerui.access import Actor, authorise
from dockerui.jobs.models import Job
from dockerui.services import credentials, registries
from dockerui.services.door import aengine_for
from dockerui.services.errors import BadInput
from dockerui.services.image_progress import Transfer, fed
from dockerui.services.image_ref import parse_ref
from dockerui.services.job_kinds import JobContext, JobFailed, job_kind
from dockerui.services.jobs import once_token, submit
from dockerui.services.words import bytes_iec

Json = dict[str, Any]
LONGEST_DOCKERFILE = 256 << 10  # bytes
LEAST_MEMORY = 4 << 20  # bytes; the Engine takes no less
_SIZE = re.compile(r"(\d{1,15})\s*([bkmgt]?)i?b?", re.IGNORECASE)
_CPUS = re.compile(r"\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_GIT = re.compile(r"(git://|git@[\w.-]+:|github\.com/|https?://)\S+")
_FACTORS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@job_kind("image.build", permission="image.build")
async def BUILD(ctx: JobContext) -> Json:
    """`options` as the Engine spells them, `sealed` build arguments, `dockerfile` text; fed by a tar if
    neither that nor a remote is there.
    """
    options = dict(ctx.params["options"])
    if options.get("remote"):
        authorise(ctx.actor, "image.fetch")
    if sealed := ctx.params.get("sealed"):
        options["buildargs"] = credentials.unseal(base64.b64decode(sealed))
    config = await sync_to_async(registries.auth_config)()
    transfer = Transfer(ctx)
    stream = await aengine_for(ctx.actor).image_build(
        _context(ctx, options), registry_config=config or None, options=options
    )
    async with stream:
        await transfer.follow(stream)
    image = transfer.image_id or _last_id(ctx)
    if not image:
        raise JobFailed("The build ended without an image.")
    ctx.progress(message="Built")
    return {"image": image, "names": options.get("t") or []}


def image_build(actor: Actor, form: Mapping[str, Sequence[str]]) -> Job:
    """Build what the form says; a source of `folder` or `tar` waits for an upload. Raises BadInput,
    Forbidden.
    """
    source = _text(form, "source")
    options = build_options(form)
    params: Json = {"options": options}
    if source == "remote":
        authorise(actor, "image.fetch")
        options["remote"] = _remote(_text(form, "remote"))
    elif source == "text":
        params["dockerfile"] = _dockerfile(form)
        options.pop("dockerfile", None)
    elif source not in ("folder", "tar"):
        raise BadInput("Choose where the build context comes from.")
    if arguments := _pairs(form, "buildargs"):
        # Build arguments are often passwords, and jobs are kept.
        params["sealed"] = base64.b64encode(credentials.seal(arguments)).decode()
    names = options.get("t") or []
    title = f"Build {names[0] if names else options.get('remote') or 'an image without a name'}"
    return submit(
        actor,
        BUILD,
        title,
        params,
        target=", ".join(names),
        needs_upload=source in ("folder", "tar"),
        token=once_token(BUILD, _text(form, "once")),
    )


def build_options(form: Mapping[str, Sequence[str]]) -> Json:
    """The Engine's query parameters from the form's fields of the same names; empty ones are left out.

    Raises BadInput.
    """
    options: Json = {
        "t": [str(parse_ref(line)) for line in _lines(form, "t")] or None,
        "dockerfile": _inside(_text(form, "dockerfile")),
        "labels": _pairs(form, "labels") or None,
        "memory": _size(form, "memory", least=LEAST_MEMORY),
        "memswap": -1 if _text(form, "memswap") == "-1" else _size(form, "memswap", least=LEAST_MEMORY),
        "shmsize": _size(form, "shmsize", least=1),
        "cpushares": _whole(form, "cpushares", 2, 262_144),
        "cpuperiod": _whole(form, "cpuperiod", 1_000, 1_000_000),
        "cpuquota": _whole(form, "cpuquota", 1_000, 10_000_000_000),
        "cpusetcpus": _cpus(_text(form, "cpusetcpus")),
        "rm": bool(_text(form, "rm")),
    }
    for name in ("q", "nocache", "pull", "forcerm", "squash"):
        options[name] = True if _text(form, name) else None
    for name in ("networkmode", "platform", "target"):
        options[name] = _text(form, name) or None
    options["extrahosts"] = _lines(form, "extrahosts") or None
    options["cachefrom"] = [str(parse_ref(line)) for line in _lines(form, "cachefrom")] or None
    if (swap := options["memswap"]) and swap != -1 and swap < (options["memory"] or 0):
        raise BadInput("Memory and swap together cannot be less than memory alone.")
    return {name: value for name, value in options.items() if value is not None}


def dockerfile_tar(text: str) -> bytes:
    """A build context with nothing but a Dockerfile."""
    data, buffer = text.encode(), io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _context(ctx: JobContext, options: Json) -> AsyncIterator[bytes] | None:
    if options.get("remote"):
        return None
    if text := ctx.params.get("dockerfile"):
        return _once(dockerfile_tar(text))
    return aiter(fed(ctx))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _last_id(ctx: JobContext) -> str:
    """A quiet build prints nothing but the id."""
    last = ctx.live.tail.since(0).strip().rpartition("\n")[2]
    return last if re.fullmatch(r"(?:sha256:)?[0-9a-f]{64}", last) else ""


def _text(form: Mapping[str, Sequence[str]], name: str) -> str:
    return (form.get(name) or [""])[-1].strip()


def _lines(form: Mapping[str, Sequence[str]], name: str) -> list[str]:
    return [line.strip() for text in form.get(name) or () for line in text.splitlines() if line.strip()]


def _pairs(form: Mapping[str, Sequence[str]], name: str) -> dict[str, str]:
    pairs = {}
    for line in _lines(form, name):
        key, equals, value = line.partition("=")
        if not equals or not (_NAME.fullmatch(key) or (name == "labels" and key)):
            raise BadInput(f"One NAME=value per line, please: “{key[:40]}” is not.")
        pairs[key] = value
    return pairs


def _size(form: Mapping[str, Sequence[str]], name: str, *, least: int) -> int | None:
    text = _text(form, name)
    if not text:
        return None
    found = _SIZE.fullmatch(text)
    size = int(found[1]) * _FACTORS[found[2].lower()] if found else 0
    if not least <= size < 1 << 63:
        raise BadInput(f"{name} is a size such as 512m or 2g, and at least {bytes_iec(least)}.")
    return size


def _whole(form: Mapping[str, Sequence[str]], name: str, least: int, most: int) -> int | None:
    text = _text(form, name)
    if not text:
        return None
    if not text.isdecimal() or len(text) > 15 or not least <= int(text) <= most:
        raise BadInput(f"{name} is a whole number from {least} to {most}.")
    return int(text)


def _cpus(text: str) -> str | None:
    if text and not _CPUS.fullmatch(text):
        raise BadInput("CPUs are numbers such as 0-3 or 0,2.")
    return text or None


def _inside(path: str) -> str | None:
    if path.startswith("/") or ".." in path.split("/") or "\\" in path:
        raise BadInput("The Dockerfile's path is inside the context, such as docker/Dockerfile.")
    return path or None


def _remote(text: str) -> str:
    if not _GIT.fullmatch(text):
        raise BadInput("A remote is a Git repository, or the address of a tar or of a Dockerfile.")
    if re.match(r"https?://[^/]*@", text):
        raise BadInput("An address with a password in it would be written down: leave the password out.")
    return text


def _dockerfile(form: Mapping[str, Sequence[str]]) -> str:
    text = (form.get("text") or [""])[-1].replace("\r\n", "\n")
    if not text.strip():
        raise BadInput("The Dockerfile is empty.")
    if len(text.encode()) > LONGEST_DOCKERFILE:
        raise BadInput(f"A Dockerfile typed here has at most {LONGEST_DOCKERFILE >> 10} KiB.")
    return text
