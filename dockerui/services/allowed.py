"""Long transfers over HTTP end with the login that began them (security rule R6), as sockets do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator

from asgiref.sync import sync_to_async

from dockerui.access import Actor, may
from dockerui.engine.errors import StreamCut
from dockerui.services.sessions import actors_of

CHECK_EVERY = 4.0  # seconds between looks whether the person is still logged in and still may


async def while_allowed(
    actor: Actor, permission: str, pieces: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """Pass on until the person has logged out or has lost the permission: then StreamCut breaks it off."""
    checked = time.monotonic()
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            # Before the piece: one that took long to come must not go to somebody who has left meanwhile.
            if time.monotonic() - checked > CHECK_EVERY:
                await _check(actor, permission)
                checked = time.monotonic()
            yield piece


async def _check(actor: Actor, permission: str) -> None:
    found = await sync_to_async(actors_of)({actor.session_key})
    now = found.get(actor.session_key)
    if now is None or now.user_id != actor.user_id or not may(now, permission):
        raise StreamCut("whoever transfers this is no longer allowed to")
