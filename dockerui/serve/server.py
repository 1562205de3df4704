"""Daphne's server with flow control, a graceful end, and start-up work that runs on its loop."""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from daphne.server import Server as DaphneServer
from twisted.internet import defer, reactor
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

from dockerui.serve import http, websocket
from dockerui.serve.flow import Inbox, Message

logger = logging.getLogger(__name__)

SHUTDOWN_GRACE = 5.0  # seconds for requests under way when the server is asked to stop
MAX_MESSAGE = 128 * 1024  # bytes of one websocket message from a browser; the socket's own limit is lower
SLOW_REQUEST = 10.0  # seconds after which a finished request is worth a line in the log

Hook = Callable[[], Awaitable[None]]


class Server(DaphneServer):
    """One listening server.

    ``on_start`` runs on the loop before anything is announced, ``on_stop`` after the last connection is gone;
    ``on_listening(port)`` once the server can be reached.
    """

    def __init__(
        self,
        *args: Any,
        on_start: Hook,
        on_stop: Hook,
        on_listening: Callable[[int], Awaitable[None]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, action_logger=_log_action, server_name="", **kwargs)
        self._on_start, self._on_stop, self._on_listening = on_start, on_stop, on_listening
        self.failure: str | None = None

    def run(self) -> None:
        """Serve until the process is asked to stop; ``failure`` then says what went wrong, if anything.

        As Daphne's own, with our connections, and with our start-up and shutdown on the loop.
        """
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = http.FlowingFactory(self)
        self.ws_factory = websocket.FlowingWebSocketFactory(self, server="")
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=MAX_MESSAGE,
            maxFramePayloadSize=MAX_MESSAGE,
            failByDrop=False,  # say why: a close code, not a reset connection
        )
        _log_twisted_errors_only()
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        asyncio.set_event_loop(reactor._asyncioEventloop)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        reactor.callWhenRunning(lambda: asyncio.ensure_future(self._start()))
        reactor.run(installSignalHandlers=self.signal_handlers)

    async def _start(self) -> None:
        try:
            await self._on_start()
            for description in self.endpoints:
                listener = await _settled(serverFromString(reactor, description).listen(self.http_factory))
                self.listeners.append(listener)
                self.listen_success(listener)
            await self._on_listening(self.listening_addresses[0][1])
        except CannotListenError as error:
            self._fail(f"cannot listen on {error.interface or '*'}:{error.port}: {error.socketError}")
        except Exception as error:
            logger.exception("start-up failed")
            self._fail(f"start-up failed: {error}")

    def _fail(self, why: str) -> None:
        self.failure = why
        self.stop()

    # -- applications --------------------------------------------------------------------------------------

    def create_application(self, protocol: Any, scope: Message) -> Inbox | None:
        """Run the ASGI application for one request or websocket; returns the queue of its input."""
        scope.setdefault("asgi", {"version": "3.0"})
        inbox: Inbox = protocol.make_inbox()
        send = partial(self.handle_reply, protocol)
        running = self.application(scope=scope, receive=inbox.get, send=send)
        if protocol not in self.connections:
            running.close()
            return None
        # In a context of its own: this may be called where the one before on the connection left its own
        # behind, since whatever resumes the reading of a socket lends it its context.
        task = asyncio.get_running_loop().create_task(running, context=contextvars.Context())
        self.connections[protocol]["application_instance"] = task
        task.add_done_callback(partial(self._application_ended, protocol))
        return inbox

    def _application_ended(self, protocol: Any, task: asyncio.Future[None]) -> None:
        """End at once what the application left open: Daphne looks once a second, and for failures only."""
        self.connections.get(protocol, {}).pop("application_instance", None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("the application failed", exc_info=error)
        protocol.application_ended(failed=error is not None or task.cancelled())

    async def handle_reply(self, protocol: Any, message: Message) -> None:
        """The application's ``send``: write, then wait until the client keeps up."""
        await super().handle_reply(protocol, message)
        await protocol.drained()

    # -- the end -------------------------------------------------------------------------------------------

    def kill_all_applications(self) -> Any:
        """Called before the reactor stops: end everything in order; the reactor waits for it."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        for listener in self.listeners:
            await _settled(listener.stopListening())
        for protocol in list(self.connections):
            if isinstance(protocol, websocket.FlowingWebSocket):
                protocol.say_goodbye()
            elif protocol._response_started:
                protocol.send_disconnect()
        await _finish(self._running(), SHUTDOWN_GRACE)
        await self._on_stop()

    def _running(self) -> list[asyncio.Future[None]]:
        applications = (details.get("application_instance") for details in self.connections.values())
        return [
            application for application in applications if application is not None and not application.done()
        ]


async def _finish(applications: list[asyncio.Future[None]], grace: float) -> None:
    """Wait for applications; cancel those that take longer than the grace time (in seconds)."""
    if not applications:
        return
    _, late = await asyncio.wait(applications, timeout=grace)
    for application in late:
        application.cancel()
    if late:
        logger.warning("%d request(s) were cut off by the shutdown", len(late))
        await asyncio.wait(late, timeout=grace)


def _log_action(protocol: str, action: str, details: dict[str, Any]) -> None:
    """A quiet access log: only what failed or took long; everything at debug level."""
    if action != "complete":
        return
    failed = details["status"] >= 500
    slow = details["time_taken"] > SLOW_REQUEST
    level = logging.WARNING if failed else logging.INFO if slow else logging.DEBUG
    if logger.isEnabledFor(level):
        logger.log(level, "%(status)d %(method)s %(path)s %(time_taken).2f s %(size)d B", details)


def _log_twisted_errors_only() -> None:
    """Twisted's chatter goes nowhere; what it reports as an error goes to the standard log."""
    errors = FilteringLogObserver(
        STDLibLogObserver(), [LogLevelFilterPredicate(defaultLogLevel=LogLevel.error)]
    )
    globalLogBeginner.beginLoggingTo([errors], redirectStandardIO=False, discardBuffer=True)


async def _settled(result: Any) -> Any:
    """Wait for what a Twisted call returned: a value, or a Deferred of one."""
    return await defer.maybeDeferred(lambda: result).asFuture(asyncio.get_running_loop())
