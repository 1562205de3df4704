"""HTTP connections whose bodies flow: a request reaches the application when its head is complete.

Twisted and Daphne read a whole request body into memory or a temporary file before the application sees the
request, and write a whole response without waiting for the client. Here

* body bytes become ``http.request`` messages as they arrive, and the socket is not read while too many wait;
* ``send`` of a response body waits while the client does not read;
* an application that answers before the body is complete (a refused upload) gets its answer out: what still
  comes is
  read and thrown away up to a limit, then the connection is closed. It is never taken for the next request.
"""

import io
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet import reactor
from twisted.web.http import HTTPChannel

from dockerui.serve.flow import Gate, Inbox, Message

DISCARD_LIMIT = 16 * 1024 * 1024  # bytes of an unwanted request body that are read to keep the connection
DISCARD_SECONDS = 10.0
PIECE = 256 * 1024  # bytes read at once, and bytes written that wait for the client before the gate closes


class FlowingChannel(HTTPChannel):
    """One client connection. Starts each request that has a body as soon as its headers are there."""

    def connectionMade(self) -> None:
        """Move bodies in larger pieces than Twisted does: each costs a way through the whole application."""
        super().connectionMade()
        self.transport.bufferSize = self.transport.SEND_LIMIT = PIECE

    def allHeadersReceived(self) -> None:
        """Hand the request over now; its body follows through ``handleContentChunk``."""
        request = self.requests[-1]
        has_body = self.length != 0
        if has_body and _wants_websocket(request):
            self._respondToBadRequestAndDisconnect()
            return
        super().allHeadersReceived()
        if has_body:
            request.start(self._command, self._path, self._version)

    def pause_reading(self) -> None:
        """Stop reading the socket; the idle time-out does not count meanwhile."""
        self._networkProducer.pauseProducing()
        self.setTimeout(None)

    def resume_reading(self) -> None:
        """Read the socket again, unless the client owes us reading first."""
        if not self._waitingForTransport:
            self._networkProducer.resumeProducing()
        if not self._handlingRequest:
            self.setTimeout(self.timeOut)


class FlowingRequest(WebRequest):
    """One request. ``_body`` is the state of its body: None, "coming", "discarded" or "complete"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chunked: int
        self._gate = Gate()
        self._body: str | None = None
        self._discarded = 0
        self._discard_timer: Any = None

    # -- input ---------------------------------------------------------------------------------------------

    def gotLength(self, length: int | None) -> None:
        """No file for the body: it is never collected."""
        self.content = io.BytesIO()

    def start(self, command: bytes, uri: bytes, version: bytes) -> None:
        """Run the application although the body is still on its way."""
        self._body = "coming"
        self.args: dict[bytes, list[bytes]] = {}
        self.method, self.uri, self.clientproto = command, uri, version
        self.path = uri.split(b"?", 1)[0]
        self.process()

    def make_inbox(self) -> Inbox:
        """The queue that Daphne fills for this request's application."""
        return (
            _BodyInbox(self) if self._body == "coming" else Inbox(self._pause_reading, self._resume_reading)
        )

    def handleContentChunk(self, data: bytes) -> None:
        """Some bytes of the body arrived."""
        if self._body == "coming" and self.application_queue is not None:
            self.application_queue.feed(data, more=True)
        elif self._body == "discarded":
            self._discarded += len(data)
            if self._discarded > DISCARD_LIMIT:
                self._hang_up()

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The request is complete, body included."""
        before, self._body = self._body, "complete"
        if before is None:
            super().requestReceived(command, path, version)
        elif before == "discarded":
            self.finish()
        elif self.application_queue is not None:
            self.application_queue.feed(b"", more=False)

    def _pause_reading(self) -> None:
        if self.channel is not None:
            self.channel.pause_reading()

    def _resume_reading(self) -> None:
        if self.channel is not None:
            self.channel.resume_reading()

    # -- output --------------------------------------------------------------------------------------------

    def handle_reply(self, message: Message) -> None:
        """Write a part of the response; the first part that is not the last opens the gate's watch."""
        if self._body == "discarded":
            return
        body_follows = message["type"] == "http.response.body" and message.get("more_body", False)
        if body_follows and self.producer is None and self.channel is not None and not self.finished:
            self.registerProducer(self._gate, True)
        super().handle_reply(message)

    async def drained(self) -> None:
        """Wait until the client has read enough for more to be sent."""
        if not self._gate.is_open:
            await self._gate.wait()

    def finish(self) -> None:
        """The response is complete. What is still coming of the request is read and thrown away first."""
        if self.producer is not None:
            self.unregisterProducer()
            self._gate.resumeProducing()
        if self._body == "coming":
            self._finish_response_only()
            return
        self._cancel_discard_timer()
        super().finish()

    def application_ended(self, *, failed: bool) -> None:
        """The application is through. A response that it left incomplete must not look complete."""
        if self.finished or self.channel is None or self._body == "discarded":
            return
        if not self._response_started:
            self.basic_error(500, b"Internal Server Error", "The application did not answer.")
        elif self.chunked or self.responseHeaders.hasHeader(b"content-length"):
            self.channel.timeoutConnection()  # closes after what is written, however little the client reads
        else:
            self.channel.transport.abortConnection()  # an orderly close would mean that this is all

    def _finish_response_only(self) -> None:
        if not self.startedWriting:
            self.write(b"")
        if self.chunked:
            self.channel.write(b"0\r\n\r\n")
            self.chunked = 0
        self._body = "discarded"
        self._discard_timer = reactor.callLater(DISCARD_SECONDS, self._hang_up)
        self._resume_reading()

    def _hang_up(self) -> None:
        """The client keeps sending what nobody wants: end the connection after the response."""
        self._cancel_discard_timer()
        if self.channel is not None:
            self.channel.loseConnection()

    def _cancel_discard_timer(self) -> None:
        if self._discard_timer is not None and self._discard_timer.active():
            self._discard_timer.cancel()

    def connectionLost(self, reason: Any) -> None:
        """The client went away."""
        self._cancel_discard_timer()
        self._gate.stopProducing()
        self.producer = None
        super().connectionLost(reason)


class _BodyInbox(Inbox):
    """An inbox that takes the body from the connection and not from Daphne, which believes it to be empty."""

    def __init__(self, request: FlowingRequest) -> None:
        super().__init__(request._pause_reading, request._resume_reading)

    def put_nowait(self, message: Message) -> None:
        """Daphne's message with the (empty) collected body is dropped; all others pass."""
        if message["type"] != "http.request":
            super().put_nowait(message)

    def feed(self, data: bytes, *, more: bool) -> None:
        """Add a part of the body."""
        super().put_nowait({"type": "http.request", "body": data, "more_body": more})


class FlowingFactory(HTTPFactory):
    """Makes connections of the kinds above."""

    protocol = FlowingChannel

    def buildProtocol(self, addr: Any) -> FlowingChannel:
        """One more client."""
        channel: FlowingChannel = super().buildProtocol(addr)
        channel.requestFactory = FlowingRequest
        return channel

    def log(self, request: Any) -> None:
        """Twisted's own access log stays off: formatting a line nobody reads costs every request."""


def _wants_websocket(request: WebRequest) -> bool:
    upgrade: list[bytes] = request.requestHeaders.getRawHeaders(b"Upgrade") or [b""]
    return upgrade[0].lower() == b"websocket"
