"""Imports every service, so that a process that serves no pages knows all background work too."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from dockerui import services


def declare() -> None:
    """Let every module under dockerui/services declare its background work."""
    for module in iter_modules(services.__path__):
        import_module(f"{services.__name__}.{module.name}")
