"""What is done to a valid HTTP/1.1 message, by name: a mutation for each discrepancy published of real parsers.

A mutation is a plain function of a message and a source of chance,
so that it needs no library and runs anywhere. Some of
them leave the message valid (``HTTP/1.2``, repeated equal lengths): parsers disagree about those, too.
"""

from wire.fuzz.mutations.chunks import CHUNKS
from wire.fuzz.mutations.draft import Draft, Mutation
from wire.fuzz.mutations.fields import FIELDS
from wire.fuzz.mutations.framing import FRAMING
from wire.fuzz.mutations.start_lines import REQUEST_LINES, STATUS_LINES

REQUEST_MUTATIONS: dict[str, Mutation] = {
    mutation.name: mutation for mutation in [*REQUEST_LINES, *FIELDS, *FRAMING, *CHUNKS] if mutation.requests
}
"""Mutations of requests by name."""

RESPONSE_MUTATIONS: dict[str, Mutation] = {
    mutation.name: mutation for mutation in [*STATUS_LINES, *FIELDS, *FRAMING, *CHUNKS] if mutation.responses
}
"""Mutations of responses by name."""

CHUNK_MUTATIONS: dict[str, Mutation] = {mutation.name: mutation for mutation in CHUNKS}
"""Mutations of chunked bodies by name."""

__all__ = ["CHUNK_MUTATIONS", "REQUEST_MUTATIONS", "RESPONSE_MUTATIONS", "Draft", "Mutation"]
