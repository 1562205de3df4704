"""Where an Engine is: `unix:///path`, `tcp://host:port`, and tcp with TLS."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from .errors import EngineUnavailable, InvalidArgument

DEFAULT_SOCKET = "/var/run/docker.sock"
_PORT, _TLS_PORT = 2375, 2376


@dataclass(frozen=True)
class TLS:
    """How to speak TLS with an Engine: paths of PEM files, never their contents.

    `ca` checks the Engine's certificate (None: the system's authorities), `cert` and `key` are shown to the
    Engine,
    `verify=False` accepts any certificate, as the docker CLI does with `--tls`.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = field(default=None, repr=False)
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """A client context. Raises EngineUnavailable when a file is missing or is not PEM."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if not self.verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.cert:
                context.load_cert_chain(self.cert, self.key)
        except OSError as exc:  # ssl.SSLError is one too
            raise EngineUnavailable(
                f"the TLS files for the Engine cannot be read: {exc.strerror or exc}"
            ) from exc
        return context


@dataclass(frozen=True)
class Endpoint:
    """The address of one Engine. Printable, hashable, free of secrets."""

    scheme: Literal["unix", "tcp"]
    path: str = ""
    host: str = ""
    port: int = 0
    tls: TLS | None = None

    @classmethod
    def parse(cls, address: str, *, tls: TLS | None = None) -> Endpoint:
        """Read `unix:///run/docker.sock`, `tcp://host[:port]` or `host:port`; `tls` applies to tcp only.

        Ports default to 2375, with TLS to 2376. Raises InvalidArgument, which never repeats a password.
        """
        address = address.strip()
        if "://" not in address and ":" in address:
            address = f"tcp://{address}"
        scheme, found, rest = address.partition("://")
        if not found or not rest.isprintable():
            raise InvalidArgument("an Engine address looks like unix:///path or tcp://host:port")
        if scheme == "unix":
            return cls._unix(rest)
        if scheme == "tcp":
            return cls._tcp(address, tls)
        raise InvalidArgument(
            f"Engine addresses with {scheme[:20]}:// are not supported; use unix:// or tcp://"
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Endpoint:
        """The Engine that the docker CLI would use, or a socket that is there; see `discovery.candidates`.

        Raises EngineUnavailable when nothing is configured and no known socket exists.
        """
        from .discovery import discover  # endpoint and discovery know each other; this one is called late

        return discover(environ).endpoint

    @property
    def key(self) -> str:
        """A stable name for this endpoint and the identity shown to it; holds no secret."""
        if not self.tls:
            return str(self)
        shown = "\n".join((self.tls.ca or "", self.tls.cert or "", self.tls.key or "", str(self.tls.verify)))
        return f"{self}+tls-{hashlib.sha256(shown.encode()).hexdigest()[:8]}"

    @property
    def base_url(self) -> str:
        """The `http(s)://host:port` form of a tcp endpoint."""
        return f"{'https' if self.tls else 'http'}://{self._netloc}"

    def __str__(self) -> str:
        return f"unix://{self.path}" if self.scheme == "unix" else f"tcp://{self._netloc}"

    @property
    def _netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def _unix(cls, path: str) -> Endpoint:
        if not path.startswith("/"):
            raise InvalidArgument(
                "a unix:// Engine address needs an absolute path, such as unix:///var/run/docker.sock"
            )
        return cls("unix", path=path)

    @classmethod
    def _tcp(cls, address: str, tls: TLS | None) -> Endpoint:
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError as exc:
            raise InvalidArgument("the port or the host of the Engine address is not valid") from exc
        if parts.username is not None or parts.password is not None:
            raise InvalidArgument("an Engine address cannot hold a user name or a password")
        if parts.path.strip("/") or parts.query or parts.fragment or " " in parts.netloc:
            raise InvalidArgument("a tcp:// Engine address is only a host and a port")
        default = _TLS_PORT if tls else _PORT
        return cls("tcp", host=parts.hostname or "127.0.0.1", port=default if port is None else port, tls=tls)
