"""Reads stored answers and claims their names, for the process that answers requests."""

import msgspec
from cryptography.exceptions import InvalidTag

from gateway.core.system.off_loop import off_loop
from gateway.evidence.queries import Queries
from gateway.evidence.store import StoreFailed
from gateway.evidence.stored_answers import SealedAnswer
from gateway.evidence.values import ValueCipher

# A claim that lapsed is taken over; one's own is prolonged.
_CLAIM = """
INSERT INTO answer_claim (name, digest, request, expires) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE
SET digest = excluded.digest, request = excluded.request, expires = excluded.expires
WHERE answer_claim.expires <= $5 OR answer_claim.request = excluded.request RETURNING request
"""
_HOLDER = "SELECT digest FROM answer_claim WHERE name = $1"
_FREE = "DELETE FROM answer_claim WHERE name = $1 AND request = $2 RETURNING request"
_LOAD = """
SELECT digest, ciphertext, wrapped FROM stored_answer WHERE name = $1 AND expires > $2
ORDER BY created DESC LIMIT 1
"""


class Answer(msgspec.Struct, frozen=True):
    """An answer that is stored, decrypted; ``data`` is None once a person was erased from it."""

    digest: str
    data: bytes | None

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"Answer(digest={self.digest!r})"


class Claim(msgspec.Struct, frozen=True):
    """The right of one request to make the answer of a name.

    ``digest`` is that of what was asked, ``request`` the audit id.
    """

    name: str
    digest: str
    request: str


class AnswerCipher:
    """Encrypts and decrypts answers. A ciphertext is bound to its name and digest."""

    def __init__(self, kek: bytes) -> None:
        self._cipher = ValueCipher(kek)

    def seal(self, data: bytes, *, name: str, digest: str, expires: int) -> SealedAnswer:
        """Returns the answer under a fresh key, wrapped by the key-encryption key."""
        sealed = self._cipher.seal_data(data, scope=_scope(name), id_=digest)
        return SealedAnswer(name, digest, expires, *sealed)

    def open(self, ciphertext: bytes, wrapped: bytes, *, name: str, digest: str) -> bytes:
        """Returns the answer.

        Raises:
            InvalidTag: when the key is another one.
        """
        return self._cipher.open_data(ciphertext, wrapped, scope=_scope(name), id_=digest)


class AnswerStore:
    """Stored answers and the claims on their names, for the process that answers requests."""

    def __init__(self, queries: Queries, *, kek: bytes) -> None:
        self._queries = queries
        self.cipher = AnswerCipher(kek)

    async def claim(self, claim: Claim, *, now_ms: int, until_ms: int) -> str | None:
        """Claims a name, or prolongs a claim; returns the digest of another request under way.

        Raises:
            StoreFailed: when it cannot be claimed for certain.
        """
        given = (claim.name, claim.digest, claim.request, until_ms, now_ms)
        if await self._queries.rows(_CLAIM, *given):
            return None
        holder = await self._queries.rows(_HOLDER, claim.name)
        return str(holder[0][0]) if holder else claim.digest  # freed meanwhile: it may try again

    async def free(self, claim: Claim) -> None:
        """Gives up a claim.

        Raises:
            StoreFailed: when it stays until it lapses.
        """
        await self._queries.rows(_FREE, claim.name, claim.request)

    async def load(self, name: str, *, now_ms: int) -> Answer | None:
        """The unexpired answer under a name.

        Raises:
            StoreFailed: when it cannot be read.
        """
        for digest, ciphertext, wrapped in await self._queries.rows(_LOAD, name, now_ms):
            if ciphertext is None:
                return Answer(digest, None)
            try:
                data = await off_loop(
                    len(ciphertext), self.cipher.open, ciphertext, wrapped, name=name, digest=digest
                )
            except InvalidTag as error:
                raise StoreFailed("the key of a stored answer does not fit") from error
            return Answer(digest, data)
        return None

    async def close(self) -> None:
        """Releases the store."""
        await self._queries.close()


def _scope(name: str) -> str:
    return f"answer/{name}"
