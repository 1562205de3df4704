"""Live data: one upstream per source, any number of viewers, fixed memory. No Django, no Channels."""

from .coalesce import Coalescer
from .credit import CreditWindow, WindowClosed
from .events import Down, EventFeed, FeedItem, Resync
from .history import History, StatsHistory
from .hub import Hub, Source, transient
from .logs import LogCut, LogEnd, LogItem, LogOptions, LogSource
from .merge import Merged, MergeWindow
from .records import Cursor, FrameRecords, LineRecords, LogChunk
from .shared_logs import SharedLogs
from .stats import StatsFeed, StatsWatch
from .stats_sampler import StatsSampler
from .subscription import Gap, Measure, Subscription

__all__ = [
    "Coalescer",
    "CreditWindow",
    "Cursor",
    "Down",
    "EventFeed",
    "FeedItem",
    "FrameRecords",
    "Gap",
    "History",
    "Hub",
    "LineRecords",
    "LogChunk",
    "LogCut",
    "LogEnd",
    "LogItem",
    "LogOptions",
    "LogSource",
    "Measure",
    "MergeWindow",
    "Merged",
    "Resync",
    "SharedLogs",
    "Source",
    "StatsFeed",
    "StatsHistory",
    "StatsSampler",
    "StatsWatch",
    "Subscription",
    "WindowClosed",
    "transient",
]
