"""A terminal beside a log view at full speed in the same server process: 1,000 keystrokes into `cat`.

The reference is a raw hijack beside `docker logs` of the same log.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator

from benchmarks import engine as bench
from benchmarks import logs
from benchmarks import server as serving
from benchmarks.bench_echo_client import raw
from benchmarks.bench_terminal_echo import through_server
from benchmarks.measure import Result, report, scaled, typical

ROUNDS = scaled(5, 1)


@contextlib.contextmanager
def again_and_again(read: Callable[[], object]) -> Iterator[None]:
    """`read` over and over in a process of its own, which ends with this one."""
    process = multiprocessing.get_context("fork").Process(target=_for_ever, args=(read,), daemon=True)
    process.start()
    try:
        yield
        if not process.is_alive():
            raise AssertionError("the log was not read to the end")
    finally:
        process.kill()
        process.join()


def _for_ever(read: Callable[[], object]) -> None:
    while True:
        read()


def main() -> None:
    """The sides in turn; the median of the rounds' percentiles."""
    engine = bench.connect()
    reference: list[list[float]] = []
    ours: list[list[float]] = []
    with (
        bench.log_of(engine, logs.LINES, logs.WIDTH) as log,
        bench.container(engine, "sleep", "10000") as container,
        serving.running(engine) as server,
    ):
        for _ in range(ROUNDS):
            with again_and_again(lambda: logs.docker_logs(engine, log)):
                reference.append(raw(engine, container))
            with again_and_again(lambda: logs.read(server, log)):
                ours.append(through_server(server, container))
    results = []
    for name, share, bar, aim in (("p50", 0.5, 8.0, 4.0), ("p99", 0.99, 20.0, 8.0)):
        base, own = typical(reference, share), typical(ours, share)
        results.append(
            Result(f"echo {name} beside a log at full speed", "ms", own, base, own, bar, aim, False)
        )
    report(results)


if __name__ == "__main__":
    main()
