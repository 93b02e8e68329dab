"""Stored conversations: what a caller asked to keep, put before its next request.

A provider gets the whole conversation every time, and keeps nothing. The items are put into the
body before it is checked and classified, as if the caller had sent them again.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import InvalidRequest, Unavailable
from gateway.core.fields import BodyLimits
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.system.off_loop import off_loop
from gateway.dialects.base import ConversationForm, StoredResponse, StoreWish
from gateway.evidence import AnswerStore, SealedAnswer, StoreFailed
from gateway.privacy import Scope
from gateway.request.caller import answers_of
from gateway.request.context import AdmittedRequest, IncomingRequest, RequestScan, Turn
from gateway.request.response import GovernedResponse

_HOUR_MS = 3_600_000
_RETRY_AFTER_S = 2
_SECRET = "SECRET"  # the type of findings


class Conversation(msgspec.Struct, frozen=True):
    """The items of a conversation, and the level (its label) of the request that stored it."""

    level: str
    items: list[Any]

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"Conversation(level={self.level!r}, items={len(self.items)})"


def without_secrets(turn: Turn, scan: RequestScan) -> Turn:
    """The turn; its conversation is not stored when it holds a secret."""
    if not scan.counts.get(_SECRET):
        return turn
    return msgspec.structs.replace(turn, response=StoredResponse(None, turn.response.previous))


class ResponseHistory:
    """Reads conversations, and seals those that are to be stored."""

    def __init__(
        self, store: AnswerStore, *, pepper: bytes, wall: Callable[[], float], max_body: int
    ) -> None:
        """``pepper`` keys names, ``wall`` is epoch seconds; ``max_body`` is in bytes."""
        self._store = store
        self._pepper = pepper
        self._wall = wall
        self._max_body = max_body

    async def opened(
        self,
        compiled: CompiledSnapshot,
        incoming: IncomingRequest,
        data: bytes,
        *,
        principal: Principal,
        purpose: str,
    ) -> tuple[bytes, Turn | None]:
        """The body with the conversation before it, and what is to be stored of its answer.

        A conversation is that of one caller and one use case (``purpose``).
        Without policy, or without a wish of the caller, the body is as it came.

        Raises:
            InvalidRequest: when the conversation is not stored for this caller, or is too large.
            Unavailable: when it cannot be read.
        """
        form, rule = incoming.dialect.conversations, compiled.policy.redaction.responses
        if form is None or not rule.keep or not form.may_wish(data):
            return data, None
        limits = compiled.policy.limits.get(incoming.dialect.name) or BodyLimits()
        wish = await off_loop(len(data), lambda: form.wish(limits.parse(data)))
        if wish is None:
            return data, None
        owner = answers_of(principal, incoming.record, f"response:{purpose}")
        before = Conversation(Level.PUBLIC.label, [])
        if wish.previous is not None:
            before = await self._load(self._name(owner, wish.previous), form)
        items = [*before.items, *wish.items]
        data = await asyncio.to_thread(self._written, form, wish, items)
        identity = form.response_id(incoming.record.audit_id) if wish.keeps else None
        response = StoredResponse(identity, wish.previous)
        name = self._name(owner, identity or "")
        return data, Turn(response, name, items, Level.parse(before.level), rule.hours)

    def seal(self, turn: Turn, admitted: AdmittedRequest, answer: GovernedResponse) -> SealedAnswer:
        """The encrypted conversation, for the closing entry."""
        conversation = Conversation(admitted.level.label, [*turn.items, *answer.output])
        return self._store.cipher.seal(
            msgspec.json.encode(conversation),
            name=turn.name,
            digest="",
            expires=self._now_ms() + turn.hours * _HOUR_MS,
        )

    async def _load(self, name: str, form: ConversationForm) -> Conversation:
        try:
            answer = await self._store.load(name, now_ms=self._now_ms())
        except StoreFailed as error:
            raise Unavailable(
                "The stored conversation cannot be read, so the request is not served. Try again "
                f"shortly, or send the conversation as input, without {form.previous}.",
                retry_after=_RETRY_AFTER_S,
            ) from error
        if answer is None or answer.data is None:
            raise InvalidRequest(
                "The previous response is not stored here for you, or is not stored any more. "
                f"Send the conversation as input, without {form.previous}.",
                code="previous_response_not_found",
                param=form.previous,
            )
        decode = msgspec.json.Decoder(Conversation).decode
        return await off_loop(len(answer.data), decode, answer.data)

    def _written(self, form: ConversationForm, wish: StoreWish, items: list[Any]) -> bytes:
        data = orjson.dumps(form.continued(wish, items))
        if len(data) > self._max_body:
            raise InvalidRequest(
                f"The conversation is larger than {self._max_body} bytes. Send a shorter one as "
                f"input, without {form.previous}.",
                code="request_too_large",
            )
        return data

    def _name(self, owner: Scope, identity: str) -> str:
        what = f"{owner.conversation}:{identity}"
        return msgspec.structs.replace(owner, conversation=what).name(self._pepper)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
