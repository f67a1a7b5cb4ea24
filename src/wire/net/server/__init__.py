"""What servers are made of; ``serve`` is where to begin.

Of any protocol: ``running`` (accept, watch over deadlines, shut down), ``binding`` (where to listen), ``connection``
(one of them, as every version of HTTP sees it) and its ``lifetime``, ``readiness`` (who has said something),
``limits``, ``access_log`` and ``dates``; ``response_fields`` (what goes out beside the handler's own fields) and
``instead`` (what is answered where the handler is not asked, or fails).

Of HTTP/1.1: ``http1_conversation`` (request after request), on a ``http1_link`` (the connection and its codec). Each
request is an ``http1_exchange`` (its body, as the handler pulls it), ``http1_response`` sends the answer, and
``http1_unread`` deals with what the handler left of the body.
"""

from wire.net.server.running import Server, serve, serving

__all__ = ["Server", "serve", "serving"]
