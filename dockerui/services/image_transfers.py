"""Images to and from registries and files, as jobs: pull, push, load, import."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async

from dockerui.access import Actor, authorise
from dockerui.engine.errors import ApiError
from dockerui.jobs.models import Job
from dockerui.services import registries
from dockerui.services.door import aengine_for
from dockerui.services.errors import BadInput, sentence
from dockerui.services.image_progress import Transfer, fed
from dockerui.services.image_ref import check_name, check_tag, parse_ref
from dockerui.services.job_kinds import JobContext, JobFailed, job_kind
from dockerui.services.jobs import once_token, submit

Json = dict[str, Any]
LOADS = "Load takes a tar that save made; a tar of plain files is for Import."
UNFETCHED = "The Engine fetches it from where it stands: can it reach that address?"
IMPORTS = "Import takes a tar of files, compressed or not; what save made is for Load."


@job_kind("image.pull", permission="image.create", resumable=True)
async def PULL(ctx: JobContext) -> Json:
    """`ref`, `platform`, `all_tags`."""
    ref, every = parse_ref(ctx.params["ref"]), bool(ctx.params.get("all_tags"))
    auth = await sync_to_async(registries.auth_for)(str(ref))
    transfer = Transfer(ctx)
    try:
        stream = await aengine_for(ctx.actor).image_pull(
            ref.name,
            tag=None if every else ref.pulled,
            platform=ctx.params.get("platform") or None,
            auth=auth,
            all_tags=every,
        )
        async with stream:
            await transfer.follow(stream)
    except (ApiError, JobFailed) as error:
        raise JobFailed(_advise(error, ref.registry, auth is not None)) from error
    if every:
        return {"repository": ref.name}
    return {"image": ref.name + (f"@{ref.digest}" if ref.digest else f":{ref.pulled}")}


@job_kind("image.push", permission="image.push", resumable=True)
async def PUSH(ctx: JobContext) -> Json:
    """`name`, `tag` (empty: all of them), `platform`."""
    name, tag = ctx.params["name"], ctx.params.get("tag") or None
    ref = parse_ref(name)
    auth = await sync_to_async(registries.auth_for)(name)
    transfer = Transfer(ctx)
    try:
        stream = await aengine_for(ctx.actor).image_push(
            name, tag=tag, auth=auth, platform=ctx.params.get("platform") or None
        )
        async with stream:
            await transfer.follow(stream)
    except (ApiError, JobFailed) as error:
        raise JobFailed(_advise(error, ref.registry, auth is not None)) from error
    digests = [str(aux["Digest"]) for aux in transfer.aux if isinstance(aux, dict) and aux.get("Digest")]
    return {"pushed": f"{name}:{tag}" if tag else name, "digests": digests}


@job_kind("image.load", permission="image.load")
async def LOAD(ctx: JobContext) -> Json:
    """Fed by a tar that save made."""
    loaded: list[str] = []
    transfer = Transfer(ctx)
    try:
        async with await aengine_for(ctx.actor).image_load(aiter(fed(ctx))) as stream:
            async for step in stream:
                transfer.take(step)
                for words in ("Loaded image: ", "Loaded image ID: "):
                    if step.stream.startswith(words):
                        # Podman names several in one line.
                        loaded += step.stream.removeprefix(words).strip().split(",")
    except (ApiError, JobFailed) as error:
        raise JobFailed(f"{_words(error)} {LOADS}") from error
    if not loaded:
        raise JobFailed(f"There was no image in this archive. {LOADS}")
    ctx.progress(message=f"Loaded {', '.join(loaded)}")
    return {"images": loaded}


@job_kind("image.import", permission="image.create")
async def IMPORT(ctx: JobContext) -> Json:
    """`repo`, `tag`, `message`, `changes`, `platform`; fed by a tar, or `url`, which the Engine fetches."""
    params = ctx.params
    if params.get("url"):
        authorise(ctx.actor, "image.fetch")
    transfer = Transfer(ctx)
    try:
        stream = await aengine_for(ctx.actor).image_import(
            None if params.get("url") else aiter(fed(ctx)),
            source=params.get("url") or "-",
            repo=params["repo"],
            tag=params["tag"],
            message=params.get("message") or None,
            changes=params.get("changes") or None,
            platform=params.get("platform") or None,
        )
        async with stream:
            await transfer.follow(stream)
    except (ApiError, JobFailed) as error:
        words = _words(error)
        unreached = params.get("url") and any(text in words for text in _UNREACHED)
        raise JobFailed(f"{words} {UNFETCHED if unreached else IMPORTS}") from error
    ctx.progress(message=f"Imported as {params['repo']}:{params['tag']}")
    return {"image": f"{params['repo']}:{params['tag']}"}


def image_pull(actor: Actor, ref: str, *, platform: str = "", all_tags: bool = False) -> Job:
    """Get an image from its registry; without a tag `latest`, all tags only when asked. Raises BadInput."""
    parsed = parse_ref(ref)
    if all_tags and (parsed.tag or parsed.digest):
        raise BadInput("All tags, or the one that is named: choose one of them.")
    params = {"ref": str(parsed), "platform": platform.strip(), "all_tags": all_tags}
    what = f"all tags of {parsed.name}" if all_tags else str(parsed)
    token = f"image.pull:{parsed}:{platform}:{all_tags}"
    return submit(actor, PULL, f"Pull {what}", params, target=str(parsed), token=token)


def image_push(
    actor: Actor, name: str, *, tag: str = "", all_tags: bool = False, platform: Json | None = None
) -> Job:
    """Send one tag of a repository, or all of them, to its registry. Raises BadInput."""
    check_name(name)
    if not all_tags and not tag:
        raise BadInput("Say which tag to push.")
    params = {"name": name, "tag": "" if all_tags else check_tag(tag), "platform": platform}
    what = f"all tags of {name}" if all_tags else f"{name}:{tag}"
    return submit(actor, PUSH, f"Push {what}", params, target=f"{name}:{params['tag']}")


def image_load(actor: Actor, filename: str, *, once: str = "") -> Job:
    """Wait for a tar that save made, and load what is in it."""
    title = f"Load {filename[:200] or 'images'}"
    token = once_token(LOAD, once)
    return submit(actor, LOAD, title, {}, target=filename[:200], token=token, needs_upload=True)


def image_import(
    actor: Actor,
    *,
    repo: str,
    tag: str = "",
    message: str = "",
    changes: str = "",
    platform: str = "",
    url: str = "",
    filename: str = "",
    once: str = "",
) -> Job:
    """Make an image of a tar of files: from `url`, which the Engine fetches, or else of an upload.

    Raises BadInput, Forbidden.
    """
    if url:
        authorise(actor, "image.fetch")
        check_url(url)
    params = {
        "repo": check_name(repo.strip()),
        "tag": check_tag(tag.strip()) or "latest",
        "message": message.strip(),
        "changes": instructions(changes),
        "platform": platform.strip(),
        "url": url.strip(),
    }
    title = f"Import {params['repo']}:{params['tag']} from {url or filename or 'an upload'}"
    target = f"{params['repo']}:{params['tag']}"
    token = once_token(IMPORT, once)
    return submit(actor, IMPORT, title, params, target=target, token=token, needs_upload=not url)


def instructions(text: str) -> list[str]:
    """Dockerfile instructions, one per line."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def check_url(url: str) -> str:
    """An http(s) address that the Engine may fetch. Raises BadInput."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput("The address must start with http:// or https://.")
    if parts.username or parts.password:
        raise BadInput("An address with a password in it would be written down: leave the password out.")
    return url.strip()


def _words(error: ApiError | JobFailed) -> str:
    return sentence(error.message if isinstance(error, ApiError) else str(error))


# What the Engine says where it never came to ask for a login.
_UNREACHED = (
    "dial tcp",
    "dial udp",
    "no such host",
    "connection refused",
    "i/o timeout",
    "Client.Timeout",
    "TLS handshake",
    "x509:",
    "server gave HTTP response to HTTPS client",
)
_NOT_THERE = (
    "manifest unknown",
    "name unknown",
    "no matching manifest",
    "does not match the specified platform",
)
_LOGIN = ("no basic auth credentials", "unauthorized", "denied", "authentication required", "401 ", "403 ")


def _advise(error: ApiError | JobFailed, registry: str, had_credentials: bool) -> str:
    """The reason, and what to do next; nothing where the Engine's words speak of neither the registry nor
    a login.
    """
    words = _words(error)
    if any(text in words for text in _UNREACHED):
        return f"{words} The Engine cannot reach {registry}: are the name and the network right?"
    if any(text in words for text in _NOT_THERE):
        return f"{words} {registry} was reached: is it the right name, tag and platform?"
    if any(text in words for text in _LOGIN):
        if had_credentials:
            return f"{words} The stored credentials for {registry} were used: check them under Registries."
        return f"{words} {registry} wants a login, or there is no such image: store one under Registries."
    return words
