"""Every topic a browser can open, by its name."""

from __future__ import annotations

from dockerui.ws.topic import Topic
from dockerui.ws.topics.attach import AttachTopic
from dockerui.ws.topics.containers import ContainersTopic
from dockerui.ws.topics.exec import ExecTopic

TOPICS: dict[str, type[Topic]] = {cls.name: cls for cls in (AttachTopic, ContainersTopic, ExecTopic)}
