"""Topic `events`: what happens on the Engine, past and live, in words.

Arguments: `{"filters":{…},"since":"15m","until":null,"after":n}`: filters as in the page's URL, times as Unix
seconds, ISO 8601 or an age; `after` is the last `n` that a page which comes back has (with the `log` it is
from). Events:

    {"ev":"events","log":"…","items":[{"n":7,"at":ms,"type","action","id","routine","icon","tone","text":[…]}]}
        `text` is the sentence in pieces, each with whether it is the name of an object
    {"ev":"live"}                   what the Engine remembered has been sent; from here it is live
    {"ev":"gap","count":n,…}        this viewer was too slow for so many
    {"ev":"stale","message":"…"}    the Engine is away; `live` follows when it is back, events may be missing

The op `raw` with `{"n":7}` asks for the JSON of an event, `{"n":7,"reveal":true}` for it with its exec
command line (audited); the answer is {"ev":"raw","n":7,"json":{…}}, or {"ev":"refused","n":7,"message":"…"}.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from dockerui.access import Actor, Forbidden
from dockerui.services import events
from dockerui.services.errors import BadInput, describe
from dockerui.services.event_log import Entry, EventLog
from dockerui.services.event_query import make_query
from dockerui.services.event_words import is_routine, raw
from dockerui.ws.topic import ChannelHandle, Topic

PER_FRAME = 100

_names: WeakKeyDictionary[EventLog, str] = WeakKeyDictionary()


class EventsTopic(Topic):
    """One reader of one event log."""

    name: ClassVar[str] = "events"
    permission: ClassVar[str] = "event.read"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        filters = args.get("filters") or {}
        if not isinstance(filters, Mapping):
            raise BadInput("filters must be an object of lists.")
        self.query = make_query(filters, since=args.get("since"), until=args.get("until"))
        self.place = events.check_number(args["after"]) if args.get("after") else 0
        self._log: EventLog | None = None
        self._state = ""

    async def run(self) -> str | None:
        async with events.follow(self.actor, self.query) as log:
            self._log = log
            if self.args.get("log") != _name(log):
                self.place = 0
            while True:
                if log.failure is not None:
                    raise log.failure
                await self._send(log)
                await self._tell_state(log)
                if log.last <= self.place and not await self._wait(log):
                    return "until"

    async def on_message(self, op: str, message: dict[str, Any]) -> None:
        if op != "raw":
            await super().on_message(op, message)
        number = events.check_number(message.get("n"))
        entry = self._log.entry(number) if self._log else None
        if entry is None:
            await self.ch.send("refused", n=number, message="This event is remembered no more.")
            return
        try:
            document = (
                await events.reveal(self.actor, entry.event) if message.get("reveal") else raw(entry.event)
            )
        except Forbidden as error:
            await self.ch.send("refused", n=number, message=describe(error, self.actor).message)
        else:
            await self.ch.send("raw", n=number, json=document)

    async def _send(self, log: EventLog) -> None:
        fresh, before = log.after(self.place), self.place
        self.place = log.last
        if before and (lost := log.last - before - len(fresh)) > 0:
            await self.ch.gap(lost, 0, 0)
        waiting = [entry for entry in fresh if self.query.covers(entry.event)]
        for start in range(0, len(waiting), PER_FRAME):
            items = [_item(entry) for entry in waiting[start : start + PER_FRAME]]
            await self.ch.send("events", log=_name(log), items=items)

    async def _tell_state(self, log: EventLog) -> None:
        state = "stale" if log.problem else "live" if log.caught_up else ""
        if state and state != self._state:
            self._state = state
            await self.ch.send(state, **({"message": log.problem} if log.problem else {}))

    async def _wait(self, log: EventLog) -> bool:
        """Wait for news; False when the time range is over."""
        until = self.query.until
        if until is None:
            await log.news()
            return True
        if time.time() >= until and log.caught_up:
            return False
        try:
            async with asyncio.timeout(max(0.05, until - time.time()) if log.caught_up else None):
                await log.news()
        except TimeoutError:
            pass
        return True


def _name(log: EventLog) -> str:
    """Tells this log's numbers from those of another."""
    if log not in _names:
        _names[log] = secrets.token_hex(4)
    return _names[log]


def _item(entry: Entry) -> dict[str, Any]:
    event, told = entry.event, entry.told
    return {
        "n": entry.number,
        "at": event.time_ns / 1e6,
        "type": event.type,
        "action": event.action,
        "id": event.id,
        "routine": is_routine(event),
        "icon": told.icon,
        "tone": told.tone,
        "text": told.pieces,
    }
