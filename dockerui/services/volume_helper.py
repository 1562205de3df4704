"""Files of volumes: the Engine shows only those of containers, so a volume is given a container for a while.

The helper is created and never started: nothing of its image runs. For the archive calls the Engine mounts
the volume by itself. It has no network, no capabilities and a read-only root, so whatever would be written
outside of the volume is refused. It is removed a minute after it was used last, and when the server stops;
one that a crash left behind goes when the server starts.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from dataclasses import dataclass
from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.crypto import salted_hmac

from dockerui.access import Actor, authorise
from dockerui.engine import Engine
from dockerui.engine.errors import Conflict, EngineTimeout, NotFound
from dockerui.services import background, engines
from dockerui.services.door import perform
from dockerui.services.errors import BadInput
from dockerui.services.file_places import Place
from dockerui.services.networks import check_ref

log = logging.getLogger(__name__)

LABEL = "dockerui.helper"
OWNER_LABEL = "dockerui.helper.owner"
ROOT = "/volume"
IDLE = 60.0  # seconds after its last use until a helper is removed
_LOOK = 15.0  # seconds between two looks for idle ones


@dataclass
class Helper:
    """A container that has a volume; `used` is when it was last, on the monotonic clock."""

    container: str
    image: str
    used: float


_lock = threading.Lock()
_helpers: dict[tuple[str, str], Helper] = {}


def known(name: str) -> Helper | None:
    """The helper of a volume, if there is one right now. Never asks the Engine."""
    return _helpers.get(_key(name))


async def volume_place(actor: Actor, name: str) -> Place:
    """Where the files of a volume are, for who may see them; the helper is made when there is none.

    Raises BadInput, NotFound (the volume), Forbidden.
    """
    authorise(actor, "container.archive_get", name)
    check_ref(name)
    helper = await sync_to_async(_use)(name)
    return Place(helper.container, name, ROOT, touch=partial(touch, name))


def touch(name: str) -> None:
    """Keep the helper: it is in use."""
    if helper := known(name):
        helper.used = time.monotonic()


def release(name: str) -> None:
    """Remove the helper of a volume now: a volume that a container has cannot be removed."""
    with _lock:
        helper = _helpers.pop(_key(name), None)
    if helper:
        _remove(helper.container)


def helper_image(engine: Engine) -> str:
    """The image to use: the one that the settings name, else the smallest of the Engine.

    Raises BadInput when there is none that will do.
    """
    wanted = settings.DOCKERUI_HELPER_IMAGE
    if wanted:
        try:
            found = engine.image_inspect(wanted)
        except NotFound:
            raise BadInput(
                f"The image {wanted}, which DOCKERUI_HELPER_IMAGE names, must be pulled first."
            ) from None
        if (found.get("Config") or {}).get("Volumes"):
            raise BadInput(f"The image {wanted} declares volumes; DOCKERUI_HELPER_IMAGE must name another.")
        return wanted
    for image in sorted(engine.image_list(), key=lambda image: int(image.get("Size") or 0)):
        # One that declares volumes would leave a new one behind each time.
        if not (engine.image_inspect(image["Id"]).get("Config") or {}).get("Volumes"):
            return str((image.get("RepoTags") or [image["Id"]])[0])
    raise BadInput("Looking into a volume needs an image, any image, on the Engine: pull a small one first.")


def _use(name: str) -> Helper:
    with _lock:
        helper = _helpers.get(_key(name))
        if helper is None or not _is_there(helper.container):
            helper = _helpers[_key(name)] = _create(name)
        helper.used = time.monotonic()
        return helper


def _create(name: str) -> Helper:
    system = Actor.system()
    # Creating a container would create a missing volume as well.
    perform(system, "volume_inspect", target=name, call=lambda engine: engine.volume_inspect(name))
    image = perform(system, "image_list", call=helper_image)
    body = {
        "Image": image,
        "Entrypoint": ["/never-started"],
        "NetworkDisabled": True,
        "Labels": {LABEL: "1", OWNER_LABEL: _owner()},
        "HostConfig": {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "ReadonlyRootfs": True,
            "SecurityOpt": ["no-new-privileges"],
            # NoCopy: an empty volume would else be filled with what the image has at that place.
            "Mounts": [
                {"Type": "volume", "Source": name, "Target": ROOT, "VolumeOptions": {"NoCopy": True}},
            ],
        },
    }
    called = f"dockerui-files-{secrets.token_hex(4)}"
    made = perform(
        system, "container_create", target=called, detail={"volume": name, "image": image},
        call=lambda engine: engine.container_create(body, name=called),
    )  # fmt: skip
    return Helper(str(made["Id"]), image, time.monotonic())


def _is_there(container: str) -> bool:
    """Asked by the list: while a file goes in or out, all calls about the container itself wait."""
    only = {"id": [container]}
    return bool(
        perform(Actor.system(), "container_list", call=lambda e: e.container_list(all=True, filters=only))
    )


def _remove(container: str) -> None:
    """Without the volumes, of course."""
    try:
        perform(
            Actor.system(), "container_remove", target=container, detail={"what": "helper of a volume"},
            call=lambda engine: engine.container_remove(container, force=True),
        )  # fmt: skip
    except (NotFound, Conflict):
        return  # gone already, or on its way
    except EngineTimeout:
        # A file is still going through it, slowly: the Engine removes it as soon as that has ended.
        log.info("the helper %s is removed when its last file has gone through", container[:12])


def _key(name: str) -> tuple[str, str]:
    endpoint = engines.known_endpoint()
    return (endpoint.key if endpoint else "", name)


def _owner() -> str:
    """Names this installation: several may use one Engine, and each removes its own."""
    return salted_hmac("dockerui.services.volume_helper", "owner").hexdigest()[:24]


@background.worker("volume helpers", roles={background.WEB})
async def keep_tidy() -> None:
    """Remove what an earlier process left, then what is idle, and all at the end."""
    await sync_to_async(remove_left)()
    try:
        while True:
            await asyncio.sleep(_LOOK)
            await sync_to_async(remove_idle, thread_sensitive=False)()
    finally:
        await asyncio.shield(sync_to_async(partial(remove_idle, 0.0), thread_sensitive=False)())


def remove_idle(seconds: float = IDLE) -> None:
    """Remove the helpers that nobody has used for that long."""
    now = time.monotonic()
    with _lock:
        idle = [key for key, helper in _helpers.items() if now - helper.used >= seconds]
        gone = [_helpers.pop(key) for key in idle]
    for helper in gone:
        _remove(helper.container)


def remove_left() -> None:
    """Remove helpers of this installation that no process knows any more."""
    only = {"label": [f"{OWNER_LABEL}={_owner()}"]}
    found = perform(
        Actor.system(), "container_list", call=lambda engine: engine.container_list(all=True, filters=only)
    )
    mine = {helper.container for helper in _helpers.values()}
    for container in found:
        if container["Id"] not in mine:
            _remove(container["Id"])
