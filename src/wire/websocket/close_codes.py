"""Close codes: numbers that say why a connection ends (RFC 6455 §7.4, and IANA's registry that §11.7 founds)."""

NORMAL = 1000
GOING_AWAY = 1001
INTERNAL_ERROR = 1011

NO_STATUS = 1005
"""Never on the wire: what a user hears of a close frame without a code (RFC 6455 §7.1.5)."""

ABNORMAL = 1006
"""Never on the wire: what a user hears where TCP ended without a close frame (RFC 6455 §7.1.5)."""

SENDABLE = frozenset((*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)))
"""Codes that may stand in a close frame: those of §7.4.1, 1012 to 1014 of the registry, and the ranges of §7.4.2."""
