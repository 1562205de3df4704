"""Live data: one upstream per source, any number of viewers, fixed memory. No Django, no Channels."""

from .credit import CreditWindow, WindowClosed
from .events import Down, EventFeed, FeedItem, Resync
from .hub import Hub, Source, transient
from .subscription import Gap, Measure, Subscription

__all__ = [
    "CreditWindow",
    "Down",
    "EventFeed",
    "FeedItem",
    "Gap",
    "Hub",
    "Measure",
    "Resync",
    "Source",
    "Subscription",
    "WindowClosed",
    "transient",
]
