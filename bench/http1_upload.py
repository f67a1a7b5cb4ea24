"""HTTP/1.1 codecs, bodies: chunked uploads beside h11, in chunks as curl makes them and in tiny ones."""

from __future__ import annotations

import hashlib
import time

from bench.harness import Side, Work
from bench.timed import Timed, opener
from bench.traffic import upload_reads
from wire.http1 import Connection, Data, EndOfMessage, Response, Role


class Uploading(Timed):
    """Takes a chunked upload of 1 MiB in reads of 64 KiB and answers 204, on one connection."""

    def __init__(self, chunk: int) -> None:
        super().__init__()
        self.body, self.reads = upload_reads(chunk)

    def upload(self) -> bytes:
        """Receive the whole upload and answer it; the body."""
        raise NotImplementedError

    def outcome(self) -> object:
        """The body, by its hash; it is checked that it is what was sent."""
        body = self.upload()
        assert body == self.body
        return len(body), hashlib.sha256(body).hexdigest()

    def one_pass(self) -> tuple[float, float]:
        """See ``Timed.one_pass``."""
        start = time.process_time()
        size = len(self.upload())
        return size / (1 << 20), time.process_time() - start


class WireUploading(Uploading):
    def __init__(self, chunk: int) -> None:
        super().__init__(chunk)
        self.connection = Connection(Role.SERVER)

    def upload(self) -> bytes:
        connection = self.connection
        parts: list[bytes] = []
        for data in self.reads:
            parts += [event.data for event in connection.receive(data) if isinstance(event, Data)]
        connection.send(Response(204))
        connection.send(EndOfMessage())
        connection.bytes_to_send()
        return b"".join(parts)


class H11Uploading(Uploading):
    def __init__(self, chunk: int) -> None:
        import h11

        super().__init__(chunk)
        self.h11 = h11
        self.connection = h11.Connection(h11.SERVER)

    def upload(self) -> bytes:
        h11, connection = self.h11, self.connection
        parts = []
        for data in self.reads:
            connection.receive_data(data)
            while True:
                event = connection.next_event()
                if isinstance(event, h11.Data):
                    parts.append(event.data)
                elif event is h11.NEED_DATA or isinstance(event, h11.EndOfMessage):
                    break
        connection.send(h11.Response(status_code=204, headers=[]))
        connection.send(h11.EndOfMessage())
        connection.start_next_cycle()
        return b"".join(parts)


def _upload(name: str, title: str, chunk: int, rounds: int) -> Work:
    return Work(
        name,
        title,
        "MiB/s",
        ours=Side("wire", opener(lambda _: WireUploading(chunk))),
        peers={"h11": Side("h11", opener(lambda _: H11Uploading(chunk)), ("h11",), 4.0)},
        rounds=rounds,
    )


WORKS = (
    _upload("http1.upload-4k", "codec: 1 MiB upload in 4 KiB chunks", 4096, 15),
    _upload("http1.upload-16", "codec: 1 MiB upload in 16-byte chunks", 16, 7),
)
