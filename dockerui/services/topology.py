"""Where everything of the picture of networks and containers stands: two columns, lines between, few
crossings.
"""

from __future__ import annotations

from dataclasses import dataclass

from dockerui.services.networks import NetworkView

ROW = 38  # pixels from one box to the next
BOX = (270, 28)
GAP = 280
TOP = 10


@dataclass(frozen=True)
class Box:
    """A network or a container of the picture, in pixels; `kind` is the class it is drawn with."""

    id: str
    name: str
    kind: str
    note: str
    x: int
    y: int

    @property
    def is_network(self) -> bool:
        """Whether it stands for a network."""
        return self.kind.startswith("network")

    @property
    def text_y(self) -> int:
        """Base line of the text."""
        return self.y + 18


@dataclass(frozen=True)
class Line:
    """A container's place on a network: a curve from its box to the network's."""

    path: str
    state: str
    title: str


@dataclass(frozen=True)
class Picture:
    """Everything to draw, and how large it is."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    networks: tuple[NetworkView, ...]
    """The same in words, for where there is no room for two columns."""


def draw(networks: list[NetworkView]) -> Picture:
    """Networks with containers on the left, containers on the right, each container near the middle of its
    networks.
    """
    # `none` and `host` join nobody to anybody.
    shown = [network for network in networks if network.endpoints and network.driver not in ("null", "host")]
    left = {network.id: index for index, network in enumerate(shown)}
    places: dict[str, list[int]] = {}
    names: dict[str, tuple[str, str]] = {}
    for network in shown:
        for endpoint in network.endpoints:
            places.setdefault(endpoint.container_id, []).append(left[network.id])
            names[endpoint.container_id] = (endpoint.container, endpoint.state)
    # Barycentre: the simplest order that keeps most lines from crossing.
    order = sorted(places, key=lambda cid: (sum(places[cid]) / len(places[cid]), names[cid][0]))
    height = max(len(shown), len(order), 1) * ROW + 2 * TOP
    step = (height - 2 * TOP) / max(len(shown), 1)
    nets = {
        network.id: Box(
            network.id,
            network.name,
            "network is-internal" if network.internal else "network",
            _note(network),
            0,
            round(TOP + step * (index + 0.5) - BOX[1] / 2),
        )
        for index, network in enumerate(shown)
    }
    right = BOX[0] + GAP
    boxes = {
        cid: Box(cid, names[cid][0], "container", names[cid][1], right, TOP + index * ROW)
        for index, cid in enumerate(order)
    }
    lines = tuple(
        Line(
            _curve(nets[network.id], boxes[e.container_id]),
            e.state,
            f"{e.container} on {network.name} {e.ipv4}".strip(),
        )
        for network in shown
        for e in network.endpoints
    )
    return Picture(right + BOX[0], height, (*nets.values(), *boxes.values()), lines, tuple(shown))


def _note(network: NetworkView) -> str:
    return network.subnets[0][0] if network.subnets else network.driver


def _curve(network: Box, container: Box) -> str:
    x1, y1, x2, y2 = BOX[0], network.y + BOX[1] // 2, container.x, container.y + BOX[1] // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
