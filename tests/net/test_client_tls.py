"""TLS on the client's side: who is trusted, how a connection ends, what a cut-off end means (RFC 9112 §9.7, §9.8)."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
import trio
import trustme

from tests.net.scripted import OK, Peer, Script, eventually, repeating, scripted, silent
from wire.net.http1 import (
    CertificateRefused,
    Client,
    ConnectFailed,
    ConnectionLost,
    HandshakeFailed,
    TimedOut,
    Timeouts,
)
from wire.net.tls import client_context

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("127.0.0.1")
OF_SOMEBODY_ELSE = AUTHORITY.issue_cert("example.org")
BY_NOBODY = trustme.CA().issue_cert("127.0.0.1")

Wrap = Callable[[trio.SocketStream], trio.abc.Stream]


def tls(certificate: trustme.LeafCert = CERTIFICATE, *, goodbye: bool = True) -> Wrap:
    """TLS for a scripted server; without ``goodbye`` it closes with no closure alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return lambda stream: trio.SSLStream(stream, context, server_side=True, https_compatible=not goodbye)


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """A context that trusts the authority of these tests."""
    return client_context(ca_pem=AUTHORITY.cert_pem.bytes())


def saying(data: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(data)

    return script


@pytest.mark.spec("rfc9112-9.7-2")
async def test_requests_go_through_tls_and_use_its_connection_again(trusting: ssl.SSLContext) -> None:
    async with scripted(repeating(), wrap=tls()) as server, Client(tls=trusting) as client:
        for _ in range(2):
            assert (await client.request("GET", server.url)).body == b"ok"
        assert server.connections == 1


async def test_bodies_of_some_size_go_through_tls(trusting: ssl.SSLContext) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        body = await peer.exactly(4 << 20)
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body))
        await peer.send(body)

    body = bytes(range(256)) * (16 << 10)
    async with scripted(script, wrap=tls()) as server, Client(tls=trusting) as client:
        assert (await client.request("PUT", server.url, body=body)).body == body


@pytest.mark.parametrize(
    ("certificate", "reason"), [(BY_NOBODY, "unable to get local issuer"), (OF_SOMEBODY_ELSE, "IP address mismatch")]
)
async def test_a_server_that_cannot_prove_who_it_is_is_told_nothing(
    trusting: ssl.SSLContext, certificate: trustme.LeafCert, reason: str
) -> None:
    async with scripted(repeating(), wrap=tls(certificate)) as server, Client(tls=trusting) as client:
        with pytest.raises(CertificateRefused, match=reason):
            await client.request("GET", server.url)
    assert server.heads == []


async def test_the_authorities_of_the_system_are_the_default() -> None:
    async with scripted(repeating(), wrap=tls()) as server, Client() as client:
        with pytest.raises(CertificateRefused):
            await client.request("GET", server.url)


async def test_verification_can_be_turned_off() -> None:
    async with scripted(repeating(), wrap=tls(BY_NOBODY)) as server, Client(tls=client_context(verify=False)) as client:
        assert (await client.request("GET", server.url)).status == 200


async def test_a_server_without_tls_fails_the_handshake(trusting: ssl.SSLContext) -> None:
    async def script(peer: Peer) -> None:
        await peer.exactly(1)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with scripted(script) as server, Client(tls=trusting) as client:
        with pytest.raises(HandshakeFailed):
            await client.request("GET", server.url.replace("http:", "https:"))
        await eventually(lambda: server.closed == 1)


async def test_a_server_that_closes_in_the_handshake_fails_it(trusting: ssl.SSLContext) -> None:
    async def script(peer: Peer) -> None:
        await peer.exactly(1)

    async with scripted(script) as server, Client(tls=trusting) as client:
        with pytest.raises(ConnectFailed):
            await client.request("GET", server.url.replace("http:", "https:"))


async def test_a_handshake_has_a_deadline(trusting: ssl.SSLContext) -> None:
    async with scripted(silent) as server, Client(tls=trusting, timeouts=Timeouts(handshake=0.1)) as client:
        with pytest.raises(TimedOut) as late:
            await client.request("GET", server.url.replace("http:", "https:"))
        assert late.value.phase == "handshake"
        await eventually(lambda: server.closed == 1)


@pytest.mark.parametrize(
    "response",
    [OK, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    ids=["content-length", "chunked"],
)
@pytest.mark.spec("rfc9112-9.8-4", "rfc9112-9.8-7")
async def test_a_response_that_knows_its_end_needs_no_closure_alert(trusting: ssl.SSLContext, response: bytes) -> None:
    async with scripted(saying(response), wrap=tls(goodbye=False)) as server, Client(tls=trusting) as client:
        for _ in range(2):
            assert (await client.request("GET", server.url)).body == b"ok"
            await eventually(lambda: server.closed == server.connections)


@pytest.mark.parametrize("goodbye", [True, False], ids=["closure-alert", "cut-off"])
@pytest.mark.spec("rfc9112-9.8-4", "rfc9112-9.8-7")
async def test_a_response_that_ends_with_the_connection_needs_a_closure_alert(
    trusting: ssl.SSLContext, goodbye: bool
) -> None:
    script = saying(b"HTTP/1.1 200 OK\r\n\r\nok")
    async with scripted(script, wrap=tls(goodbye=goodbye)) as server, Client(tls=trusting) as client:
        if goodbye:
            assert (await client.request("GET", server.url)).body == b"ok"
        else:
            with pytest.raises(ConnectionLost):
                await client.request("GET", server.url)


@pytest.mark.parametrize("early", [False, True], ids=["idle", "in-a-response"])
@pytest.mark.spec("rfc9112-9.8-8a", "rfc9112-9.8-8b")
async def test_the_client_says_goodbye_before_it_closes(trusting: ssl.SSLContext, early: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf" if early else OK)
        # Without an alert this would raise: the server's side is strict about it.
        ends.append(await peer.closed())

    ends: list[bytes] = []
    async with scripted(script, wrap=tls()) as server:
        async with Client(tls=trusting) as client, client.stream("GET", server.url) as response:
            assert response.status == 200
        await eventually(lambda: server.closed == 1)
    assert ends == [b""]


@pytest.mark.spec("rfc9112-9.2-3a", "rfc9112-9.2-3b")
async def test_an_unasked_response_in_a_tls_record_of_its_own_costs_the_connection(trusting: ssl.SSLContext) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
        await peer.closed()

    async with scripted(script, wrap=in_one_segment(tls())) as server, Client(tls=trusting) as client:
        bodies = [(await client.request("GET", server.url)).body for _ in range(3)]
        assert bodies == [b"ok"] * 3
        assert server.connections == 3


def in_one_segment(wrap: Wrap) -> Wrap:
    """Hold back what a server writes for a moment, so that its TLS records arrive together."""
    return lambda stream: wrap(Together(stream))  # type: ignore[arg-type]


class Together(trio.abc.Stream):
    """A stream that gathers writes until something is read."""

    def __init__(self, inner: trio.SocketStream) -> None:
        self._inner = inner
        self._waiting = bytearray()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self._waiting += data

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        await self._flush()
        return await self._inner.receive_some(max_bytes)

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, bytearray()
        await self._inner.send_all(waiting)

    async def wait_send_all_might_not_block(self) -> None:
        await self._inner.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._flush()
        await self._inner.aclose()
