"""Image references: `[registry/]repository[:tag][@digest]`, by Docker's own rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dockerui.services.errors import BadInput

HUB = "docker.io"
_HUB_NAMES = (HUB, "index.docker.io", "registry-1.docker.io", "hub.docker.com")
_BAD_TAG = "A tag has letters, digits, _ . and -, at most 128 of them, and starts with neither . nor -."
LONGEST = 255  # characters of a repository's name

_HOST = re.compile(
    r"(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])"
    r"(?::[0-9]{1,5})?"
)
_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}|sha256:[0-9a-f]{6,63}")


@dataclass(frozen=True)
class ImageRef:
    """A reference taken apart. `name` is as it was written, with its registry and without tag and digest."""

    name: str
    tag: str
    digest: str

    @property
    def registry(self) -> str:
        """Host and port of the registry, `docker.io` where none is written."""
        first, slash, _ = self.name.partition("/")
        return normal_address(first) if slash and _is_host(first) else HUB

    @property
    def pulled(self) -> str:
        """The tag or the digest to ask for; a digest wins, as at the Engine; without either it is
        `latest`.
        """
        return self.digest or self.tag or "latest"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}{f'@{self.digest}' if self.digest else ''}"


def parse_ref(text: str) -> ImageRef:
    """Take a reference apart. Raises BadInput for what no registry would take."""
    text = text.strip()
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise BadInput("What follows the @ must be a digest such as sha256:1a2b… with all its digits.")
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, tag = rest, ""
    elif not _TAG.fullmatch(tag):
        raise BadInput(
            "A tag has letters, digits, _ . and -, at most 128 of them, and starts with no . or -."
        )
    check_name(name)
    return ImageRef(name, tag, digest)


def check_name(name: str) -> str:
    """A repository's name without a tag. Raises BadInput."""
    first, slash, path = name.partition("/")
    parts = (path if slash and _is_host(first) else name).split("/")
    if not name or len(name) > LONGEST or (slash and _is_host(first) and not _HOST.fullmatch(first)):
        raise BadInput("An image's name looks like alpine, team/app or registry.example.com:5000/team/app.")
    if any(part != part.lower() for part in parts):
        raise BadInput("An image's name has lower-case letters only; capitals may be in the tag.")
    if not all(_PART.fullmatch(part) for part in parts) or is_id(name):
        raise BadInput("An image's name looks like alpine, team/app or registry.example.com:5000/team/app.")
    return name


def check_tag(tag: str) -> str:
    """A tag, or empty. Raises BadInput."""
    if tag and not _TAG.fullmatch(tag):
        raise BadInput(
            "A tag has letters, digits, _ . and -, at most 128 of them, and starts with no . or -."
        )
    return tag


def check_image(ref: str) -> str:
    """An id or a reference of an image that is there. Raises BadInput for what can be neither."""
    ref = ref.strip()
    if not is_id(ref) and not re.fullmatch(r"[0-9a-f]{6,64}", ref):
        parse_ref(ref)
    return ref


def is_id(text: str) -> bool:
    """Whether it is an image's full id, or a short one with its `sha256:`."""
    return bool(_ID.fullmatch(text))


def normal_address(address: str) -> str:
    """A registry's address as references have it: the many names of Docker Hub are one."""
    address = re.sub(r"^https?://", "", address.strip()).split("/")[0].lower()
    return HUB if address in _HUB_NAMES else address


def check_address(address: str) -> str:
    """A registry's address as it is kept. Raises BadInput."""
    plain = normal_address(address)
    if not plain or len(plain) > LONGEST or not _HOST.fullmatch(plain):
        raise BadInput("A registry's address is a host with an optional port: registry.example.com:5000.")
    if not _is_host(plain):
        raise BadInput("A registry's address has a dot or a port in it, or is localhost.")
    return plain


def _is_host(first: str) -> bool:
    """Docker's rule: what is before the first slash is a registry if it can be told from a user's name."""
    return "." in first or ":" in first or first == "localhost" or first != first.lower()
