"""The field names that the codec treats in a way of their own, in lower case."""

from __future__ import annotations

FRAMING_FIELDS = frozenset(
    (b"connection", b"content-length", b"expect", b"host", b"te", b"transfer-encoding", b"upgrade")
)
"""The fields that decide where a message ends and what becomes of the connection."""

FORBIDDEN_TRAILERS = frozenset(
    b"age authorization cache-control connection content-encoding content-length content-range content-type cookie "
    b"date expect expires host keep-alive location max-forwards pragma proxy-authenticate proxy-authorization "
    b"proxy-connection range retry-after set-cookie te trailer transfer-encoding upgrade vary warning "
    b"www-authenticate".split()
)
"""What may not stand in a trailer section: it frames or routes, authenticates, steers, or describes the content, and so
comes too late there (RFC 9110 §6.5.1)."""

END_TO_END_FIELDS = frozenset(
    b"authorization cache-control content-encoding content-length content-type cookie date etag expect expires host "
    b"location range set-cookie vary".split()
)
"""Fields for whoever gets the message; as connection options they would be taken from it (RFC 9110 §7.6.1)."""

SECRET_FIELDS = frozenset((b"authorization", b"cookie", b"proxy-authorization", b"set-cookie"))
"""The fields that are not remembered (see ``memo``), since all connections share one memory."""
