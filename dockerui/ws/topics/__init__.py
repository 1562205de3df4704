"""Every topic a browser can open, by its name."""

from __future__ import annotations

from dockerui.ws.topic import Topic
from dockerui.ws.topics.attach import AttachTopic
from dockerui.ws.topics.changes import ChangesTopic
from dockerui.ws.topics.container import ContainerTopic
from dockerui.ws.topics.containers import ContainersTopic
from dockerui.ws.topics.events import EventsTopic
from dockerui.ws.topics.exec import ExecTopic
from dockerui.ws.topics.images import ImagesTopic
from dockerui.ws.topics.jobs import JobsTopic, JobTopic
from dockerui.ws.topics.logs import LogsTopic
from dockerui.ws.topics.logsearch import LogSearchTopic
from dockerui.ws.topics.logsources import LogSourcesTopic
from dockerui.ws.topics.stats import StatsTopic, TotalsTopic
from dockerui.ws.topics.wait import WaitTopic

_ALL: tuple[type[Topic], ...] = (
    AttachTopic,
    ChangesTopic,
    ContainerTopic,
    ContainersTopic,
    EventsTopic,
    ExecTopic,
    ImagesTopic,
    JobTopic,
    JobsTopic,
    LogSearchTopic,
    LogSourcesTopic,
    LogsTopic,
    StatsTopic,
    TotalsTopic,
    WaitTopic,
)
TOPICS: dict[str, type[Topic]] = {cls.name: cls for cls in _ALL}
