"""What the frame of every page says about the Engine: its name, its size, how much there is of what.

Pages show what is known and never wait for it; the frame asks for fresh facts on its own once it is shown.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerui.access import Actor
from dockerui.engine.errors import EngineError
from dockerui.services import engines
from dockerui.services.door import perform

FRESH = 1.0  # seconds for which facts serve everybody who asks: all tabs ask a second after each change
KNOWN = 300.0  # seconds for which a page shows them while it asks for fresh ones


@dataclass(frozen=True)
class Facts:
    """`counts` goes by the section of the navigation: containers, images, volumes, networks.

    `at` is when we began to ask (monotonic seconds): what changed later may be missing.
    """

    name: str
    cpus: int
    memory: int
    version: str
    counts: Mapping[str, int] = field(default_factory=dict)
    at: float = 0.0


_known: dict[str, Facts] = {}


def known() -> Facts | None:
    """The latest facts, if they are not too old to show. Asks nobody."""
    endpoint = engines.known_endpoint()
    facts = _known.get(endpoint.key) if endpoint else None
    return facts if facts and time.monotonic() - facts.at < KNOWN else None


def learn(actor: Actor) -> Facts | None:
    """Fresh facts, at most `FRESH` seconds old; None when the Engine does not answer. Raises Forbidden."""
    facts = known()
    if facts and time.monotonic() - facts.at < FRESH:
        return facts
    asked = time.monotonic()
    try:
        info = perform(actor, "system_info", call=lambda engine: engine.system_info())
        counts = {
            "containers": int(info.get("Containers") or 0),
            "images": len(perform(actor, "image_list", call=lambda engine: engine.image_list())),
            "volumes": len(_volumes(actor)),
            "networks": len(perform(actor, "network_list", call=lambda engine: engine.network_list())),
        }
    except EngineError:
        forget()
        return None
    facts = Facts(
        name=str(info.get("Name") or ""),
        cpus=int(info.get("NCPU") or 0),
        memory=int(info.get("MemTotal") or 0),
        version=str(info.get("ServerVersion") or ""),
        counts=counts,
        at=asked,
    )
    _known[engines.default().endpoint.key] = facts
    return facts


def forget() -> None:
    """Drop what is known: the Engine may be another one when it comes back."""
    _known.clear()


def _volumes(actor: Actor) -> list[Any]:
    return perform(actor, "volume_list", call=lambda engine: engine.volume_list()).get("Volumes") or []
