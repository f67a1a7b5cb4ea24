"""Whatever a server says, in whatever pieces: the client gets a response or one of its own errors, and goes on."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.net.scripted import Peer, eventually, repeating, scripted
from wire.errors import RemoteProtocolError
from wire.net.http1 import Client, ClientLimits, ConnectionLost, ReceivedResponse, ResponseTooLarge

RESPONSES = [
    b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nhello, world",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n7\r\n, world\r\n0\r\nx: y\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\nhello, world",
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nraw",
]


@st.composite
def mutated(draw: st.DrawFn) -> list[bytes]:
    """A response, or several, with some bytes replaced, removed or doubled, in pieces."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(RESPONSES), min_size=1, max_size=2))))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 3))] = draw(
            st.sampled_from((b"", b"\r\n", b"\n", b"\x00", b"0", b" ", b":"))
        )
        if not data:
            break
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=4)))
    return [bytes(data[start:end]) for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


# A real connection takes milliseconds: the thorough profile's 20,000 examples would take minutes.
@settings(max_examples=min(settings().max_examples, 2_000))
@given(pieces=st.one_of(mutated(), st.lists(st.binary(max_size=40), max_size=4)))
async def test_any_bytes_make_a_response_or_an_error(pieces: list[bytes]) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        for piece in pieces:
            await peer.send(piece)

    async with scripted(script, repeating()) as server, Client(limits=ClientLimits(body=1000)) as client:
        try:
            response = await client.request("GET", server.url)
        except (RemoteProtocolError, ConnectionLost, ResponseTooLarge):
            pass
        else:
            assert isinstance(response, ReceivedResponse)
        # What comes after the next request was sent would be an answer to it, as far as anybody can tell.
        await eventually(lambda: server.closed)
        assert (await client.request("GET", server.url)).body == b"ok"
