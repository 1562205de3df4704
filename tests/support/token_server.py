"""A token server for a registry, as the distribution project specifies it.

For user name and password it gives a token and, when asked, an identity token; for that identity token alone,
more tokens.

    python token_server.py PORT KEY CERTIFICATE USER PASSWORD LOG

It is a program of its own because it must listen in the network namespace of the Engine. LOG gets one line
for each token that was given: `password` or the identity token that was shown.
"""

import base64
import json
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

ISSUER, SERVICE = "test issuer", "test registry"
LIFETIME = 300  # seconds


class Tokens:
    """Signs tokens and knows the identity tokens that it gave."""

    def __init__(self, key: Path, certificate: Path) -> None:
        signer = load_pem_private_key(key.read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        self._key = signer
        chain = load_pem_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.DER)
        self._header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(chain).decode()]}
        self.given: set[str] = set()

    def access(self, user: str, scopes: list[str]) -> str:
        """A token for what the scopes (`repository:name:pull,push`) ask for."""
        now = int(time.time())
        access = []
        for scope in " ".join(scopes).split():
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        claims = {
            "iss": ISSUER, "sub": user, "aud": SERVICE, "exp": now + LIFETIME, "nbf": now - 10, "iat": now,
            "jti": uuid.uuid4().hex, "access": access,
        }  # fmt: skip
        signed = f"{_part(self._header)}.{_part(claims)}"
        r, s = utils.decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def identity(self) -> str:
        """A new identity token."""
        token = f"identity-{uuid.uuid4().hex}"
        self.given.add(token)
        return token


class Handler(BaseHTTPRequestHandler):
    """GET with a password, POST with a password or an identity token."""

    tokens: Tokens
    user: str
    password: str
    log: Path

    def do_GET(self) -> None:
        """The older form, which docker login uses."""
        asked = parse_qs(urlsplit(self.path).query)
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, password = base64.b64decode(given).decode().partition(":")
        self._answer(user, password, asked, offline=asked.get("offline_token") == ["true"])

    def do_POST(self) -> None:
        """OAuth 2."""
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if asked["grant_type"] == ["refresh_token"]:
            token = asked["refresh_token"][0]
            self._give(asked, {"refresh_token": token} if token in self.tokens.given else None, token)
        else:
            offline = asked.get("access_type") == ["offline"]
            self._answer(asked["username"][0], asked["password"][0], asked, offline=offline)

    def _answer(self, user: str, password: str, asked: dict[str, list[str]], *, offline: bool) -> None:
        more = {"refresh_token": self.tokens.identity()} if offline else {}
        self._give(asked, more if (user, password) == (self.user, self.password) else None, "password")

    def _give(self, asked: dict[str, list[str]], more: dict[str, str] | None, shown: str) -> None:
        if more is None:
            self._send(401, {"details": "incorrect username or password"})
            return
        token = self.tokens.access(self.user, asked.get("scope", []))
        with self.log.open("a") as log:
            log.write(f"{shown}\n")
        self._send(200, {"token": token, "access_token": token, "expires_in": LIFETIME, **more})

    def _send(self, status: int, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _part(value: object) -> str:
    return _encode(json.dumps(value).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def main(port: str, key: str, certificate: str, user: str, password: str, log: str) -> None:
    """Serve until killed."""
    Handler.tokens = Tokens(Path(key), Path(certificate))
    Handler.user, Handler.password, Handler.log = user, password, Path(log)
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
