"""Live data: one upstream per source, any number of viewers, fixed memory. No Django, no Channels."""

from .coalesce import Coalescer
from .credit import CreditWindow, WindowClosed
from .events import Down, EventFeed, FeedItem, Resync
from .history import History, StatsHistory
from .hub import Hub, Source
from .stats import StatsFeed, StatsWatch
from .stats_sampler import StatsSampler
from .subscription import Gap, Measure, Subscription

__all__ = [
    "Coalescer",
    "CreditWindow",
    "Down",
    "EventFeed",
    "FeedItem",
    "Gap",
    "History",
    "Hub",
    "Measure",
    "Resync",
    "Source",
    "StatsFeed",
    "StatsHistory",
    "StatsSampler",
    "StatsWatch",
    "Subscription",
    "WindowClosed",
]
