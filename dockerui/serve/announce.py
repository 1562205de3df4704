"""The one line that says where the server is, and how the first account is made."""

import socket
from pathlib import Path

from django.conf import settings

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  (compared, never bound)


def address(host: str, port: int) -> str:
    """The address to open in a browser, without a trailing slash."""
    public: str = settings.DOCKERUI_URL
    if public:
        return public.rstrip("/")
    name = host
    if host in EVERYWHERE:
        # A container's own name means nothing outside it; docker-compose.yml publishes the port here.
        name = "localhost" if Path("/.dockerenv").exists() else socket.gethostname()
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def line(host: str, port: int, link: str | None) -> str:
    """Address, and while there is no account the path of the one-time set-up link."""
    base = address(host, port)
    if link is None:
        return f"dockerui is at {base}/"
    return f"dockerui is at {base}/ · make the first account (link works once): {base}{link}"
