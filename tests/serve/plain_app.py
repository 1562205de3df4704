"""A server around a plain ASGI application, without Django, for the tests of the server's flow control."""

import asyncio
import hashlib
import sys
from contextvars import ContextVar
from typing import Any

from dockerui.serve.server import Server

CHUNK = bytes(64 * 1024)
counters = {"sent": 0, "uploads": 0}
may_read = asyncio.Event()
mark = ContextVar("mark", default="fresh")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """One path per behaviour under test."""
    handler = WEBSOCKETS if scope["type"] == "websocket" else PAGES
    await handler[scope["path"]](receive, send)


async def answer(send: Any, body: str, status: int = 200) -> None:
    length = str(len(body)).encode()
    await send({"type": "http.response.start", "status": status, "headers": [(b"Content-Length", length)]})
    await send({"type": "http.response.body", "body": body.encode()})


async def counter_page(receive: Any, send: Any) -> None:
    """What the other requests have done so far."""
    await answer(send, " ".join(f"{name}={value}" for name, value in counters.items()))


async def context_page(receive: Any, send: Any) -> None:
    """Whether this request has a context of its own."""
    await answer(send, mark.get())


async def flood(receive: Any, send: Any) -> None:
    """1 GiB as fast as the client takes it."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(16 * 1024):
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        counters["sent"] += len(CHUNK)
    await send({"type": "http.response.body", "body": b""})


async def forever(receive: Any, send: Any) -> None:
    """A response that ends when the client or the server goes away."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


async def digest(receive: Any, send: Any) -> None:
    """Read the whole body, answer with its size and SHA-256."""
    mark.set("used")
    counters["uploads"] += 1
    size, sha = 0, hashlib.sha256()
    while True:
        message = await receive()
        size += len(message["body"])
        sha.update(message["body"])
        if not message["more_body"]:
            break
    await answer(send, f"{size} {sha.hexdigest()}")


async def lazy_digest(receive: Any, send: Any) -> None:
    """As digest, but reads nothing until /read is asked for."""
    await may_read.wait()
    await digest(receive, send)


async def read_now(receive: Any, send: Any) -> None:
    """Let lazy_digest go on."""
    may_read.set()
    await answer(send, "ok")


async def refuse(receive: Any, send: Any) -> None:
    """Answer without reading the body."""
    await answer(send, "too much", 413)


async def fail_before(receive: Any, send: Any) -> None:
    """Fail without an answer."""
    raise RuntimeError("on purpose")


async def fail_within(receive: Any, send: Any) -> None:
    """Fail in the middle of an answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("on purpose")


async def forget_the_end(receive: Any, send: Any) -> None:
    """Return in the middle of an answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def socket_fails(receive: Any, send: Any) -> None:
    """Fail with an open socket."""
    await send({"type": "websocket.accept"})
    raise RuntimeError("on purpose")


async def socket_flood(receive: Any, send: Any) -> None:
    """1 GiB of websocket messages."""
    await send({"type": "websocket.accept"})
    for _ in range(16 * 1024):
        await send({"type": "websocket.send", "bytes": CHUNK})
        counters["sent"] += len(CHUNK)


async def socket_echo(receive: Any, send: Any) -> None:
    """Send every message back."""
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})


PAGES = {
    "/counters": counter_page,
    "/context": context_page,
    "/flood": flood,
    "/forever": forever,
    "/digest": digest,
    "/lazy-digest": lazy_digest,
    "/read": read_now,
    "/refuse": refuse,
    "/fail-before": fail_before,
    "/fail-within": fail_within,
    "/forget-the-end": forget_the_end,
}
WEBSOCKETS = {"/flood": socket_flood, "/echo": socket_echo, "/fails": socket_fails}


async def announce(port: int) -> None:
    """Say where we are."""
    print(port, flush=True)


async def nothing() -> None:
    """No start-up work."""


def main() -> None:
    """Serve on the port given, or a free one, and print it."""
    port = sys.argv[1] if len(sys.argv) > 1 else "0"
    server = Server(
        application,
        endpoints=[f"tcp:port={port}:interface=127.0.0.1"],
        on_start=nothing,
        on_stop=nothing,
        on_listening=announce,
    )
    server.run()
    if server.failure:
        sys.exit(server.failure)


if __name__ == "__main__":
    main()
