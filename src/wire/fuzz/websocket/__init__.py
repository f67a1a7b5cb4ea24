"""Breaking WebSocket: valid streams of frames, spoilt ones, and what each parser makes of them.

Read in this order: ``draft`` (frames that may say anything), ``mutations`` and ``payloads`` (what is done to them, by
name), ``strategies`` (where streams come from), ``handshakes`` (the same for the opening handshake), ``known``.
"""
