"""Client of the Docker Engine API. No Django, no Channels: usable alone.

from dockerui.engine import Endpoint, Engine
engine = Engine(Endpoint.from_environment())
for container in engine.container_list(all=True):
    print(container["Names"], container["State"])
"""

from . import errors
from .client import Engine
from .discovery import Candidate, candidates, discover
from .endpoint import TLS, Endpoint
from .operation import OPERATIONS, Operation, Param, Request
from .versions import NEWEST, OLDEST, ApiVersion, ServerInfo

__all__ = [
    "NEWEST",
    "OLDEST",
    "OPERATIONS",
    "TLS",
    "ApiVersion",
    "Candidate",
    "Endpoint",
    "Engine",
    "Operation",
    "Param",
    "Request",
    "ServerInfo",
    "candidates",
    "discover",
    "errors",
]
