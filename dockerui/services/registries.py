"""Registries and their credentials: stored, checked, and handed to the Engine for the image at hand, never
shown.
"""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.utils import timezone

from dockerui import audit
from dockerui.access import Actor, authorise
from dockerui.engine.errors import EngineError, EngineUnavailable
from dockerui.registries.models import Registry
from dockerui.services import credentials
from dockerui.services.door import perform
from dockerui.services.errors import BadInput, describe
from dockerui.services.image_ref import HUB, check_address, parse_ref

Auth = dict[str, str]
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
HUB_SERVER = "https://index.docker.io/v1/"  # what Docker Hub is called inside credentials


def registry_list(actor: Actor) -> list[Registry]:
    """All registries, by address; their secrets stay encrypted."""
    authorise(actor, "registry.list")
    return list(Registry.objects.all())


def registry_get(actor: Actor, registry_id: int) -> Registry:
    """One registry. Raises `Registry.DoesNotExist`."""
    authorise(actor, "registry.list")
    return Registry.objects.get(pk=registry_id)


def registry_save(
    actor: Actor, registry_id: int | None, *, address: str, username: str, password: str, email: str = ""
) -> Registry:
    """Store a registry. An empty `password` keeps the old one, unless address or user name have changed.

    Another address or user clears the credential (security rule R11): it was for somebody else.
    Raises BadInput, `Registry.DoesNotExist`.
    """
    authorise(actor, "registry.manage")
    address, username, email = check_address(address), username.strip(), _email(email)
    registry = Registry.objects.get(pk=registry_id) if registry_id else Registry()
    if (registry.address, registry.username) != (address, username):
        registry.secret, registry.has_token = b"", False
        registry.checked_at, registry.problem = None, ""
    if password and not username:
        raise BadInput("A password needs a user name.")
    registry.address, registry.username, registry.changed_by = address, username, actor.name
    registry.email = email
    if password:
        registry.secret, registry.has_token = credentials.seal({"password": password}), False
    try:
        with transaction.atomic():
            audit.record(actor, "registry.manage", address, "stored", {"username": username})
            registry.save()
    except IntegrityError:
        raise BadInput(f"{address} is in the list already.") from None
    return registry


def registry_remove(actor: Actor, registry_id: int) -> Registry:
    """Forget a registry and its credential. Raises `Registry.DoesNotExist`."""
    authorise(actor, "registry.manage")
    registry = Registry.objects.get(pk=registry_id)
    with transaction.atomic():
        audit.record(actor, "registry.manage", registry.address, "removed")
        registry.delete()
    return registry


def registry_check(actor: Actor, registry_id: int) -> str:
    """Let the Engine log in with the stored credential; keep the identity token if it gets one.

    Returns why it failed, empty when it worked. Raises EngineUnavailable, `Registry.DoesNotExist`.
    """
    authorise(actor, "registry.manage")
    registry = Registry.objects.get(pk=registry_id)
    if not registry.has_credential:
        raise BadInput("There is no password to check: enter one first.")
    auth = _auth(registry)
    try:
        answer = perform(
            actor, "system_auth", target=registry.address, call=lambda engine: engine.system_auth(auth)
        )
    except EngineUnavailable:
        raise
    except EngineError as error:
        return _checked(registry, describe(error, actor).message)
    if token := str(answer.get("IdentityToken") or ""):
        registry.secret, registry.has_token = credentials.seal({"identitytoken": token}), True
    return _checked(registry, "")


def auth_for(reference: str) -> Auth | None:
    """What goes into X-Registry-Auth for this image; None where nothing is stored for its registry."""
    registry = Registry.objects.filter(address=parse_ref(reference).registry).first()
    return _auth(registry) if registry and registry.has_credential else None


def auth_config() -> dict[str, Auth]:
    """What goes into X-Registry-Config: every credential by its registry, for the base images of a build."""
    config = {}
    for registry in Registry.objects.all():
        if registry.has_credential:
            config[_server(registry)] = _auth(registry)
    return config


def _auth(registry: Registry) -> Auth:
    secret = credentials.unseal(bytes(registry.secret))
    if "identitytoken" in secret:
        # A token stands for user and password; the Engine refuses to have both.
        return {"identitytoken": str(secret["identitytoken"]), "serveraddress": _server(registry)}
    auth = {
        "username": registry.username,
        "password": str(secret["password"]),
        "serveraddress": _server(registry),
    }
    return auth | ({"email": registry.email} if registry.email else {})


def _email(text: str) -> str:
    email = text.strip()
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        raise BadInput("That is no e-mail address; registries need none, so it can stay empty.")
    return email


def _server(registry: Registry) -> str:
    return HUB_SERVER if registry.address == HUB else registry.address


def _checked(registry: Registry, problem: str) -> str:
    registry.checked_at, registry.problem = timezone.now(), problem[:500]
    registry.save()
    return problem
