"""Requests with an ``Idempotency-Key``: a repetition gets the first answer, not a second one.

A name of caller and key is claimed before the request departs. The answer is stored with the
closing entry, and the claim lapses. A request that gave no answer frees the name.
Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec

from gateway.core.errors import InProgress, InvalidRequest, Unavailable
from gateway.core.principal import Principal
from gateway.core.system.off_loop import off_loop
from gateway.evidence import Answer, AnswerStore, Claim, SealedAnswer, StoreFailed, Value
from gateway.request.caller import answers_of
from gateway.request.context import AdmittedRequest, IncomingRequest, Once
from gateway.request.response import GovernedResponse

HEADER = "idempotency-key"
REPLAY = "request:answer:replay"
KEPT_MS = 24 * 3_600_000
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
# Headers that change what is answered; those of the dialect are added.
_DECIDING = ("x-sluis-purpose", "x-sluis-sensitivity", "x-sluis-conversation")
_FACTS = (
    "deployment",
    "zone",
    "provider",
    "model_digest",
    "model_version",
    "model_proof",
    "model_until",
    "warning",
    "redacted",
    "rerouted",
)
_LEASE_MS = 30_000  # a claim of a killed process lapses after this
_RENEW_S = 10.0
_RETRY_AFTER_S = 2


class GivenAnswer(msgspec.Struct, frozen=True):
    """An answer as it went out, to be sent again.

    ``of`` is the audit id of its request, ``facts`` what its headers say of it.
    """

    of: str
    streams: bool
    body: bytes
    facts: dict[str, Value]

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"GivenAnswer(of={self.of!r})"


class Idempotency:
    """Claims names, and finds the answers that are stored under them."""

    def __init__(self, store: AnswerStore, *, pepper: bytes, wall: Callable[[], float]) -> None:
        """``pepper`` keys names and digests, ``wall`` is epoch seconds."""
        self._store = store
        self._pepper = pepper
        self._wall = wall

    async def asked(
        self, incoming: IncomingRequest, principal: Principal, data: bytes
    ) -> Once | None:
        """What the header asks for; None without it.

        Raises:
            InvalidRequest: when the key is malformed.
        """
        key = incoming.headers.get(HEADER)
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise InvalidRequest(
                "Idempotency-Key must be 1 to 255 characters of printable ASCII.", param=HEADER
            )
        name = answers_of(principal, incoming.record, f"idempotency:{key}").name(self._pepper)
        digest = await off_loop(len(data), self._digest, incoming, data)
        return Once(Claim(name, digest, incoming.record.audit_id))

    async def begin(self, once: Once) -> GivenAnswer | None:
        """The stored answer; None when this request is to make it, under a claim.

        Raises:
            InvalidRequest: when the key came with another request, or its answer was erased.
            InProgress: while the first request is under way.
            Unavailable: when the store cannot be read or written.
        """
        try:
            under_way = await self._claim(once.claim)
            answer = await self._store.load(once.claim.name, now_ms=self._now_ms())
            size = len(answer.data or b"") if answer else 0
            given = await off_loop(size, _answer_to, once.claim, under_way, answer)
        except BaseException as error:
            await asyncio.shield(self._free(once.claim))
            if isinstance(error, StoreFailed):
                raise Unavailable(
                    "Answers under an Idempotency-Key cannot be stored now, so the request is not "
                    "served. Try again shortly.",
                    retry_after=_RETRY_AFTER_S,
                ) from error
            raise
        if given is not None:
            await self._free(once.claim)
        return given

    @asynccontextmanager
    async def held(self, once: Once) -> AsyncIterator[None]:
        """Keeps a claim while its request is answered; frees it when there was no answer."""
        renewing = asyncio.create_task(self._renew(once.claim))
        try:
            yield
        finally:
            renewing.cancel()
            if not once.finished:
                await asyncio.shield(self._free(once.claim))

    def seal(self, once: Once, admitted: AdmittedRequest, answer: GovernedResponse) -> SealedAnswer:
        """The encrypted answer, for the closing entry."""
        recorded = admitted.record.fields
        given = GivenAnswer(
            once.claim.request,
            admitted.request.facts.streams,
            answer.sent(),
            {name: recorded[name] for name in _FACTS if recorded.get(name) is not None},
        )
        return self._store.cipher.seal(
            msgspec.msgpack.encode(given),
            name=once.claim.name,
            digest=once.claim.digest,
            expires=self._now_ms() + KEPT_MS,
        )

    def _digest(self, incoming: IncomingRequest, data: bytes) -> str:
        """The keyed digest of the body, and of what else decides about the answer."""
        given = _deciding(incoming.headers, (*_DECIDING, *incoming.dialect.header_fields))
        head = msgspec.json.encode([incoming.dialect.path, given])
        digest = hmac.new(self._pepper, head, "sha256")
        digest.update(data)
        return digest.hexdigest()

    async def _claim(self, claim: Claim) -> str | None:
        now = self._now_ms()
        return await self._store.claim(claim, now_ms=now, until_ms=now + _LEASE_MS)

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            with suppress(StoreFailed):  # the next time, or it lapses
                await self._claim(claim)

    async def _free(self, claim: Claim) -> None:
        with suppress(StoreFailed):  # then it lapses
            await self._store.free(claim)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _deciding(headers: Mapping[str, str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, headers[name]) for name in sorted(names) if name in headers]


def _answer_to(claim: Claim, under_way: str | None, answer: Answer | None) -> GivenAnswer | None:
    """The answer to a request with this claim.

    Raises:
        InvalidRequest: when the key came with another request, or its answer was erased.
        InProgress: while the first request is under way.
    """
    first = answer.digest if answer else under_way
    if first is not None and first != claim.digest:
        raise InvalidRequest(
            "This Idempotency-Key came with another request before. Use a new key for a new "
            "request.",
            code="idempotency_mismatch",
            param=HEADER,
        )
    if answer is not None:
        if answer.data is None:
            raise InvalidRequest(
                "The answer under this Idempotency-Key was erased. Use a new key for a new "
                "request.",
                code="answer_erased",
                param=HEADER,
            )
        return msgspec.msgpack.decode(answer.data, type=GivenAnswer)
    if under_way is not None:
        raise InProgress(
            "The first request with this Idempotency-Key is still under way. Try again shortly.",
            param=HEADER,
            retry_after=_RETRY_AFTER_S,
        )
    return None
