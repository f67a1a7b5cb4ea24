"""What the clients among the verbs are told alike: field lines, passwords, whom to trust."""

from __future__ import annotations

import base64
import os
import ssl

import click

from wire.cli.http_show import BAD_AUTHORITIES, Failed
from wire.net.tls import client_context


def field(header: str) -> tuple[bytes, bytes]:
    """A field line as it was typed; what HTTP forbids in it, the codec will say."""
    name, colon, value = header.partition(":")
    if not colon:
        raise click.UsageError(f"{header!r} has no colon: a field line is 'name: value'.")
    return os.fsencode(name), os.fsencode(value.strip(" \t"))


def basic(user: str) -> tuple[bytes, bytes]:
    """The field line for a name and a password, with a colon between them (RFC 7617)."""
    return b"authorization", b"Basic " + base64.b64encode(os.fsencode(user))


def tls(insecure: bool, cacert: str | None) -> ssl.SSLContext | None:
    """What a server has to prove; None for the usual.

    Raises:
        Failed: the file holds no certificate.
    """
    if not insecure and cacert is None:
        return None
    try:
        return client_context(cacert, verify=not insecure)
    except ssl.SSLError as error:
        raise Failed(f"{cacert}: holds no certificate in PEM", BAD_AUTHORITIES) from error
