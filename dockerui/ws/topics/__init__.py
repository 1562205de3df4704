"""Every topic a browser can open, by its name."""

from __future__ import annotations

from dockerui.ws.topic import Topic
from dockerui.ws.topics.containers import ContainersTopic

TOPICS: dict[str, type[Topic]] = {cls.name: cls for cls in (ContainersTopic,)}
