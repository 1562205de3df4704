"""``manage.py serve``: the web server and its background work in one process."""

import asyncio
import logging
import os
import signal
from argparse import ArgumentParser
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from dockerui.accounts import setup
from dockerui.serve import announce, lifecycle
from dockerui.web import assets

ROLES = ("all", "web", "worker")
IN_MEMORY_LAYER = "channels.layers.InMemoryChannelLayer"

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Serve until SIGTERM or SIGINT."""

    help = "Serve dockerui: web pages, websockets and background work in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port; 0 takes a free one (%(default)s)")
        parser.add_argument(
            "--role",
            choices=ROLES,
            default="all",
            help="web and worker split the work between processes; that needs a Redis channel layer",
        )

    def handle(self, *, role: str, host: str, port: int, **options: Any) -> None:
        """Run. Raises CommandError when it cannot serve."""
        os.umask(0o077)  # the database and the keys are nobody else's, whoever made the folder
        if role == "all":
            call_command("migrate", verbosity=0)
        else:
            _need_shared_channel_layer(role)
        if role == "worker":
            asyncio.run(_work())
        else:
            self._serve(role, host, port)

    def _serve(self, role: str, host: str, port: int) -> None:
        from daphne.endpoints import build_endpoint_description_strings

        from dockerui.serve.server import Server  # installs Twisted's reactor: only in a process that serves

        if not settings.DEBUG:
            assets.collect()  # before the application is loaded: it looks at the files once
        server = Server(
            import_string(settings.ASGI_APPLICATION),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            on_start=lambda: lifecycle.start(role),
            on_stop=lifecycle.stop,
            on_listening=lambda real_port: self._announce(host, real_port),
        )
        server.run()
        if server.failure:
            raise CommandError(f"{server.failure}\nAnother port: make run PORT={(port or 8000) + 1}")

    async def _announce(self, host: str, port: int) -> None:
        # Not before the port is ours: a new link ends the one that a running server has printed.
        link = await sync_to_async(setup.new_link)()
        self.stdout.write(announce.line(host, port, link))
        self.stdout.flush()


def _need_shared_channel_layer(role: str) -> None:
    if settings.CHANNEL_LAYERS["default"]["BACKEND"] == IN_MEMORY_LAYER:
        raise CommandError(
            f"--role {role} splits the work between processes, which then must reach each other: "
            "set DOCKERUI_REDIS_URL, or use --role all."
        )


async def _work() -> None:
    """Background work only, until the process is asked to stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await lifecycle.start("worker")
    logger.info("background work started")
    await stopped.wait()
    await lifecycle.stop()
