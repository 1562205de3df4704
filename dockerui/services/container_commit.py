"""Make an image from a container, as a job: `docker commit` with every parameter."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from dockerui.access import Actor
from dockerui.engine.api import container_body
from dockerui.engine.api.containers import CONTAINER_COMMIT
from dockerui.engine.encoding import check_body
from dockerui.engine.errors import InvalidArgument
from dockerui.jobs.models import Job
from dockerui.services import credentials
from dockerui.services.container_fields import argv, parse_env, parse_labels, parse_ports
from dockerui.services.container_spec import fill
from dockerui.services.containers import check_signal
from dockerui.services.door import aengine_for, resolve_container
from dockerui.services.errors import BadInput
from dockerui.services.image_ref import check_name, check_tag
from dockerui.services.image_transfers import instructions
from dockerui.services.job_kinds import JobContext, job_kind
from dockerui.services.jobs import once_token, submit

Json = dict[str, Any]
LONGEST = 1000  # characters of a comment and of an author


@job_kind("container.commit", permission="container.commit")
async def COMMIT(ctx: JobContext) -> Json:
    """`query` as the Engine spells it, `sealed` the configuration, which may hold environment values."""
    query = ctx.params["query"]
    sealed = ctx.params.get("sealed")
    body = credentials.unseal(base64.b64decode(sealed)) if sealed else {}
    ctx.progress(message="Paused while it is copied" if query["pause"] else "Copied while it runs")
    answer = await aengine_for(ctx.actor).json(CONTAINER_COMMIT, query=query, body=body, timeout=float("inf"))
    image = str(answer.get("Id") or "")
    ctx.output(f"{image}\n")
    ctx.progress(message="Committed")
    return {"image": image}


def container_commit(
    actor: Actor,
    ref: str,
    *,
    repo: str = "",
    tag: str = "",
    comment: str = "",
    author: str = "",
    pause: bool = True,
    changes: str = "",
    config: Json | None = None,
    once: str = "",
) -> Job:
    """Queue the commit; `changes` are Dockerfile instructions, one per line, `config` replaces parts of the
    configuration. Raises BadInput, NotFound.
    """
    container = resolve_container(actor, ref)
    repo, tag = repo.strip(), tag.strip()
    if tag and not repo:
        raise BadInput("A tag needs a repository before it.")
    if max(len(comment), len(author)) > LONGEST:
        raise BadInput(f"A comment and an author have at most {LONGEST} characters.")
    query = {
        "container": container,
        "repo": check_name(repo) if repo else None,
        "tag": check_tag(tag) or None,
        "comment": comment.strip() or None,
        "author": author.strip() or None,
        "pause": pause,
        "changes": instructions(changes) or None,
    }
    params: Json = {"query": query}
    if config:
        params["sealed"] = base64.b64encode(credentials.seal(_checked(config))).decode()
    name = f"{repo}:{tag or 'latest'}" if repo else "an image without a name"
    title = f"Commit {container[:12]} as {name}"
    return submit(actor, COMMIT, title, params, target=container, token=once_token(COMMIT, once))


def config_of(form: Mapping[str, str], rest: Json) -> Json:
    """The configuration of the new image: what the form says, and `rest` for fields it has not.

    An empty field leaves the container's own. Raises BadInput.
    """
    text = {key: value.strip() for key, value in form.items()}
    exposed, published = parse_ports(text.get("ports", ""))
    if published:
        raise BadInput("Ports: an image says which ports it listens on; a container publishes them.")
    fields = (
        ("Cmd", argv(text.get("command", ""), "Command")),
        ("Entrypoint", argv(text.get("entrypoint", ""), "Entrypoint")),
        ("User", text.get("user")),
        ("WorkingDir", text.get("workdir")),
        ("Env", parse_env(form.get("env", ""))),
        ("Labels", parse_labels(text.get("labels", ""))),
        ("ExposedPorts", exposed),
        ("Volumes", _volumes(text.get("volumes", ""))),
        ("StopSignal", check_signal(text.get("stop_signal"))),
    )
    return fill(rest, fields)


def _volumes(text: str) -> dict[str, Json]:
    """A path per line."""
    paths = [line.strip() for line in text.splitlines() if line.strip()]
    for path in paths:
        if not path.startswith("/"):
            raise BadInput(f"Volumes: “{path[:80]}” is not an absolute path.")
    return {path: {} for path in paths}


def _checked(config: Json) -> Json:
    """A configuration whose fields the Engine knows. Raises BadInput before a job is made of it."""
    declared = {param.name: param for param in container_body.CONFIG}
    try:
        check_body(declared, config, lambda param: None)
    except InvalidArgument as error:
        raise BadInput(f"The configuration cannot be sent: {error}.") from None
    return config
