"""Secrets at rest: encrypted (Fernet) with a key that lies in the data folder and never in the database.

A copy of the database alone opens nothing. Where the key is lost, credentials must be entered again.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from dockerui.services.errors import BadInput

_lock = threading.Lock()


def seal(secret: dict[str, Any]) -> bytes:
    """Encrypt a JSON object."""
    return _cipher(_key_file()).encrypt(orjson.dumps(secret))


def unseal(sealed: bytes) -> dict[str, Any]:
    """What `seal` was given. Raises BadInput when the key is another one."""
    try:
        opened: dict[str, Any] = orjson.loads(_cipher(_key_file()).decrypt(sealed))
    except InvalidToken:
        raise BadInput("The stored password cannot be read with this server's key: enter it again.") from None
    return opened


def _key_file() -> Path:
    return Path(settings.DATA) / "credentials.key"


@cache
def _cipher(path: Path) -> Fernet:
    with _lock:
        if not path.exists():
            _make(path)
    return Fernet(path.read_bytes().strip())


def _make(path: Path) -> None:
    """Written aside and linked into place, so that two processes that start together read the same key."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(Fernet.generate_key())
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass  # the other process was faster
    finally:
        fresh.unlink()
