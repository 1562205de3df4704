"""Live data: one upstream per source, any number of viewers, fixed memory. No Django, no Channels."""

from .credit import CreditWindow, WindowClosed

__all__ = ["CreditWindow", "WindowClosed"]
