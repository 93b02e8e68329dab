"""Stored conversations: the fields that ask for one, and the items that it has.

The conversation behind a response is its input and its output. Instructions are not part of it, as
at OpenAI. Source: https://platform.openai.com/docs/guides/conversation-state
"""

from collections.abc import Sequence
from typing import Any

from gateway.dialects.base import AnswerTexts, Body, StoredResponse, StoreWish
from gateway.dialects.openai_responses.answer import ResponsesAnswer

_PREVIOUS, _STORE = "previous_response_id", "store"
_NAMES = tuple(f'"{name}"'.encode() for name in (_PREVIOUS, _STORE))
PREFIX = "resp_"


class ResponseConversations:
    """Implements ``ConversationForm`` for Responses."""

    previous = _PREVIOUS

    def may_wish(self, data: bytes) -> bool:
        """Whether a body may ask for something stored, without parsing it."""
        return any(name in data for name in _NAMES)

    def wish(self, given: Any) -> StoreWish | None:
        """What a parsed body asks for; None where it is nothing, or not well formed."""
        if type(given) is not dict:
            return None
        previous, keeps = given.get(_PREVIOUS), given.get(_STORE) is True
        if not isinstance(previous, str | None) or not (previous is not None or keeps):
            return None
        said = given.get("input", [])
        if isinstance(said, str):
            said = [{"role": "user", "content": said}]
        if not isinstance(said, list):
            return None
        rest = {name: value for name, value in given.items() if name not in {_PREVIOUS, _STORE}}
        return StoreWish(previous, keeps, said, rest)

    def continued(self, wish: StoreWish, items: Sequence[Any]) -> Body:
        """The body whose input are these items."""
        return {**wish.rest, "input": list(items)} if wish.previous is not None else wish.rest

    def response_id(self, audit_id: str) -> str:
        """The id of a stored response: the provider's may come twice."""
        return PREFIX + audit_id

    def walker(self, texts: AnswerTexts, response: StoredResponse) -> ResponsesAnswer:
        """A walker whose response has our id, and names the one before it."""
        told: Body = {_PREVIOUS: response.previous}
        if response.id is not None:
            told |= {"id": response.id, _STORE: True}
        return ResponsesAnswer(texts, told)
