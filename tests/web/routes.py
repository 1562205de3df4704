"""Every address there is, with something in the place of each parameter."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = {"str": "a" * 64, "slug": "start", "int": "1", "uuid": str(uuid.UUID(int=1)), "path": "a/b"}


@dataclass(frozen=True)
class Route:
    """One address: its name, an example of it, and what its view declares that it needs."""

    name: str
    url: str
    needs: str | None

    def __str__(self) -> str:
        return self.name


def routes() -> list[Route]:
    """All of them."""
    return sorted(_walk(get_resolver(), "/"), key=lambda route: route.url)


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        here = prefix + _example(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, here)
        elif isinstance(entry, URLPattern):
            yield Route(entry.name or here, here, getattr(entry.callback, "needs", None))


def _example(pattern: Any) -> str:
    text = str(pattern)
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        text = text.replace(f"<{kind}:{name}>", SAMPLES[{"string": "str"}.get(kind, kind)])
        text = text.replace(f"<str:{name}>", SAMPLES["str"])
    return text
