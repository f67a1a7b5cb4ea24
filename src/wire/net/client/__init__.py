"""What clients are made of; ``wire.net.http1`` is the client of HTTP/1.1 itself.

Of any protocol: ``url`` (where to), ``dial`` and ``tls`` (how to get there), ``outgoing`` and ``received`` (what is
said and heard), ``redirects``, ``timeouts`` and ``errors``. Of HTTP/1.1: ``http1_link`` (one connection),
``http1_call`` (one exchange on it), ``http1_pipeline`` (several at once), ``http1_pool`` (connections that wait for the
next).
"""
