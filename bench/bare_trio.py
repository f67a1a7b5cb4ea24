"""The floor under any server on trio: each read is answered by a constant; nothing is parsed, nothing is timed.

The sockets are trio's own (``trio.socket``); a stream on top of them would cost more.
"""

from __future__ import annotations

import trio

ANSWER = (
    b"HTTP/1.1 200 OK\r\ndate: Tue, 24 Nov 2026 12:00:00 GMT\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 13\r\n\r\nHello, world!"
)


async def answer(client: trio.socket.SocketType) -> None:
    """Answer until the client leaves."""
    with client:
        try:
            while await client.recv(65536):
                await client.send(ANSWER)
        except OSError:
            return


async def main() -> None:
    """Accept for ever."""
    listener = trio.socket.socket()
    await listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}")
    async with trio.open_nursery() as nursery:
        while True:
            client, _ = await listener.accept()
            client.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
            nursery.start_soon(answer, client)


if __name__ == "__main__":
    trio.run(main)
