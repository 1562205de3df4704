"""The hijacked connection alone: 1,000 keystrokes of one byte into `cat` on a tty, against a raw socket."""

from __future__ import annotations

import asyncio
import json
import socket
import time

from benchmarks import engine as bench
from benchmarks.measure import Result, percentile, report, scaled
from dockerui.engine import Engine
from dockerui.engine.aio import AsyncEngine

KEYS, ROUNDS, PAUSE = scaled(1000, 50), scaled(3, 1), 0.002
BODY = {"Cmd": ["cat"], "Tty": True, "AttachStdin": True, "AttachStdout": True, "AttachStderr": True}


def raw(engine: Engine, container: str) -> list[float]:
    """Milliseconds from key to echo over a plain socket."""
    exec_id = engine.exec_create(container, BODY)
    body = json.dumps({"Detach": False, "Tty": True}).encode()
    head = (
        f"POST /v{engine.version}/exec/{exec_id}/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\n"
        f"Upgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    took = []
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(engine.endpoint.path)
        connection.sendall(head.encode() + body)
        connection.recv(4096)
        for _ in range(KEYS):
            start = time.perf_counter()
            connection.sendall(b"a")
            connection.recv(100)
            took.append((time.perf_counter() - start) * 1000)
            time.sleep(PAUSE)
    return took


async def ours(engine: Engine, container: str) -> list[float]:
    """The same through the client's Duplex."""
    exec_id = engine.exec_create(container, BODY)
    took = []
    async with await AsyncEngine(engine).exec_start(exec_id, tty=True) as stream:
        for _ in range(KEYS):
            start = time.perf_counter()
            await stream.write(b"a")
            await stream.read()
            took.append((time.perf_counter() - start) * 1000)
            await asyncio.sleep(PAUSE)
    return took


def main() -> None:
    """Both sides in turn, all keystrokes of a side together."""
    engine = bench.connect()
    engine_side: list[float] = []
    client_side: list[float] = []
    with bench.container(engine, "sleep", "1000") as container:
        for _ in range(ROUNDS):
            engine_side += raw(engine, container)
            client_side += asyncio.run(ours(engine, container))
    results = []
    for name, share, bar, aim in (("p50", 0.5, 0.2, 0.1), ("p99", 0.99, 1.0, 0.3)):
        reference, own = percentile(engine_side, share), percentile(client_side, share)
        title = f"echo through the client, {name} over a raw socket"
        results.append(Result(title, "ms", own, reference, own - reference, bar, aim, higher_is_better=False))
    report(results)


if __name__ == "__main__":
    main()
