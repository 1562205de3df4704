"""What the Engine tells of a transfer, as progress of a job: layers, the whole, speed, and failures.

The Engine's answer has status 200 long before the work is done; that it failed is only said in the stream.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable
from dataclasses import dataclass

from dockerui.engine.protocol.progress import Progress
from dockerui.services.errors import sentence
from dockerui.services.job_kinds import JobContext, JobFailed
from dockerui.services.uploads import Upload
from dockerui.services.words import bytes_iec

MOVED = 0.85  # what moving a layer's bytes is worth of the whole; the rest is unpacking it
_STEP = re.compile(r"^Step (\d+)/(\d+) ?: (.*)", re.IGNORECASE)
_LAYER = re.compile(r"[0-9a-f]{12}")
_MOVING = ("Downloading", "Pushing", "Loading layer", "Importing")
_HAVE = ("Already exists", "Layer already exists", "Pull complete", "Pushed")
_MOVED = ("Verifying Checksum", "Download complete", "Extracting")


@dataclass
class Layer:
    """How far one layer is: bytes moved, of how many, and which part of unpacking is done."""

    moved: int = 0
    total: int | None = None
    unpacked: float = 0.0
    done: bool = False
    had: bool = False


class Transfer:
    """Turns progress documents into the progress of a job."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx
        self._layers: dict[str, Layer] = {}
        self.image_id = ""
        self.aux: list[object] = []

    async def follow(self, stream: AsyncIterable[Progress]) -> None:
        """Read to the end. Raises JobFailed with the Engine's words, which may come at any time."""
        async for step in stream:
            self.take(step)

    def take(self, step: Progress) -> None:
        """One document. Raises JobFailed."""
        if step.error:
            self._ctx.output(f"{step.error}\n")
            raise JobFailed(sentence(step.error))
        if step.aux is not None:
            self.aux.append(step.aux)
        if not self.image_id.startswith("sha256:"):  # some say it twice, the second time shortened
            self.image_id = step.image_id or self.image_id
        if step.stream:
            self._print(step.stream)
        elif step.id and (step.total is not None or _LAYER.fullmatch(step.id)):
            self._layer(step)
        elif step.status:
            self._ctx.output(f"{step.id}: {step.status}\n" if step.id else f"{step.status}\n")
            self._ctx.progress(message=step.status)

    def _print(self, text: str) -> None:
        self._ctx.output(text)
        if found := _STEP.match(text):
            step, steps = int(found[1]), int(found[2])
            message = f"Step {step} of {steps}: {found[3].strip()}"
            self._ctx.progress(fraction=(step - 1) / max(1, steps), message=message)

    def _layer(self, step: Progress) -> None:
        layer = self._layers.setdefault(step.id, Layer())
        if step.status.startswith(_MOVING):
            layer.moved = max(layer.moved, step.current or 0)
            layer.total = step.total or layer.total
        elif step.status.startswith(_HAVE) or step.status.startswith("Mounted from"):
            layer.had = layer.had or step.status not in ("Pull complete", "Pushed")
            layer.done, layer.moved = True, layer.total or layer.moved
        elif step.status.startswith(_MOVED):
            layer.total = layer.total or step.total
            layer.moved = layer.total or layer.moved
            if step.total and step.current is not None:
                layer.unpacked = step.current / step.total
        self._ctx.item(step.id, step.status, step.current, step.total)
        self._whole()

    def _whole(self) -> None:
        """All layers together; one whose size is not known yet counts as much as the others do on average."""
        real = [layer for layer in self._layers.values() if not layer.had]
        known = [layer.total for layer in real if layer.total]
        usual = sum(known) / len(known) if known else 1.0
        moved = sum(layer.moved for layer in real)
        done = weight = 0.0
        for layer in real:
            size = layer.total or usual
            weight += size
            part = MOVED * min(1.0, layer.moved / size) + (1 - MOVED) * layer.unpacked
            done += size * (1.0 if layer.done else part)
        ready = sum(layer.done for layer in self._layers.values())
        message = f"{ready} of {len(self._layers)} layers"
        if known:
            message += f", {bytes_iec(moved)} of {bytes_iec(sum(known))}"
        moving = any(not layer.done and layer.moved < (layer.total or 1) for layer in real)
        rate = self._ctx.meter.rate(moved) if moving else 0.0
        # Nothing to move at all leaves the bar as it is.
        fraction = min(0.99, done / weight) if weight and known else None
        self._ctx.progress(fraction=fraction, message=message, rate=rate)


async def fed(ctx: JobContext) -> AsyncIterable[bytes]:
    """The upload that feeds the job, with its progress told."""
    upload = ctx.fed()
    async for piece in upload:
        if ctx.due():
            _tell(ctx, upload)
        yield piece
    ctx.progress(message="Uploaded; the Engine works on it", rate=0.0)


def _tell(ctx: JobContext, upload: Upload) -> None:
    of = f" of {bytes_iec(upload.length)}" if upload.length else ""
    ctx.progress(
        fraction=0.9 * upload.taken / upload.length if upload.length else None,
        message=f"Uploading, {bytes_iec(upload.taken)}{of}",
        rate=ctx.meter.rate(upload.taken),
    )
