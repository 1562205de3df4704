"""ASGI: pages through Django, and the one websocket through dockerui/ws."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dockerui.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import SessionMiddlewareStack
from django.core.asgi import get_asgi_application

_django = get_asgi_application()  # fills the app registry that the imports below need

from dockerui.ws.origin import SameOrigin  # noqa: E402
from dockerui.ws.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {"http": _django, "websocket": SameOrigin(SessionMiddlewareStack(URLRouter(websocket_urlpatterns)))}
)
