"""Websockets with flow control: ``send`` waits while the browser does not read, and the other way round."""

from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

from dockerui.serve.flow import Gate, Inbox

NORMAL, INTERNAL_ERROR = 1000, 1011
LONGEST_REASON = 123  # bytes that fit into a close frame
SEND_BUFFER = 64 * 1024  # bytes that wait for the browser before `send` does: more would be old news
GOING_AWAY = 1012  # close code "service restart": browsers connect again


class FlowingWebSocket(WebSocketProtocol):
    """One websocket."""

    def makeConnection(self, transport: Any) -> None:
        """Take the transport over from the HTTP connection, which was its producer until now."""
        self._gate = Gate()
        transport.bufferSize = SEND_BUFFER
        transport.unregisterProducer()
        transport.registerProducer(self._gate, True)
        super().makeConnection(transport)

    def make_inbox(self) -> Inbox:
        """The queue of this connection's application."""
        return Inbox(self._pause_reading, self._resume_reading)

    async def drained(self) -> None:
        """Wait until the browser has read enough for more to be sent."""
        if not self._gate.is_open:
            await self._gate.wait()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """What the application sends. Daphne closes with no code below 3000 but 1000, and with no reason."""
        if message.get("type") == "websocket.close" and self.state != self.STATE_CONNECTING:
            reason = (message.get("reason") or "").encode()[:LONGEST_REASON].decode(errors="ignore")
            self.sendCloseFrame(code=message.get("code") or NORMAL, reasonUtf8=reason.encode())
        else:
            super().handle_reply(message)

    def sendMessage(self, payload: bytes, isBinary: bool = False, **_: Any) -> None:
        """One frame per message. Autobahn would hold what we send to the limit that is meant for what others
        send, and raise for a browser that has just gone.
        """
        if self.state == self.STATE_OPEN:
            self.sendFrame(opcode=2 if isBinary else 1, payload=payload)

    def application_ended(self, *, failed: bool) -> None:
        """The application is through: so is the socket."""
        if self.state == self.STATE_CONNECTING and failed:
            self.handle_exception(None)
        elif self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=INTERNAL_ERROR if failed else NORMAL)

    def say_goodbye(self) -> None:
        """Tell browser and application that the server is going away."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=GOING_AWAY, reasonUtf8=b"server restart")
        if hasattr(self, "application_queue"):
            self.application_queue.put_nowait({"type": "websocket.disconnect", "code": GOING_AWAY})

    def connectionLost(self, reason: Any) -> None:
        """The browser went away."""
        self._gate.stopProducing()
        super().connectionLost(reason)

    def _pause_reading(self) -> None:
        self.transport.pauseProducing()

    def _resume_reading(self) -> None:
        if not self.transport.disconnecting:
            self.transport.resumeProducing()


class FlowingWebSocketFactory(WebSocketFactory):
    """Makes websockets of the kind above."""

    protocol = FlowingWebSocket
