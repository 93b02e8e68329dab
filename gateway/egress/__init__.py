"""The only door out. Takes a checked body, writes it for a provider, sends it, reads the answer.

Nothing here decides whether a body may leave: the pipeline has decided, and recorded the digest of
the exact bytes, before ``send`` is called.
"""

from gateway.egress.dialect import Body, Dialect, OpenAIDialect, OpenAIReading, Reading, Written
from gateway.egress.door import Answered, Departure, Egress

__all__ = [
    "Answered",
    "Body",
    "Departure",
    "Dialect",
    "Egress",
    "OpenAIDialect",
    "OpenAIReading",
    "Reading",
    "Written",
]
