"""Who really asks when reverse proxies are between: only what trusted ones say is believed."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)


class ProxyMiddleware:
    """Forget forwarding headers from all but `DOCKERUI_TRUSTED_PROXIES`; put the client in REMOTE_ADDR."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.trusted = [ip_network(each) for each in settings.DOCKERUI_TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        peer = str(meta.get("REMOTE_ADDR") or "")
        if self._trusts(peer):
            meta["REMOTE_ADDR"] = self._client(peer, str(meta.get("HTTP_X_FORWARDED_FOR", "")))
        else:
            for header in FORWARDED:
                meta.pop(header, None)
        return self.get_response(request)

    def _client(self, peer: str, forwarded: str) -> str:
        """The last address that no trusted proxy of ours has: what stands before it anybody can invent."""
        for hop in reversed([hop.strip() for hop in forwarded.split(",") if hop.strip()]):
            if not _is_address(hop):
                return peer
            peer = hop
            if not self._trusts(hop):
                return hop
        return peer

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self.trusted)


def client_address(request: HttpRequest) -> str:
    """The client's address as ProxyMiddleware found it; empty on a unix socket."""
    return str(request.META.get("REMOTE_ADDR") or "")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
