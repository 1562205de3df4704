"""Security rule R7: a socket is accepted only from our own scheme, host and port."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

HOST = b"console.example:8000"
ORIGINS: dict[str, tuple[list[bytes], bool]] = {
    "ours": ([b"http://console.example:8000"], True),
    "ours in capitals": ([b"HTTP://Console.Example:8000"], True),
    "foreign": ([b"http://evil.example:8000"], False),
    "other port": ([b"http://console.example:8001"], False),
    "no port": ([b"http://console.example"], False),
    "https for http": ([b"https://console.example:8000"], False),
    "null": ([b"null"], False),
    "absent": ([], False),
    "empty": ([b""], False),
    "suffix": ([b"http://console.example:8000.evil.example"], False),
    "prefix": ([b"http://evil-console.example:8000"], False),
    "subdomain": ([b"http://x.console.example:8000"], False),
    "with user": ([b"http://console.example:8000@evil.example"], False),
    "with path": ([b"http://console.example:8000/"], False),
    "duplicate": ([b"http://console.example:8000", b"http://console.example:8000"], False),
    "ours and foreign": ([b"http://console.example:8000", b"http://evil.example"], False),
}
PUBLIC = {
    "ours": (b"https://docker.example", True),
    "http for https": (b"http://docker.example", False),
    "the inner address": (b"http://console.example:8000", False),
}


async def shake_hands(origins: list[bytes]) -> bool:
    from dockerui.asgi import application

    headers = [(b"host", HOST), *((b"origin", origin) for origin in origins)]
    scope = {"type": "websocket", "path": "/ws", "headers": headers, "scheme": "ws", "query_string": b""}
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "websocket.connect"})
    first: dict[str, Any] = await communicator.receive_output(3)
    communicator.stop(exceptions=False)
    return bool(first["type"] == "websocket.accept")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("origins", "accepted"), ORIGINS.values(), ids=list(ORIGINS))
async def test_the_origin_decides(origins: list[bytes], accepted: bool, settings: Any) -> None:
    settings.DOCKERUI_URL, settings.SECURE = "", False
    assert await shake_hands(origins) is accepted


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("origin", "accepted"), PUBLIC.values(), ids=list(PUBLIC))
async def test_a_public_address_is_the_only_origin(origin: bytes, accepted: bool, settings: Any) -> None:
    settings.DOCKERUI_URL, settings.SECURE = "https://docker.example", True
    assert await shake_hands([origin]) is accepted
