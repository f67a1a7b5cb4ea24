"""The client against servers that nobody here wrote: Python's http.server, in both of its versions, and nginx."""

from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trio
import trustme

from wire.net.http1 import CertificateRefused, Client, OutgoingRequest, Timeouts
from wire.net.tls import client_context

AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("127.0.0.1")
PAGE = b"A page.\n" * 5000


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET and HEAD with a page and POST with what it was sent, and counts connections."""

    timeout = 10

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1  # type: ignore[attr-defined]

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Host", self.headers["host"])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        self._answer(PAGE)

    def do_HEAD(self) -> None:
        self._answer(PAGE)

    def do_POST(self) -> None:
        if self.headers["transfer-encoding"] != "chunked":
            self._answer(self.rfile.read(int(self.headers["content-length"])))
            return
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self._answer(body)


class Handler11(Handler):
    protocol_version = "HTTP/1.1"


class StandardServer(http.server.ThreadingHTTPServer):
    connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def standard(handler: type[Handler], tls: ssl.SSLContext | None = None) -> Iterator[StandardServer]:
    """http.server for as long as the block runs."""
    with StandardServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


both_versions = pytest.mark.parametrize("handler", [Handler, Handler11], ids=["http-1.0", "http-1.1"])


async def pieces() -> AsyncIterator[bytes]:
    for number in range(100):
        yield b"%d\n" % number


@both_versions
async def test_http_server_is_understood_in_both_versions(handler: type[Handler]) -> None:
    version = handler.protocol_version.removeprefix("HTTP/")
    with standard(handler) as server:
        async with Client() as client:
            page = await client.request("GET", f"{server.url}/page")
            head = await client.request("HEAD", server.url)
            echo = await client.request("POST", server.url, body=PAGE)
    assert (page.status, page.body, page.http_version) == (200, PAGE, version)
    assert page.field("x-host") == server.url.removeprefix("http://")
    assert (head.field("content-length"), head.body) == (str(len(PAGE)), b"")
    assert echo.body == PAGE
    assert server.connections == (1 if version == "1.1" else 3)


@both_versions
async def test_http_server_answers_an_expectation_in_1_1_only(handler: type[Handler]) -> None:
    with standard(handler) as server:
        async with Client(timeouts=Timeouts(proceed=0.5)) as client:
            response = await client.request("POST", server.url, body=b"body", expect_continue=True)
    assert response.body == b"body"
    assert [interim.status for interim in response.interim] == ([100] if handler is Handler11 else [])


async def test_http_server_takes_a_chunked_upload() -> None:
    with standard(Handler11) as server:
        async with Client() as client:
            response = await client.request("POST", server.url, body=pieces())
    assert response.body.split() == [b"%d" % number for number in range(100)]


async def test_http_server_with_tls() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATE.configure_cert(context)
    with standard(Handler11, context) as server:
        url = server.url.replace("http:", "https:")
        async with Client(tls=client_context(ca_pem=AUTHORITY.cert_pem.bytes())) as client:
            assert (await client.request("GET", url)).body == PAGE
        async with Client() as client:
            with pytest.raises(CertificateRefused):
                await client.request("GET", url)


NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")  # where Debian has it, root's PATH or not

CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 1m;
    keepalive_timeout 30s;
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate {folder}/chain.pem;
        ssl_certificate_key {folder}/chain.pem;
        root {folder}/root;
        location /moved {{ return 301 /page.txt; }}
        location /once {{ keepalive_timeout 0; try_files /page.txt =404; }}
        location /gzip {{ gzip on; gzip_min_length 1; gzip_types text/plain; try_files /page.txt =404; }}
        location /put {{ dav_methods PUT; }}
    }}
}}
"""


class Nginx:
    """A running nginx."""

    def __init__(self, folder: Path, plain: int, tls: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{plain}"
        self.tls_url = f"https://127.0.0.1:{tls}"


def free_port() -> int:
    """A port that is free now: nginx cannot choose one itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """A running nginx with one page, an upload folder, and certificates."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian package nginx)")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "root" / "put").mkdir(parents=True)
    (folder / "root" / "page.txt").write_bytes(PAGE)
    CERTIFICATE.private_key_and_cert_chain_pem.write_to_path(folder / "chain.pem")
    server = Nginx(folder, free_port(), free_port())
    plain, tls = (url.rpartition(":")[2] for url in (server.url, server.tls_url))
    user = "user root;" if os.geteuid() == 0 else ""  # its workers have to get at files of whoever runs the tests
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, plain=plain, tls=tls, user=user))
    process = subprocess.Popen(
        [NGINX, "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"], stderr=subprocess.PIPE
    )
    try:
        wait_for(process, int(tls))
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=10)


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stderr is not None
            pytest.fail(f"nginx ended: {process.stderr.read().decode()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("nginx does not listen")


async def test_nginx_serves_a_page_over_one_connection(nginx: Nginx) -> None:
    connections: list[object] = []

    def tap_for(origin: object) -> object:
        connections.append(origin)
        return lambda flow, data: None

    async with Client(tap_for=tap_for) as client:  # type: ignore[arg-type]
        for _ in range(3):
            page = await client.request("GET", f"{nginx.url}/page.txt")
            assert (page.status, page.body) == (200, PAGE)
        head = await client.request("HEAD", f"{nginx.url}/page.txt")
        assert (head.field("content-length"), head.body) == (str(len(PAGE)), b"")
        same = await client.request(
            "GET", f"{nginx.url}/page.txt", fields=[("if-none-match", page.field("etag") or "")]
        )
        assert (same.status, same.body) == (304, b"")
        missing = await client.request("GET", f"{nginx.url}/missing")
        assert missing.status == 404
        assert len(connections) == 1


async def test_nginx_closes_when_it_said_so(nginx: Nginx) -> None:
    async with Client() as client:
        for _ in range(2):
            response = await client.request("GET", f"{nginx.url}/once")
            assert (response.field("connection"), response.body) == ("close", PAGE)
            assert len(client._pool) == 0


async def test_nginx_sends_chunks(nginx: Nginx) -> None:
    async with Client() as client:
        response = await client.request("GET", f"{nginx.url}/gzip", fields=[("accept-encoding", "gzip")])
        assert (response.field("transfer-encoding"), response.field("content-encoding")) == ("chunked", "gzip")
        assert len(client._pool) == 1


async def test_nginx_takes_uploads_of_each_framing(nginx: Nginx) -> None:
    async with Client() as client:
        for name, body in (("length", PAGE), ("chunked", pieces())):
            response = await client.request("PUT", f"{nginx.url}/put/{name}", body=body, expect_continue=True)
            assert response.status == 201
            assert [interim.status for interim in response.interim] == [100]
    assert (nginx.folder / "root/put/length").read_bytes() == PAGE
    assert len((nginx.folder / "root/put/chunked").read_bytes().split()) == 100


async def test_nginx_refuses_an_upload_early(nginx: Nginx) -> None:
    async with Client() as client:
        response = await client.request("PUT", f"{nginx.url}/put/large", body=bytes(8 << 20))
        assert response.status == 413
        with trio.fail_after(5):
            response = await client.request("PUT", f"{nginx.url}/put/large", body=bytes(8 << 20), expect_continue=True)
        assert (response.status, response.interim) == (413, [])
        assert (await client.request("GET", f"{nginx.url}/page.txt")).status == 200


async def test_nginx_answers_a_pipeline_in_order(nginx: Nginx) -> None:
    paths = ["/page.txt", "/missing", "/moved", "/page.txt"]
    async with Client() as client:
        responses = await client.pipeline([OutgoingRequest("GET", nginx.url + path) for path in paths])
        assert [response.status for response in responses] == [200, 404, 301, 200]
        assert len(client._pool) == 1
        cut = await client.pipeline([OutgoingRequest("GET", nginx.url + path) for path in ("/once", "/page.txt")])
        assert [response.body for response in cut] == [PAGE, PAGE]


async def test_nginx_speaks_tls(nginx: Nginx) -> None:
    async with Client(tls=client_context(ca_pem=AUTHORITY.cert_pem.bytes())) as client:
        for path in ("/page.txt", "/once", "/page.txt"):
            assert (await client.request("GET", nginx.tls_url + path)).body == PAGE
        response = await client.request("PUT", f"{nginx.tls_url}/put/tls", body=PAGE)
        assert response.status == 201
        assert len(client._pool) == 1


async def test_nginx_does_not_answer_plain_http_on_its_tls_port(nginx: Nginx) -> None:
    async with Client() as client:
        response = await client.request("GET", nginx.tls_url.replace("https:", "http:"))
    assert response.status == 400
