"""Differences between ``wire.http1`` and its peers that are known, each with the section that decides it.

A fuzzer that reports what everybody knows is not read. What is set aside is counted: ``wire fuzz`` says how often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wire.fuzz.readings import Disagreement

OURS = "wire"
ANY = r"h11|httptools|http\.server"


@dataclass(frozen=True, slots=True)
class Known:
    """One known difference.

    Attributes:
        peer: pattern for the peer's name.
        kind: pattern for the kind of the disagreement.
        lenient: pattern for who takes it, where one does: ``"wire"`` or ``"peer"``.
        reason: pattern for the whole reason that the other side gives; for ``"answer"``, that ``wire`` gives.
        section: what decides it.
        why: a sentence.
        data: pattern that the input has to hold; anything, unless told.
        shows: what else has to be true of the input.
    """

    peer: str
    kind: str
    lenient: str
    reason: str
    section: str
    why: str
    data: bytes = b""
    shows: Callable[[bytes], bool] = lambda data: True

    def covers(self, peer: str, found: Disagreement, data: bytes) -> bool:
        """Whether this is what was found."""
        lenient = "" if not found.lenient else "wire" if found.lenient == OURS else "peer"
        return (
            re.fullmatch(self.peer, peer) is not None
            and re.fullmatch(self.kind, found.kind) is not None
            and re.fullmatch(self.lenient, lenient) is not None
            and re.fullmatch(self.reason, found.reason) is not None
            and re.search(self.data, data) is not None
            and self.shows(data)
        )


def they_take(peer: str, rule: str, section: str, why: str) -> Known:
    """The peer accepts what we reject by this rule."""
    return Known(peer, "accept", "peer", rule, section, why)


def we_take(peer: str, reason: str, section: str, why: str) -> Known:
    """We accept what the peer rejects for this reason."""
    return Known(peer, "accept", "wire", reason, section, why)


KNOWN = [
    # Where we are the stricter.
    they_take(".*", r"http1\..*\.(too-.*|empty-lines|method-too-long)", "RFC 9112 §2.3",
               "limits are each parser's own"),
    they_take(ANY, r"http1\.request-line\.target(-form|-authority)?", "RFC 9112 §3.2",
               "they leave the target to others"),
    they_take(ANY, r"http1\.host\.malformed", "RFC 9112 §3.2", "they leave Host's value to others"),
    they_take(ANY, r"http1\.connection\.malformed", "RFC 9110 §7.6.1", "they leave the options to others"),
    they_take(ANY, r"http1\.trailer\.forbidden", "RFC 9110 §6.5.1", "they hand such trailers out, we refuse them"),
    they_take(ANY, r"http1\.transfer-encoding\.http-1\.0", "RFC 9112 §6.1",
               "the framing of such a message is faulty"),
    they_take(ANY, r"http1\.version\.unsupported", "RFC 9110 §15.6.6", "they leave the major version to others"),
    Known(ANY, "accept", "peer", r"http1\.(chunk-size|content-length)\.overflow", "RFC 9112 §7.1",
          "we count leading zeros, they do not", rb"[\n ]0+[0-9a-f]"),
    they_take("h11|httptools", r"http1\.chunk-ext\.malformed", "RFC 9112 §7.1.1", "they skip extensions unread"),
    they_take("h11", r"http1\.chunk-line\.bare-cr", "RFC 9112 §7.1.1", "it skips extensions unread, CR and all"),
    they_take("h11", r"http1\.line\.bare-lf", "RFC 9112 §2.2", "a recipient may take LF for CRLF; we do not"),
    they_take("h11", r"http1\.field-line\.obs-fold", "RFC 9112 §5.2", "a server may unfold; we reject"),
    they_take("h11", r"http1\.(field-line\.value|status-line\.reason)", "RFC 9110 §5.5",
               "it lets some controls through"),
    they_take("h11", r"http1\.transfer-encoding\.with-content-length", "RFC 9112 §6.1", "a server may reject; we do"),
    they_take("h11|httptools", r"http1\.status-line\.space", "RFC 9112 §4", "they forgive the missing SP"),
    they_take("httptools", r"http1\.host\.(missing|repeated)", "RFC 9112 §3.2", "it leaves Host to its caller"),
    they_take("httptools", r"http1\.line\.bare-(lf|cr)", "RFC 9112 §2.2", "it skips CR and LF in front of a message"),
    they_take("httptools", r"http1\.request-line\.(no-version|space|empty-lines)", "RFC 9112 §3",
               "HTTP/0.9 and more spaces"),
    they_take("httptools", r"http1\.transfer-encoding\.(unknown|malformed|chunked-.*)", "RFC 9112 §6.1",
               "it undoes chunked only"),
    they_take("httptools", r"http1\.status-line\.(reason|status|version)", "RFC 9112 §4", "it is lenient there"),
    they_take("httptools", r"http1\.eof\.(in-head|no-response)", "RFC 9112 §8",
               "to it, blank lines are not a beginning"),
    they_take(r"http\.server", r"http1\.(chunk|trailer|eof|content-length|transfer-encoding).*", "RFC 9112 §6",
               "it leaves the body to its handlers"),
    # Where they are the stricter.
    we_take("h11", r"illegal chunk header.*", "RFC 9110 §5.6.3", "bad white space must be parsed for and removed"),
    we_take("h11", r"(multiple|Only) Transfer-Encoding.*", "RFC 9110 §5.6.1.2", "empty members are to be ignored"),
    we_take("h11", r"no request line received", "RFC 9112 §2.2", "a server should skip at least one empty line"),
    Known("h11", "accept", "wire", r"illegal request line", "RFC 9112 §2.2", "a CR whose LF is still under way",
          rb"(\A|\n)\r"),
    we_take("httptools", r".*Content-Length", "RFC 9112 §6.3", "equal values may be repeated"),
    we_take("httptools", r".*Transfer-Encoding.*", "RFC 9110 §5.6.1.2", "empty members and OWS are to be ignored"),
    we_take("httptools", r".*Invalid character in chunk (extensions.*|size)", "RFC 9110 §5.6.3",
             "bad white space again"),
    we_take("httptools", r".*Invalid HTTP version", "RFC 9110 §6.2", "a higher minor version is read as 1.1"),
    we_take("httptools", r"HttpParserInvalidMethodError.*", "RFC 9110 §9.1", "any token is a method"),
    we_take("httptools", r".*InvalidURLError.*", "RFC 9112 §3.2.2", "any scheme may be asked for"),
    we_take("httptools", r".*(Invalid header value char|Unexpected whitespace after header value)", "RFC 9112 §5.2",
             "a user agent must unfold"),
    we_take(r"http\.server", r"no request", "RFC 9112 §2.2", "a server should skip at least one empty line"),
    we_take("h11", r"Got data when expecting EOF", "RFC 9112 §9.6",
             "what follows close is not processed, nor an error"),
    we_take("httptools", r".*Data after `Connection: close`", "RFC 9112 §9.6", "what follows close is not an error"),
    # Where both accept, and differ.
    Known("httptools", "(body|end)", "", "", "RFC 9110 §5.6.1.2",
          "an empty member or a tab hides chunked from it",
          rb"(?im)^transfer-encoding:[^\r\n]*(,[ \t]*|\t)\r?$"),
    Known(r"http\.server", "target", "", "", "RFC 9112 §3.2.1", "it drops a second slash, lest it redirect elsewhere"),
    Known(r"http\.server", "fields", "", "", "RFC 9112 §5", "it leaves white space behind values"),
]  # fmt: skip


def known_difference(peer: str, found: Disagreement, data: bytes, known: Sequence[Known] = KNOWN) -> Known | None:
    """The entry that explains what was found in ``data``, if there is one."""
    return next((entry for entry in known if entry.covers(peer, found, data)), None)
