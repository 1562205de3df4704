"""Large bodies through the server against `curl` on the Engine's socket: how fast, and in how much memory.

    python -m benchmarks.bench_transfers [--mib 2048] [--rounds 3] [--only NAME…] [--folder FOLDER]

Both sides are curl, from files in the page cache or to nowhere; ours asks the pages' own addresses with a
login. What it makes on the Engine is labelled, and removed at the end. Needs about eight times the size on
disk.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import engine as bench
from benchmarks import server as serving
from benchmarks.measure import Result, alternate, report, scaled, wall
from benchmarks.payload import BIG, Payload
from dockerui.engine import Engine
from dockerui.engine.errors import NotFound

IMAGE, BUILT = "dockerui-bench:saved", "dockerui-bench:built"
TAR, BYTES = "application/x-tar", "application/octet-stream"
CSRF = "b" * 32  # the page's token: cookie and header must agree, and a browser is told any it likes
RATIO_BAR, RATIO_AIM = 0.7, 0.9
GROWTH_BAR, GROWTH_AIM = 32.0, 16.0


def curl(*options: str) -> str:
    """Run it; fails on an answer that is an error."""
    command = ["curl", "-sS", "--fail-with-body", "-H", "Expect:", *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@dataclass
class Side:
    """One way to the Engine: `options` for curl, and the address that paths follow."""

    options: list[str]
    base: str

    def get(self, path: str, /, **query: str) -> None:
        """Read a body to its end and drop it."""
        curl(*self.options, "-o", "/dev/null", f"{self.base}{path}?{urlencode(query)}")

    def send(self, method: str, path: str, file: Path, kind: str = TAR, /, **query: str) -> str:
        """Send a file as the body; what is answered."""
        url = f"{self.base}{path}?{urlencode(query)}"
        return curl(*self.options, "-X", method, "-T", str(file), "-H", f"Content-Type: {kind}", url)


@dataclass
class Bench:
    """Everything that the transfers need."""

    engine: Engine
    server: serving.Server
    payload: Payload
    saved: Path
    container: str = ""

    @property
    def theirs(self) -> Side:
        """curl on the Engine's socket."""
        return Side(["--unix-socket", self.engine.endpoint.path], "http://docker")

    @property
    def ours(self) -> Side:
        """curl as a browser that is logged in."""
        base = f"http://127.0.0.1:{self.server.port}"
        cookies = f"dockerui={self.server.session}; dockerui-csrf={CSRF}"
        headers = ["Accept: application/json", f"X-CSRFToken: {CSRF}", f"Origin: {base}"]
        return Side(["-b", cookies, *[part for line in headers for part in ("-H", line)]], base)

    def job(self, path: str, file: Path, **form: str) -> None:
        """What a form with an upload does: make the job, send the bytes, watch until it has ended."""
        ours = self.ours
        fields = [part for pair in form.items() for part in ("--data-urlencode", "=".join(pair))]
        made = json.loads(curl(*ours.options, *fields, f"{ours.base}{path}"))
        tab = self.server.tab()
        tab.send("open", ch=1, topic="job", args={"id": made["job"]})
        ours.send("POST", made["upload"], file)
        state = ""
        while state not in ("succeeded", "failed", "cancelled", "interrupted"):
            state = tab.message("job")["job"]["state"]
        tab.close()
        if state != "succeeded":
            raise AssertionError(f"{path}: the job {state}")

    def gone(self, image: str) -> None:
        """Remove an image if it is there."""
        with contextlib.suppress(NotFound):
            self.engine.image_remove(image, force=True)

    def check_big(self) -> None:
        """What was uploaded has arrived."""
        size = self.engine.container_archive_info(self.container, path=f"/in/{BIG}").size
        if size != self.payload.size:
            raise AssertionError(f"{size} of {self.payload.size} bytes have arrived")


Sides = dict[str, Callable[[], None]]


def save(it: Bench) -> Sides:
    """An image as a tar."""
    return {
        "ours": lambda: it.ours.get("/images/save", name=IMAGE),
        "curl": lambda: it.theirs.get(f"/images/{IMAGE}/get"),
    }


def export(it: Bench) -> Sides:
    """The whole file system of a container."""
    return {
        "ours": lambda: it.ours.get(f"/containers/{it.container}/export"),
        "curl": lambda: it.theirs.get(f"/containers/{it.container}/export"),
    }


def file_out(it: Bench) -> Sides:
    """One file of a container."""
    return {
        "ours": lambda: it.ours.get(f"/containers/{it.container}/files/download", path=f"/data/{BIG}"),
        "curl": lambda: it.theirs.get(f"/containers/{it.container}/archive", path=f"/data/{BIG}"),
    }


def folder_out(it: Bench) -> Sides:
    """A folder of a container."""
    return {
        "ours": lambda: it.ours.get(f"/containers/{it.container}/files/download", path="/data"),
        "curl": lambda: it.theirs.get(f"/containers/{it.container}/archive", path="/data"),
    }


def files_in(it: Bench) -> Sides:
    """Files into a container."""
    path = f"/containers/{it.container}/files/upload"
    return {"ours": lambda: _in(it, it.ours, "POST", path, it.payload.upload, BYTES), "curl": _put(it)}


def archive_in(it: Bench) -> Sides:
    """A tar into a container: its headers, which are looked through, then all of it behind them again."""
    path = f"/containers/{it.container}/files/extract"
    listed = str(it.payload.headers.stat().st_size)

    def ours() -> None:
        it.ours.send("POST", path, it.payload.headers, TAR, path="/in", check="1")
        it.ours.send("POST", path, it.payload.listed, TAR, path="/in", list=listed)
        it.check_big()

    return {"ours": ours, "curl": _put(it)}


def load(it: Bench) -> Sides:
    """An image from a tar, which is not there before."""
    return {
        "ours": lambda: it.job("/images/load", it.saved, filename="saved.tar"),
        "curl": lambda: _said(it.theirs.send("POST", "/images/load", it.saved), "Loaded image"),
    }


def build(it: Bench) -> Sides:
    """A build of one step with a large context."""
    form = {"source": "tar", "t": BUILT, "rm": "on", "nocache": "on"}
    query = {"t": BUILT, "rm": "1", "nocache": "1"}
    return {
        "ours": lambda: it.job("/images/build", it.payload.tar, **form),
        "curl": lambda: _said(it.theirs.send("POST", "/build", it.payload.tar, **query), "Successfully"),
    }


WITH_CONTAINER = (export, file_out, folder_out, files_in, archive_in)
WITHOUT = (load, build)


def _in(it: Bench, side: Side, method: str, path: str, file: Path, kind: str) -> None:
    side.send(method, path, file, kind, path="/in")
    it.check_big()


def _put(it: Bench) -> Callable[[], None]:
    path = f"/containers/{it.container}/archive"
    return lambda: _in(it, it.theirs, "PUT", path, it.payload.tar, TAR)


def _said(answer: str, words: str) -> None:
    if words not in answer:
        raise AssertionError(answer[-500:])


def measured(it: Bench, made: Callable[[Bench], Sides], rounds: int) -> list[Result]:
    """Both sides in turn; the largest growth of the server in any round."""
    sides, growths, name = made(it), [0.0], made.__name__.replace("_", " ")
    pid = it.server.process.pid

    def ours() -> float:
        _forget(it, made)
        before = serving.resident(pid)
        serving.forget_peak(pid)
        seconds = wall(sides["ours"])
        growths.append(serving.peak(pid) - before)
        return seconds

    def theirs() -> float:
        _forget(it, made)
        return wall(sides["curl"])

    took = alternate(rounds, {"ours": ours, "curl": theirs})
    _forget(it, made)
    rates = {side: it.payload.size / seconds / 1e6 for side, seconds in took.items()}
    ratio, growth = rates["ours"] / rates["curl"], max(growths)
    print(
        f"      {name}: {rates['ours']:.0f} against {rates['curl']:.0f} MB/s, +{growth:.1f} MiB", flush=True
    )
    return [
        Result(
            f"{name}, against curl", "MB/s", rates["ours"], rates["curl"], ratio, RATIO_BAR, RATIO_AIM, True
        ),
        Result(f"{name}, memory growth", "MiB", growth, 0.0, growth, GROWTH_BAR, GROWTH_AIM, False),
    ]


def _forget(it: Bench, made: Callable[[Bench], Sides]) -> None:
    """A layer that is there already would not be loaded again."""
    if made in WITHOUT:
        it.gone(IMAGE if made is load else BUILT)


@contextlib.contextmanager
def image_of(it: Bench) -> Iterator[None]:
    """The payload as an image, saved to a file as well."""
    with bench.container(it.engine, "sleep", "100000", WorkingDir="/data") as id:
        it.theirs.send("PUT", f"/containers/{id}/archive", it.payload.tar, path="/data")
        repo, _, tag = IMAGE.partition(":")
        it.engine.container_commit(id, repo=repo, tag=tag, body={"Labels": {bench.LABEL: "1"}})
    try:
        curl(*it.theirs.options, "-o", str(it.saved), f"http://docker/images/{IMAGE}/get")
        yield
    finally:
        it.gone(IMAGE)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--mib", type=int, default=scaled(2048, 64), help="size of a body")
    parser.add_argument("--rounds", type=int, default=scaled(3, 1))
    parser.add_argument("--quick", action="store_true", help="only see that it runs")
    parser.add_argument("--only", nargs="*", default=[], help="names such as save or files_in")
    parser.add_argument("--folder", help="where the bodies are kept meanwhile")
    return parser.parse_args()


def main() -> None:
    """Measure."""
    given, engine, results = arguments(), bench.connect(), []

    def each(it: Bench, *transfers: Callable[[Bench], Sides]) -> None:
        for made in transfers:
            if not given.only or made.__name__ in given.only:
                results.extend(measured(it, made, given.rounds))

    with tempfile.TemporaryDirectory(dir=given.folder) as folder, serving.running(engine) as server:
        payload = Payload.write(Path(folder), given.mib << 20)
        it = Bench(engine, server, payload, Path(folder) / "saved.tar")
        try:
            with image_of(it):
                each(it, save)
                with bench.container(
                    engine, "sleep", "100000", Image=IMAGE, WorkingDir="/in"
                ) as it.container:
                    each(it, *WITH_CONTAINER)
            each(it, *WITHOUT)
        finally:
            it.gone(BUILT)
            it.gone(IMAGE)
    report(results)


if __name__ == "__main__":
    main()
