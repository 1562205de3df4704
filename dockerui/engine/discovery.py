"""Which Engine to use when nobody says so: the docker CLI's own rules, then the usual sockets."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .endpoint import DEFAULT_SOCKET, TLS, Endpoint
from .errors import EngineUnavailable, InvalidArgument


@dataclass(frozen=True)
class Candidate:
    """An Engine address and where it came from, in words: `DOCKER_HOST`, `rootless Docker`."""

    endpoint: Endpoint
    source: str

    @property
    def present(self) -> bool:
        """Whether the socket exists; always true for tcp, where only a call can tell."""
        if self.endpoint.scheme != "unix":
            return True
        try:
            return Path(self.endpoint.path).is_socket()
        except OSError:
            return False


def candidates(environ: Mapping[str, str] | None = None) -> list[Candidate]:
    """All Engines worth trying, best first, without calling any.

    `DOCKER_HOST` (with `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`) or else `DOCKER_CONTEXT` or the current
    context of the docker CLI; then the system's, rootless Docker's and Podman's sockets. Raises
    InvalidArgument when what is configured cannot be used: falling back to another Engine than the one
    asked for would be worse.
    """
    env = os.environ if environ is None else environ
    found = []
    if env.get("DOCKER_HOST", "").strip():
        found.append(_from_docker_host(env))
    else:
        context = _from_context(env)
        if context:
            found.append(context)
    found += _usual_sockets(env)
    unique = {candidate.endpoint.key: candidate for candidate in reversed(found)}
    return sorted(unique.values(), key=found.index)


def discover(environ: Mapping[str, str] | None = None) -> Candidate:
    """The Engine to use: what is configured, else the first socket that exists. Raises EngineUnavailable."""
    env = os.environ if environ is None else environ
    found = candidates(env)
    configured = env.get("DOCKER_HOST", "").strip() or _from_context(env)
    if configured:
        return found[0]
    for candidate in found:
        if candidate.present:
            return candidate
    tried = ", ".join(str(candidate.endpoint) for candidate in found)
    raise EngineUnavailable(f"no Engine found; looked at {tried}. Set DOCKER_HOST to name one.")


def _from_docker_host(env: Mapping[str, str]) -> Candidate:
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    folder = env.get("DOCKER_CERT_PATH", "")
    tls = None
    if verify or folder:
        tls = _tls_from(Path(folder) if folder else _config_folder(env), verify=verify)
    return Candidate(Endpoint.parse(env["DOCKER_HOST"], tls=tls), "DOCKER_HOST")


def _from_context(env: Mapping[str, str]) -> Candidate | None:
    config = _config_folder(env)
    name = env.get("DOCKER_CONTEXT") or str(_read_json(config / "config.json").get("currentContext") or "")
    if not name or name == "default":
        return None
    folder = hashlib.sha256(name.encode()).hexdigest()
    meta = _read_json(config / "contexts" / "meta" / folder / "meta.json")
    engine = (meta.get("Endpoints") or {}).get("docker") or {}
    if not engine.get("Host"):
        raise InvalidArgument(f"the docker context {name!r} is not there or names no Engine")
    tls = None
    files = config / "contexts" / "tls" / folder / "docker"
    if files.is_dir() or engine.get("SkipTLSVerify"):
        tls = _tls_from(files, verify=not engine.get("SkipTLSVerify"))
    return Candidate(Endpoint.parse(str(engine["Host"]), tls=tls), f'docker context "{name}"')


def _usual_sockets(env: Mapping[str, str]) -> list[Candidate]:
    runtime = env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    usual = [
        (DEFAULT_SOCKET, "the system's Docker"),
        (f"{runtime}/docker.sock", "rootless Docker"),
        (f"{env.get('HOME') or '/root'}/.docker/run/docker.sock", "Docker Desktop"),
        ("/run/podman/podman.sock", "the system's Podman"),
        (f"{runtime}/podman/podman.sock", "rootless Podman"),
    ]
    return [Candidate(Endpoint("unix", path=path), source) for path, source in usual if path.startswith("/")]


def _config_folder(env: Mapping[str, str]) -> Path:
    return Path(env.get("DOCKER_CONFIG") or Path(env.get("HOME") or "/root") / ".docker")


def _tls_from(folder: Path, *, verify: bool) -> TLS:
    """The file names that Docker has used since the beginning; absent ones are left out."""
    ca, cert, key = (
        str(folder / name) if (folder / name).is_file() else None
        for name in ("ca.pem", "cert.pem", "key.pem")
    )
    return TLS(ca=ca, cert=cert, key=key, verify=verify)


def _read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; one that is missing or broken is as good as empty, as for the docker CLI."""
    try:
        decoded = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
