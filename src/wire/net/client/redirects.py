"""Redirections: the request that a 3xx asks for, and what must not go with it (RFC 9110 §15.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wire.net.client.outgoing import OutgoingRequest
from wire.net.client.received import ResponseHead
from wire.net.fields import encode_fields

# Which methods become GET: POST has always done so after 301 and 302, and 303 means just that (§15.4.2 to §15.4.4).
_BECOMES_GET: dict[int, Callable[[str], bool]] = {
    301: lambda method: method == "POST",
    302: lambda method: method == "POST",
    303: lambda method: method not in ("GET", "HEAD"),
    307: lambda _method: False,
    308: lambda _method: False,
}

_ABOUT_CONTENT = frozenset(
    b"content-encoding content-language content-length content-location content-type digest expect last-modified "
    b"trailer transfer-encoding".split()
)
_FOR_ONE_ORIGIN = frozenset((b"authorization", b"cookie", b"host", b"origin", b"proxy-authorization", b"referer"))


def redirected(request: OutgoingRequest, response: ResponseHead) -> OutgoingRequest | None:
    """The request that follows from being redirected; None where the response does not redirect.

    Another origin gets neither credentials nor the Host that was given for this one.

    Raises:
        InvalidUrl: Location leads to something other than http or https.
    """
    location = next((value for name, value in response.fields if name == b"location"), None)
    becomes_get = _BECOMES_GET.get(response.status)
    if location is None or becomes_get is None:
        return None
    # Bytes beyond ASCII should not be there; those that are keep their values, as percent-encodings.
    url = request.parsed_url.join(location.decode("utf-8", "surrogateescape"))
    dropped = _FOR_ONE_ORIGIN if url.origin != request.parsed_url.origin else frozenset()
    if becomes_get(request.method):
        dropped |= _ABOUT_CONTENT
        request = replace(request, method="GET", body=b"", trailers=None, expect_continue=False)
    fields = [(name, value) for name, value in encode_fields(request.fields) if name.lower() not in dropped]
    return replace(request, url=url, fields=fields, target=None)
