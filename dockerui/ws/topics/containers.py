"""Topic `containers`: the rows of the containers list, kept right.

Arguments: `{"filters":{…},"limit":n|null,"size":bool,"seen":"<epoch>.<revision>"}`, as the page carries them.
Events:

    {"ev":"rows","put":[[project, html], …]}    rows to swap in by the `id` of their element, or to add
    {"ev":"seen","seen":"e.7","gone":[short id, …],"groups":[[project, html|null], …],"counts":{…}}
        follows the rows of one change: what is gone, the headers of the projects that changed (null: it is
        gone), how many containers are in each condition, and the `seen` to open with next time
    {"ev":"only","ids":[short id, …]}           all rows were sent: whatever else the page shows is gone
    {"ev":"stale","message":"…"}                the rows may be out of date, and why, until the next `seen`

What changed is rendered once and its frames are shared by all viewers; a slow one gets what it lacks in one
go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from dockerui.access import Actor
from dockerui.fragments.containers import group_html, row_html
from dockerui.services import live
from dockerui.services.board import Change
from dockerui.services.containers_list import make_query
from dockerui.services.errors import BadInput
from dockerui.ws.topic import ChannelHandle, Topic, body

ROWS_PER_FRAME = 50
TOGETHER = 0.05  # seconds to gather before the next change is sent
BURST = 0.1  # seconds after one of more than `FEW` rows: a storm moves rows a few times, not a hundred
FEW = 5

_frames: WeakKeyDictionary[Change, list[str]] = WeakKeyDictionary()


class ContainersTopic(Topic):
    """One viewer of one board."""

    name: ClassVar[str] = "containers"
    permission: ClassVar[str] = "container.list"

    def __init__(self, ch: ChannelHandle, actor: Actor, args: dict[str, Any]) -> None:
        super().__init__(ch, actor, args)
        filters, seen = args.get("filters") or {}, args.get("seen") or ""
        if not isinstance(filters, Mapping) or not isinstance(seen, str):
            raise BadInput("filters must be an object of lists, seen a text.")
        self.query = make_query(filters, limit=args.get("limit"), size=args.get("size"))
        self.seen = seen

    async def run(self) -> str | None:
        async with live.containers(self.actor, self.query) as board:
            while True:
                change = board.since(self.seen)
                if change is None:
                    await board.news(self.seen)
                    continue
                for frame in frames(change):
                    await self.ch.send_raw(frame)
                self.seen = change.snapshot.seen
                await asyncio.sleep(BURST if len(change.rows) > FEW else TOGETHER)


def frames(change: Change) -> list[str]:
    """The change as frames for any channel, made once."""
    made = _frames.get(change)
    if made is None:
        made = _frames[change] = _make(change)
    return made


def _make(change: Change) -> list[str]:
    snapshot = change.snapshot
    made = []
    for start in range(0, len(change.rows), ROWS_PER_FRAME):
        rows = change.rows[start : start + ROWS_PER_FRAME]
        made.append(body("rows", put=[(row.project, row_html(row)) for row in rows]))
    if change.whole:
        made.append(body("only", ids=[row.short for row in change.rows]))
    made.append(
        body(
            "seen",
            seen=snapshot.seen,
            gone=[id_[:12] for id_, _ in change.gone],
            groups=[(name, group and group_html(group)) for name, group in change.groups.items()],
            counts=snapshot.counts,
        )
    )
    if snapshot.problem:
        made.append(body("stale", message=snapshot.problem))
    return made
