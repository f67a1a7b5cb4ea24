"""The load on WebSocket servers: a process of its own that costs less than any server, the same for all of them.

    python -m bench.websocket_load echo PORT CONNECTIONS SECONDS
    python -m bench.websocket_load broadcast PORT CONNECTIONS ROUNDS

It knows no protocol beyond the handshakes: frames are made and masked before the clock starts, and a reply is compared
with the bytes that it has to be. It prints what it found as JSON, or leaves with a sentence where anything is amiss.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import select
import socket
import sys
import time

from bench.websocket_frames import CLOSE, connect, frame, masked_frames, texts

ECHOED_SIZE = 64
TOLD_SIZE = 100
PATIENCE = 20.0


def echo(port: int, connections: int, seconds: float) -> dict[str, float]:
    """One message in flight on each connection: as soon as it is back, the next follows.

    Returns:
        Messages that came back, and the seconds that took.
    """
    sockets = [connect(port) for _ in range(connections)]
    epoll, turns, expected = select.epoll(), {}, {}
    for number, connection in enumerate(sockets):
        connection.setblocking(True)
        messages = texts(ECHOED_SIZE, 8, seed=number)
        turns[connection.fileno()] = itertools.cycle(
            zip(masked_frames(messages, seed=number), map(frame, messages), strict=True)
        )
        epoll.register(connection, select.EPOLLIN)
    count, start = 0, time.perf_counter()
    for fd, turn in turns.items():
        sent, expected[fd] = next(turn)
        os.write(fd, sent)
    end = start + seconds
    while (now := time.perf_counter()) < end:
        ready = epoll.poll(PATIENCE)
        if not ready:
            raise ConnectionError("the server does not answer any more")
        for fd, _ in ready:
            reply = os.read(fd, 4096)
            if reply != expected[fd]:
                check_reply(fd, expected[fd], reply)
            sent, expected[fd] = next(turns[fd])
            os.write(fd, sent)
        count += len(ready)
    _leave(sockets)
    return {"messages": count, "seconds": now - start}


def broadcast(port: int, connections: int, rounds: int) -> list[float]:
    """One of many says something, and all hear it.

    Returns:
        The seconds from then until the last has it, for each round after a first one.
    """
    sockets = [connect(port) for _ in range(connections)]
    epoll = select.epoll()
    for connection in sockets:
        connection.setblocking(True)
        epoll.register(connection, select.EPOLLIN)
    speakers = [sockets[-1], *random.Random(rounds).choices(sockets, k=rounds)]  # who came last is heard last
    messages = texts(TOLD_SIZE, len(speakers))
    took = [
        _tell_all(epoll, speaker, sent, frame(message), connections)
        for speaker, sent, message in zip(speakers, masked_frames(messages), messages, strict=True)
    ]
    _leave(sockets)
    return took[1:]


def _tell_all(epoll: select.epoll, speaker: socket.socket, sent: bytes, expected: bytes, connections: int) -> float:
    waiting = connections
    start = time.perf_counter()
    speaker.sendall(sent)
    while waiting:
        ready = epoll.poll(PATIENCE, connections)
        if not ready:
            raise ConnectionError(f"{waiting} of {connections} did not hear")
        for fd, _ in ready:
            heard = os.read(fd, 4096)
            if heard != expected:
                check_reply(fd, expected, heard)
        waiting -= len(ready)
    return time.perf_counter() - start


def check_reply(fd: int, expected: bytes, begun: bytes = b"") -> None:
    """Read until what was expected is there; some of it may have been read before.

    Raises:
        ConnectionError: it is something else, or ends.
    """
    while len(begun) < len(expected):
        more = os.read(fd, len(expected) - len(begun))
        if not more:
            break
        begun += more
    if begun != expected:
        raise ConnectionError(f"{expected!r} should have come, and {begun!r} did")


def _leave(sockets: list[socket.socket]) -> None:
    """Close as a client should, so that no server has anything to complain about."""
    for connection in sockets:
        connection.sendall(CLOSE)
    for connection in sockets:
        connection.settimeout(PATIENCE)
        while connection.recv(4096):
            pass
        connection.close()


if __name__ == "__main__":
    _, work, where, many, amount = sys.argv
    try:
        found = (
            echo(int(where), int(many), float(amount))
            if work == "echo"
            else broadcast(int(where), int(many), int(amount))
        )
    except OSError as problem:
        sys.exit(str(problem))
    print(json.dumps(found))
