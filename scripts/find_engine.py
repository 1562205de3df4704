"""Print the Engine that the server should use, as JSON: ``{"docker_host": …, "source": …}``, or ``null``.

Runs on the project's Python. What the environment or the docker context names is taken without asking whether
it answers: the server says so in its pages and recovers by itself. Of the usual sockets the first that
answers counts.
"""

from __future__ import annotations

import json
import os
from typing import Dict, Optional

import enginehttp

from dockerui.engine.discovery import candidates


def find() -> Optional[Dict[str, str]]:
    """The Engine's address and where it was found; None when there is none."""
    ours = os.environ.get("DOCKERUI_ENGINE", "").strip()
    if ours:
        return {"docker_host": ours, "source": "DOCKERUI_ENGINE", "named": "yes"}
    configured = bool(os.environ.get("DOCKER_HOST", "").strip())
    for candidate in candidates():
        endpoint = candidate.endpoint
        named = configured or candidate.source.startswith("docker context")
        if named or (candidate.present and enginehttp.ping(endpoint.path)):
            return {"docker_host": str(endpoint), "source": candidate.source, "named": "yes" if named else ""}
    return None


if __name__ == "__main__":
    print(json.dumps(find()))
