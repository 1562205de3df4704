"""ASGI: pages through Django, and the one websocket through dockerui/ws."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dockerui.settings")

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import SessionMiddlewareStack

django.setup(set_prefix=False)  # fills the app registry that the imports below need

from dockerui.serve.lifecycle import lifespan  # noqa: E402
from dockerui.web.bodies import StreamingHandler  # noqa: E402
from dockerui.ws.keeper import watch_accounts  # noqa: E402
from dockerui.ws.origin import SameOrigin  # noqa: E402
from dockerui.ws.routing import websocket_urlpatterns  # noqa: E402

watch_accounts()

application = ProtocolTypeRouter(
    {
        "http": StreamingHandler(),
        "websocket": SameOrigin(SessionMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,  # for other servers than ours, which starts its work itself
    }
)
