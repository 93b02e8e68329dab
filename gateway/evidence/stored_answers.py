"""Stored answers: what a caller was given, encrypted, so that it can be given or read again.

One table serves two uses: the outcome of a request with an ``Idempotency-Key``, and the
conversation behind a response that its caller asked to store. An answer is stored in the commit of
its closing entry, and belongs to the persons whom that entry mentions: their erasure destroys the
key, and leaves the row until it expires. A claim reserves a name while its first request is under
way; it holds no content.
"""

import msgspec

ANSWER_COLUMNS = ("log", "seq", "name", "digest", "created", "expires", "ciphertext", "wrapped")


class StoredAnswer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A sealed answer at its place in the log. Times are epoch milliseconds."""

    seq: int
    name: str
    digest: str
    created: int
    expires: int
    ciphertext: bytes
    wrapped: bytes


class SealedAnswer(msgspec.Struct, frozen=True):
    """An encrypted answer, to be stored together with an entry.

    ``name`` and ``digest`` are keyed and one-way; ``expires`` is epoch milliseconds.
    """

    name: str
    digest: str
    expires: int
    ciphertext: bytes
    wrapped: bytes

    def stored(self, seq: int, time: int) -> StoredAnswer:
        """Returns the row of the entry with this number and time (epoch milliseconds)."""
        return StoredAnswer(
            seq, self.name, self.digest, time, self.expires, self.ciphertext, self.wrapped
        )
