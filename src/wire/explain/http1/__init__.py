"""HTTP/1.1 explained: what each byte of a stream of requests or responses means (RFC 9112).

The codec gives the verdict, the events and their places (``follow``, ``faults``); ``messages`` draws what lies between
with the codec's own grammar: ``lines``, ``fields`` and ``bodies``; and ``meaning`` says it in words.
"""

from wire.explain.http1.messages import SUBJECTS, explain, explain_both, sender_of

__all__ = ["SUBJECTS", "explain", "explain_both", "sender_of"]
