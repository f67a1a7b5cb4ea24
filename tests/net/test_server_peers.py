"""The server beside clients that nobody here wrote: curl, http.client, httpx; over TCP and TLS."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
from functools import partial
from pathlib import Path

import httpx
import pytest
import trio
import trustme

from tests.net.handlers import app
from tests.net.raw import connected
from wire.net import Server, serving
from wire.net.tls import client_context, development_authority, server_context

AUTHORITY = development_authority()

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (apt install curl)")


async def curl(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run curl; what it says with ``-v`` is in ``stderr``."""
    command = ["curl", "-sS", "--noproxy", "*", "--max-time", "20", *map(str, arguments)]
    return await trio.run_process(command, stdin=stdin, capture_stdout=True, capture_stderr=True, check=False)


@needs_curl
async def test_curl_gets_and_reuses_its_connection() -> None:
    async with serving(app) as server:
        done = await curl("-v", "--http1.1", f"{server.url}/hello", f"{server.url}/hello")
        assert done.stdout == b"Hello, world!" * 2
        assert b"Re-using existing connection" in done.stderr
        head = await curl("-I", f"{server.url}/hello")
        assert b"content-length: 13" in head.stdout


@needs_curl
async def test_curl_speaks_http_1_0() -> None:
    async with serving(app) as server:
        done = await curl("-v", "--http1.0", f"{server.url}/count")
        assert done.stdout == b"onetwothree"
        assert b"< connection: close" in done.stderr


@needs_curl
@pytest.mark.parametrize(
    "options", [["-H", "Expect: 100-continue"], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked"]]
)
async def test_curl_uploads(options: list[str], tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(bytes(range(256)) * 20_000)
    async with serving(app) as server:
        done = await curl("-v", *options, "--data-binary", f"@{upload}", f"{server.url}/echo")
        assert done.stdout == upload.read_bytes()
        assert (b"HTTP/1.1 100 Continue" in done.stderr) == (b"> Expect: 100-continue" in done.stderr)


@needs_curl
async def test_curl_keeps_its_body_when_it_is_refused(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"x" * 5_000_000)
    async with serving(app) as server:
        done = await curl(
            "-v",
            "-H",
            "Expect: 100-continue",
            "--data-binary",
            f"@{upload}",
            "-w",
            "%{size_upload}",
            f"{server.url}/length",
        )
        assert b"HTTP/1.1 413" in done.stderr
        assert done.stdout.endswith(b"}0")


@needs_curl
async def test_curl_sees_the_answer_to_an_upload_that_it_has_begun(tmp_path: Path) -> None:
    """Without lingering, the reset for the unread upload would overtake the answer (RFC 9112 §9.6)."""
    upload = tmp_path / "upload"
    upload.write_bytes(b"x" * 5_000_000)
    async with serving(app) as server:
        done = await curl("-H", "Expect:", "--data-binary", f"@{upload}", "-w", "%{http_code}", f"{server.url}/length")
        assert done.stdout.endswith(b"413")


@needs_curl
async def test_curl_sees_that_a_response_broke_off(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(app) as server:
        for version in ("--http1.1", "--http1.0"):
            assert (await curl(version, f"{server.url}/half")).returncode in (18, 56)


@needs_curl
@pytest.mark.spec("rfc9112-9.7-2", "rfc9112-9.8-10a")
async def test_curl_trusts_the_development_authority(tmp_path: Path) -> None:
    AUTHORITY.write_ca(tmp_path / "ca.pem")
    async with serving(app, tls=AUTHORITY.server_context) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        done = await curl("-v", "--cacert", tmp_path / "ca.pem", f"{url}/hello", f"{url}/count")
        assert done.stdout == b"Hello, world!onetwothree"
        assert b"HTTP/1.1 200 OK" in done.stderr
        until_close = await curl("--http1.0", "--cacert", tmp_path / "ca.pem", f"{url}/count")
        assert until_close.stdout == b"onetwothree"
        stranger = await curl(f"{url}/hello")
        assert stranger.returncode == 60  # the peer's certificate cannot be verified


async def test_http_client_keeps_its_connection() -> None:
    def talk(server: Server) -> list[object]:
        connection = http.client.HTTPConnection(*server.address, timeout=10)
        seen: list[object] = []
        for method, path, body in (("GET", "/hello", None), ("POST", "/length", b"abc"), ("HEAD", "/hello", None)):
            connection.request(method, path, body)
            response = connection.getresponse()
            seen.append((response.status, response.read()))
        connection.close()
        return seen

    async with serving(app) as server:
        assert await trio.to_thread.run_sync(talk, server) == [(200, b"Hello, world!"), (200, b"3"), (200, b"")]
        assert server.connections <= 1


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_httpx_streams_both_ways(scheme: str) -> None:
    tls = AUTHORITY.server_context if scheme == "https" else None

    def talk(url: str) -> tuple[str, bytes, int]:
        with httpx.Client(verify=AUTHORITY.client_context(), trust_env=False) as client:
            whole = client.get(f"{url}/hello").text
            with client.stream("POST", f"{url}/echo", content=iter([b"a" * 70_000, b"b" * 70_000])) as response:
                echoed = b"".join(response.iter_bytes())
            return whole, echoed, client.get(f"{url}/nowhere").status_code

    async with serving(app, tls=tls) as server:
        whole, echoed, missing = await trio.to_thread.run_sync(talk, server.url.replace("127.0.0.1", "localhost"))
        assert (whole, len(echoed), missing) == ("Hello, world!", 140_000, 404)


def dial(server: Server, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A TLS connection by the standard library, which raises SSLEOFError where the closing alert is missing."""
    sock = socket.create_connection(server.address, timeout=10)
    return context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False)


@pytest.mark.spec("rfc9112-9.8-10a", "rfc9112-9.8-10b", "rfc9112-9.8-9")
async def test_tls_ends_with_an_alert_and_survives_clients_without() -> None:
    def talk(server: Server) -> bytes:
        context = AUTHORITY.client_context()
        with dial(server, context) as rude:
            rude.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            rude.recv(1000)
        with dial(server, context) as polite:
            polite.sendall(b"GET /count HTTP/1.0\r\n\r\n")
            answer = b""
            while data := polite.recv(1000):
                answer += data
            return answer

    async with serving(app, tls=AUTHORITY.server_context) as server:
        assert (await trio.to_thread.run_sync(talk, server)).endswith(b"onetwothree")


async def test_alpn_and_versions() -> None:
    def handshake(server: Server, context: ssl.SSLContext) -> tuple[str | None, str | None]:
        with dial(server, context) as tls:
            return tls.selected_alpn_protocol(), tls.version()

    old = AUTHORITY.client_context()
    async with serving(app, tls=AUTHORITY.server_context) as server:
        assert await trio.to_thread.run_sync(handshake, server, AUTHORITY.client_context()) == ("http/1.1", "TLSv1.3")
        old.minimum_version = ssl.TLSVersion.TLSv1_2
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        assert await trio.to_thread.run_sync(handshake, server, old) == ("http/1.1", "TLSv1.2")
    assert AUTHORITY.server_context.minimum_version == ssl.TLSVersion.TLSv1_2


async def test_plain_http_at_a_tls_port_harms_nobody() -> None:
    async with serving(app, tls=AUTHORITY.server_context) as server:
        async with connected(server) as client:
            await client.send(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.rest()
        url = server.url.replace("127.0.0.1", "localhost")
        get = partial(httpx.get, f"{url}/hello", verify=AUTHORITY.client_context(), trust_env=False)
        assert (await trio.to_thread.run_sync(get)).status_code == 200


def test_certificates_from_files(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    (tmp_path / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    (tmp_path / "key.pem").write_bytes(certificate.private_key_pem.bytes())
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    assert server_context(tmp_path / "chain.pem", tmp_path / "key.pem").minimum_version == ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError, match="No such file"):
        server_context(tmp_path / "missing.pem")
    with pytest.raises(ssl.SSLError):
        server_context(tmp_path / "chain.pem")
    assert client_context(tmp_path / "ca.pem").verify_mode == ssl.CERT_REQUIRED
    trusting = client_context(verify=False)
    assert (trusting.verify_mode, trusting.check_hostname) == (ssl.CERT_NONE, False)
