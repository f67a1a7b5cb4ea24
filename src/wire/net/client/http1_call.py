"""One request and its response on a connection: the upload runs beside the reading, and either can end the other.

A server may answer before it has heard all (RFC 9112 §9.5), or may never read what is being sent; so whoever sends a
body listens at the same time.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator

import trio

from wire.http1 import Data, EndOfMessage, Event, InformationalResponse, Request, Response, State, SwitchedData
from wire.net.client.errors import ConnectionLost, TimedOut
from wire.net.client.http1_link import Link
from wire.net.client.outgoing import OutgoingRequest
from wire.net.client.timeouts import Timeouts
from wire.net.fields import ReceivedFields, encode_fields

PIECE = 65536
"""Bytes of a body that go to the codec at a time, and that a body may have to be sent together with its head."""


class Call:
    """A request on its way and the response to it; the response's body as it is pulled.

    Args:
        link: an idle connection.
        request: what to send.
        timeouts: how long to wait for what.
        nursery: runs the upload; whoever owns it cancels it at the end.

    Attributes:
        interim: responses before the final one, so far.
        trailers: the fields after the response's body, once it has ended.
    """

    def __init__(self, link: Link, request: OutgoingRequest, timeouts: Timeouts, nursery: trio.Nursery) -> None:
        self.link = link
        self.request = request
        self.interim: list[InformationalResponse] = []
        self.trailers: ReceivedFields = ()
        self._body_touched = False  # something of it was asked for
        self._timeouts = timeouts
        self._nursery = nursery
        self._upload: trio.CancelScope | None = None  # while an upload is running
        self._upload_ended = trio.Event()
        self._upload_error: Exception | None = None
        self._reading = trio.CancelScope()
        self._ended = False
        link.begin(timeouts)

    async def open(self, head: Request) -> Response | InformationalResponse:
        """Send the request, its body in the background, and wait for the final response, or 101.

        Raises:
            LocalProtocolError: the RFC forbids this request; nothing was sent.
            RemoteProtocolError: the server's answer breaks the protocol, or it closed without one.
            ConnectionLost: the connection broke.
            TimedOut: in phase ``write`` or ``read``.
        """
        request, codec = self.request, self.link.codec
        codec.send(head)
        if self.expects:
            await self._flush()
            final = await self._wait_for_continue()
            if final is not None:
                return final  # RFC 9110 §10.1.1: the body is not wanted
            self._start_upload()
        elif isinstance(request.body, bytes) and len(request.body) <= PIECE:
            codec.send(Data(request.body))
            codec.send(self._end_of_request())
            await self._flush()
        else:
            await self._flush()
            self._start_upload()
        return await self._final_response()

    async def _flush(self) -> None:
        """Send, and leave it to the reading to find out why it failed: the server may have said so."""
        with contextlib.suppress(ConnectionLost):
            await self.link.flush()

    async def _wait_for_continue(self) -> Response | InformationalResponse | None:
        """A final response that came instead of 100; None when the body is to be sent (RFC 9110 §10.1.1)."""
        with trio.move_on_after(self._timeouts.proceed):
            while True:
                event = await self._event()
                if isinstance(event, Response):
                    return event
                assert isinstance(event, InformationalResponse)
                self.interim.append(event)
                if event.status == 100:
                    return None
        return None

    async def _final_response(self) -> Response | InformationalResponse:
        while True:
            event = await self._event()
            if isinstance(event, InformationalResponse) and event.status != 101:
                self.interim.append(event)
                continue
            assert isinstance(event, (Response, InformationalResponse))
            if event.status >= 300:
                # RFC 9112 §9.5: stop sending what the server does not want. After a 2xx it may be taking it in still.
                await self.stop_upload()
            return event

    @property
    def expects(self) -> bool:
        """Whether the request says that its body waits for the server's word."""
        return self.request.expect_continue and self.request.has_content

    @property
    def is_repeatable(self) -> bool:
        """Whether the request can be sent once more: what has been taken from a stream is gone."""
        return isinstance(self.request.body, bytes) or not self._body_touched

    @property
    def is_switched(self) -> bool:
        """Whether the connection speaks another protocol now."""
        return self.link.codec.our_state is State.SWITCHED

    async def stop_upload(self) -> None:
        """Send no more of the request; if that was not all of it, the connection cannot be used again."""
        if self._upload is not None:
            self._upload.cancel()
            with trio.CancelScope(shield=True):  # a socket is not closed under a task that waits for it
                await self._upload_ended.wait()

    async def finish_upload(self) -> None:
        """Wait for the end of the upload, unless the server has said that it is closing."""
        if self._upload is not None and self.link.codec.keep_alive:
            await self._upload_ended.wait()
        if self._upload_error is not None:
            raise self._upload_error

    def _start_upload(self) -> None:
        self._body_touched = True
        self._upload = trio.CancelScope()
        self._nursery.start_soon(self._run_upload, self._upload)

    async def _run_upload(self, scope: trio.CancelScope) -> None:
        """Send the body; a failure is raised where the response is waited for."""
        try:
            with scope:
                await self._send_body()
        except ConnectionLost:
            pass  # as in _flush
        except Exception as error:
            self._upload_error = error
            self._reading.cancel()
        finally:
            self._upload = None
            self._upload_ended.set()
        self._reading.deadline = trio.current_time() + self._timeouts.read

    async def _send_body(self) -> None:
        async with contextlib.aclosing(_pieces(self.request.body)) as pieces:
            async for piece in pieces:
                self.link.codec.send(Data(piece))
                await self.link.flush()
                await trio.lowlevel.checkpoint()  # which a send that need not wait does not have
        self.link.codec.send(self._end_of_request())
        await self.link.flush()

    def _end_of_request(self) -> EndOfMessage:
        trailers = self.request.trailers
        return EndOfMessage(encode_fields(trailers()) if trailers is not None else ())

    async def _event(self) -> Event:
        """What the server says next, within the time that it has; while it is being sent to it has all of it."""
        patience = math.inf if self._upload is not None else trio.current_time() + self._timeouts.read
        with trio.CancelScope(deadline=patience) as self._reading:
            if self._upload_error is None:
                return await self.link.next_event()
        if self._upload_error is not None:
            raise self._upload_error
        raise TimedOut("read", self._timeouts.read)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._ended and not self.is_switched:
            event = await self._event()
            if isinstance(event, Data):
                return event.data
            if isinstance(event, EndOfMessage):
                self.trailers = event.trailers
            self._ended = True
        raise StopAsyncIteration

    async def receive_some(self) -> bytes:
        """Bytes of the protocol that took over; ``b""`` once the peer has closed its side."""
        event = await self.link.next_event()
        return event.data if isinstance(event, SwitchedData) else b""

    async def send_all(self, data: bytes) -> None:
        """Send bytes of the protocol that took over."""
        self.link.codec.send(SwitchedData(data))
        await self.link.flush()


async def _pieces(body: bytes | AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    if isinstance(body, bytes):
        for at in range(0, len(body), PIECE):
            yield body[at : at + PIECE]
        return
    iterator = aiter(body)
    try:
        async for piece in iterator:
            yield piece
    finally:
        if hasattr(iterator, "aclose"):
            await iterator.aclose()
