"""TLS for both sides: a throw-away authority for development, files for real use.

    authority = development_authority()
    await serve(handler, tls=authority.server_context)
    Client(tls=authority.client_context())

Both sides offer their protocols by ALPN, and neither speaks anything older than TLS 1.2.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trustme

ALPN_PROTOCOLS = ("http/1.1",)
"""What is offered in the handshake, best first (RFC 7301)."""


@dataclass(frozen=True)
class DevelopmentAuthority:
    """A certificate authority that lives as long as this process, and a server certificate by it.

    Attributes:
        server_context: for ``serve(tls=...)``.
        ca_pem: the authority's certificate, which a client must be told to trust: ``curl --cacert FILE``.
    """

    ca_pem: bytes
    server_context: ssl.SSLContext = field(repr=False)

    def write_ca(self, path: str | Path) -> None:
        """Write ``ca_pem`` to a file."""
        Path(path).write_bytes(self.ca_pem)

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this authority and nobody else."""
        return client_context(ca_pem=self.ca_pem)


def development_authority(
    names: Sequence[str] = ("localhost", "127.0.0.1", "::1"), alpn: Sequence[str] = ALPN_PROTOCOLS
) -> DevelopmentAuthority:
    """Make an authority and a certificate for ``names``. Its keys never touch the disk."""
    authority = trustme.CA(organization_name="wire development")
    context = _server_context(alpn)
    authority.issue_cert(*names).configure_cert(context)
    return DevelopmentAuthority(authority.cert_pem.bytes(), context)


def server_context(
    certfile: str | Path, keyfile: str | Path | None = None, alpn: Sequence[str] = ALPN_PROTOCOLS
) -> ssl.SSLContext:
    """A context for a certificate chain and its key, both in PEM; one file may hold both.

    Raises:
        OSError: a file cannot be read. ``ssl.SSLError`` is one: a file holds no certificate, or the key is another's.
    """
    context = _server_context(alpn)
    context.load_cert_chain(certfile, keyfile)
    return context


def client_context(
    cafile: str | Path | None = None,
    verify: bool = True,
    *,
    ca_pem: bytes | None = None,
    alpn: Sequence[str] = ALPN_PROTOCOLS,
) -> ssl.SSLContext:
    """A context for a client.

    Args:
        cafile: authorities to trust, in PEM, instead of those of the system.
        verify: False accepts any certificate; then TLS keeps out listeners, but not impostors.
        ca_pem: like ``cafile``, but the bytes themselves.
        alpn: the protocols to offer, best first.
    """
    data = ca_pem.decode("ascii") if ca_pem is not None else None
    context = ssl.create_default_context(cafile=cafile, cadata=data)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _harden(context, alpn)
    return context


def _server_context(alpn: Sequence[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context, alpn)
    return context


def _harden(context: ssl.SSLContext, alpn: Sequence[str]) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996: the older ones must not be used
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION  # CRIME; renegotiation floods
    # RFC 9112 §9.8: a connection that was cut is not one that was closed. Python 3.11.2 takes one for the other.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    context.set_alpn_protocols(list(alpn))
