"""Bytes that explain themselves: spans that tile the input, each with its name, value, meaning and section.

Read in this order: ``span`` (the model), ``http1`` and ``websocket`` (what the bytes of each protocol mean),
``conversation`` (both directions as they passed), ``outline`` (all of it in reading order), and the three ways to show
it: ``terminal``, ``page`` and JSON.
"""

from wire.explain.explanation import Explanation, Fault
from wire.explain.span import Change, Derived, Kind, Piece, Span, check_tiling

__all__ = ["Change", "Derived", "Explanation", "Fault", "Kind", "Piece", "Span", "check_tiling"]
