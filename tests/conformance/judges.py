"""Autobahn's two ways to judge: its fuzzing client calls a server, and its fuzzing server is called by a client."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Protocol

import trio

from tests.conformance import verdicts
from tests.conformance.autobahn import Autobahn
from tests.conformance.verdicts import Verdict
from tests.serving import serving
from wire.errors import ProtocolError
from wire.net.client.errors import ClientError
from wire.net.websocket import ConnectionClosed
from wire.net.websocket.client import connect
from wire.samples.ws_echo import LIMITS

AGENT = "wire"
PATIENCE = 1200.0
"""Seconds after which a batch of cases is given up: those of it that Autobahn has not reported have no verdict."""


class Judge(Protocol):
    """One of the ways."""

    def ready(self) -> AbstractContextManager[object]:
        """What all batches need, for as long as the block runs."""

    async def run(self, cases: list[str], folder: Path) -> list[Verdict]:
        """Run some cases, with Autobahn's reports into ``folder``."""


class OfServers:
    """Autobahn's fuzzing client calls ``/ws/echo`` of ``wire serve``."""

    def __init__(self, autobahn: Autobahn) -> None:
        self._autobahn = autobahn
        self._url = ""

    @contextlib.contextmanager
    def ready(self) -> Iterator[None]:
        with serving("--quiet", "--workers", "2") as served:
            self._url = served.url.replace("http", "ws") + "/ws/echo"
            yield

    async def run(self, cases: list[str], folder: Path) -> list[Verdict]:
        spec = {"servers": [{"agent": AGENT, "url": self._url}], "cases": cases}
        command = self._autobahn.wstest("fuzzingclient", spec, folder)
        with (folder / "output").open("wb") as output, trio.move_on_after(PATIENCE):
            await trio.run_process(command, stdout=output, stderr=output, check=False)
        return verdicts.read(folder, AGENT, cases)


class OfClients:
    """``connect`` calls Autobahn's fuzzing server once for each case, and sends back what that says."""

    def __init__(self, autobahn: Autobahn) -> None:
        self._autobahn = autobahn

    def ready(self) -> AbstractContextManager[object]:
        return contextlib.nullcontext()

    async def run(self, cases: list[str], folder: Path) -> list[Verdict]:
        port = _free_port()
        url = f"ws://127.0.0.1:{port}"
        command = self._autobahn.wstest("fuzzingserver", {"url": url, "cases": cases}, folder)
        async with trio.open_nursery() as nursery:
            with (folder / "output").open("wb") as output:
                run = partial(trio.run_process, command, stdout=output, stderr=output, check=False)
                process: trio.Process = await nursery.start(run)
            with trio.move_on_after(PATIENCE):
                await _until_it_listens(process, port)
                for number in range(1, 1 + len(cases)):
                    await _echo(f"{url}/runCase?case={number}&agent={AGENT}")
                await _echo(f"{url}/updateReports?agent={AGENT}")
            process.terminate()
        return verdicts.read(folder, AGENT, cases)


JUDGES: dict[str, Callable[[Autobahn], Judge]] = {"server": OfServers, "client": OfClients}
"""Which of them judges wire in which role."""


async def _echo(url: str) -> None:
    """Send back every message until the server has had enough."""
    try:
        async with connect(url, limits=LIMITS) as socket:
            async for message in socket:
                await socket.send(message)
    except ConnectionClosed:
        pass
    except (ClientError, ProtocolError) as error:
        print(f"{url}: {error}")


def _free_port() -> int:
    """Autobahn cannot take any port and tell which."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def _until_it_listens(process: trio.Process, port: int) -> None:
    while process.returncode is None:
        with contextlib.suppress(OSError):
            await (await trio.open_tcp_stream("127.0.0.1", port)).aclose()
            return
        await trio.sleep(0.05)
