"""What servers are made of; ``serve`` is where to begin.

Of any protocol: ``running`` (accept, watch over deadlines, shut down), ``binding`` (where to listen), ``connection``
(one of them, as every version of HTTP sees it), ``readiness`` (who has said something), ``limits``, ``access_log`` and
``dates``. From request to response, in any version: ``response_fields`` (what goes out beside the handler's own
fields) and ``instead`` (what is answered where the handler is not asked, or fails).

Of HTTP/1.1: ``http1_conversation`` (request after request), on a ``http1_link`` (the connection and its codec), each of
them an ``http1_exchange`` (the body as the handler pulls it), whose answer is an ``http1_response``.
"""

from wire.net.server.running import Server, serve, serving

__all__ = ["Server", "serve", "serving"]
