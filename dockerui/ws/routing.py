"""Where websockets are."""

from __future__ import annotations

from django.urls import URLPattern, path

from dockerui.ws.consumer import socket_consumer
from dockerui.ws.keeper import watch_accounts

watch_accounts()

websocket_urlpatterns: list[URLPattern] = [path("ws", socket_consumer)]  # type: ignore[arg-type]
