"""The one websocket of a browser tab, `/ws`.

Wire format. Text frames are JSON objects, binary frames are `[1 byte channel][payload]`. Channels are numbers
1 to 255 that the browser picks; it takes them in turn and reuses one only after all others, since frames may
still be under way.

    browser → server
    {"op":"open","ch":1,"topic":"containers","args":{…}}   start a topic      {"op":"close","ch":1}   stop it
    {"op":"ack","ch":1,"n":65536}     bytes of the channel that were consumed or drawn, since the last ack
    {"op":"sync","n":131072}          the `n` of a `sync` frame, echoed when all before it is worked through
    {"op":"ping"}, {"op":"pong"}      ask whether the server lives; answer its ping
    {"op":"resize","ch":3,…}          any other op goes to the channel's topic, in order with its bytes
    [channel][bytes]                  input for the topic (terminals)

    server → browser
    {"ch":1,"ev":"open"}              the actor may, the topic runs
    {"ch":1,"ev":…}                   the topic's own events, see dockerui/ws/topics/
    {"ch":1,"ev":"gap","count":n,"from":ns,"to":ns}        items this slow viewer missed
    {"ch":1,"ev":"ack","n":32768}     input bytes the topic has taken
    {"ch":1,"ev":"error","status":404,"message":"…"}       the channel is over: it failed or was refused
    {"ch":1,"ev":"end","reason":"…"}  the channel is over: its source ended
    {"ev":"sync","n":131072}          to be echoed       {"ev":"ping"}, {"ev":"pong"}
    [channel][bytes]                  output (logs, terminals)

Flow control, because a server's `send` does not wait for the browser:
- bytes out: at most 1 MiB per channel without `ack`;
- text out: at most 512 KiB per socket without `sync` (outbox.py); topics wait, so that the latest value wins;
- bytes and messages in: at most 256 KiB per channel without `ack` from the server, each frame at most 64 KiB.

Close codes: 4401 not logged in or logged out, 4403 a permission was withdrawn, 4400 bad message or unknown
topic, 4408 no answer to pings, 1003 bytes for a topic that takes none, 1007 not UTF-8, 1008 flood, 1009 frame
too big. The browser reconnects after all but 4401 and 4400.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async

from dockerui.services.sessions import actors_of
from dockerui.ws.errors import NOT_LOGGED_IN, Breach
from dockerui.ws.keeper import keeper
from dockerui.ws.outbox import Outbox
from dockerui.ws.session import Session

Message = dict[str, Any]


async def socket_consumer(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """ASGI application of one socket.

    Not a Channels consumer: their dispatch makes a task and a thread hop of every message, which costs a
    terminal 0.2 ms per key press.
    """
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})  # accept first: a refused handshake cannot carry a close code
    outbox = Outbox(send)
    key = scope["session"].session_key or ""
    actor = (await database_sync_to_async(actors_of)({key})).get(key)
    if actor is None:
        await outbox.close(NOT_LOGGED_IN, "not logged in")
        return
    session = Session(actor, outbox)
    keeper().add(session)
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            if not outbox.closed:
                try:
                    await session.receive(message.get("text"), message.get("bytes"))
                except Breach as breach:
                    session.end(breach)
    finally:
        keeper().discard(session)
        await session.shut()
