"""Values of the Engine in the words of a person: sizes, durations, command lines."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

_IEC = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_iec(count: float) -> str:
    """1536 → `1.5 KiB`; three significant digits at most."""
    size, unit = float(count), 0
    while abs(size) >= 1023.5 and unit < len(_IEC) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {_IEC[unit]}" if unit == 0 or size >= 100 else f"{size:.3g} {_IEC[unit]}"


def nanoseconds(count: int) -> str:
    """A duration the Engine gives in nanoseconds: 90_000_000_000 → `1 min 30 s`."""
    if count < 1_000_000_000:
        return f"{count / 1e6:g} ms"
    left, words = round(count / 1e9), []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        whole, left = divmod(left, size)
        if whole:
            words.append(f"{whole} {unit}")
    return " ".join(words)


def shell_words(argv: Iterable[str]) -> str:
    """An argument list as one would type it, quoted where needed; for reading only, never run."""
    return shlex.join(str(word) for word in argv)
