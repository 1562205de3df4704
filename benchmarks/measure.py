"""What every benchmark needs: sides that take turns, medians, and a verdict.

Each runs alone too: `python -m benchmarks.bench_NAME`. With `--quick` it does little of everything, to see
that it works; its figures then mean nothing, and it fails only when something breaks.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
QUICK = "--quick" in sys.argv


def scaled(full: T, quick: T) -> T:
    """How much to do."""
    return quick if QUICK else full


@dataclass(frozen=True)
class Result:
    """One figure. `value` is compared with `bar` (must) and `aim`; `reference` is the other side's own
    figure.
    """

    name: str
    unit: str
    ours: float
    reference: float
    value: float
    bar: float
    aim: float
    higher_is_better: bool

    @property
    def short(self) -> bool:
        """Whether the bar is not met."""
        return self.value < self.bar if self.higher_is_better else self.value > self.bar

    def line(self) -> str:
        """One line for people."""
        verdict = "SHORT" if self.short else "ok"
        sides = f"ours {self.ours:.4g} {self.unit}, reference {self.reference:.4g} {self.unit}"
        return f"{verdict:5} {self.name}: {self.value:.3g} (bar {self.bar:g}, aim {self.aim:g}); {sides}"


def alternate(rounds: int, sides: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Run the sides in turn, so that a busy machine is busy for all of them; medians by name."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            found[name].append(side())
    return {name: statistics.median(values) for name, values in found.items()}


def wall(run: Callable[[], object]) -> float:
    """Seconds that `run` takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def typical(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The median of the rounds' percentiles: one busy moment of the machine spoils one round."""
    return statistics.median(percentile(values, share) for values in rounds)


def report(results: Sequence[Result]) -> None:
    """Print the results, hand them to `make bench`, and exit with 1 when one is short."""
    for result in results:
        print(result.line(), flush=True)
    if path := os.environ.get("BENCH_RESULTS"):
        with Path(path).open("a") as file:
            for result in results:
                file.write(json.dumps({**asdict(result), "short": result.short}) + "\n")
    sys.exit(not QUICK and any(result.short for result in results))
