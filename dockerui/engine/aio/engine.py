"""`AsyncEngine`: everything that streams, and one-shot calls without a thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerui.engine.api.system import SYSTEM_EVENTS
from dockerui.engine.protocol.events import Event, read_event

from .containers import ContainerStreams, Time
from .images import ImageStreams
from .json_stream import JsonStream


class AsyncEngine(ContainerStreams, ImageStreams):
    """The streams of one Engine; shares endpoint and API version with the `Engine` it is made from.

    Each call has a connection of its own. Belongs to no event loop until a call is made.
    """

    async def events(
        self,
        *,
        since: Time | None = None,
        until: Time | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> JsonStream[Event]:
        """What happens, as it happens. Ends only with `until`; the Engine remembers 256 events for `since`.

        `GET /events`
        """
        query = {"since": since, "until": until, "filters": filters}
        stream = await self.open(SYSTEM_EVENTS, query=query, head_timeout=await self.prompt())
        return JsonStream(stream, read_event)
