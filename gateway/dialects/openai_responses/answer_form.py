"""The form of a response and of its events, as far as the walk over them relies on it.

An answer of another form could hold text that no check reads, so it counts as a failure.
"""

from typing import Any, TypeVar

import msgspec

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body
from gateway.dialects.openai_chat.answer_form import parse_object
from gateway.dialects.openai_responses.events import FAILED, ITEMS, KNOWN, TERMINAL
from gateway.dialects.openai_responses.items import PLAIN

T = TypeVar("T")


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None


class _Typed(msgspec.Struct):
    type: str


class _Item(msgspec.Struct):
    """An item of a type that goes on; of others only the type counts."""

    id: str | None = None
    role: str | None = None
    status: str | None = None
    phase: str | None = None
    call_id: str | None = None
    name: str | None = None
    namespace: str | None = None
    arguments: str | None = None
    input: str | None = None
    encrypted_content: str | None = None
    content: list[_Part] | None = None
    summary: list[_Part] | None = None


class _Response(msgspec.Struct):
    output: list[dict[str, Any]]
    status: str | None = None
    incomplete_details: dict[str, Any] | None = None


class _Event(msgspec.Struct):
    type: str
    output_index: int | None = None
    content_index: int | None = None
    summary_index: int | None = None
    delta: str | None = None
    text: str | None = None
    refusal: str | None = None
    arguments: str | None = None
    input: str | None = None
    part: _Part | None = None
    item: dict[str, Any] | None = None
    response: dict[str, Any] | None = None


def parse_response(data: bytes) -> Body:
    """A complete response.

    Raises:
        UpstreamFailed: when it is an error or has another form.
    """
    answer = parse_object(data)
    if answer.get("status") in ("failed", "cancelled"):
        raise UpstreamFailed("The provider reported an error.")
    return _checked_response(answer)


def parse_event(data: bytes) -> Body:
    """One event; of an unknown type nothing is left but the type, since it may hold text.

    Raises:
        UpstreamFailed: when it reports an error, or has another form.
    """
    event = parse_object(data)
    kind = _check(event, _Typed).type
    if kind in FAILED:
        raise UpstreamFailed("The provider reported an error.")
    if kind not in KNOWN:
        return {"type": kind}
    _check(event, _Event)
    if kind in ITEMS:
        _check_item(event.get("item"))
    if kind in TERMINAL:
        _checked_response(event.get("response"))
    return event


def _checked_response(response: Any) -> Body:
    _check(response, _Response)
    for item in response["output"]:
        _check_item(item)
    checked: Body = response
    return checked


def _check_item(item: Any) -> None:
    if _check(item, _Typed).type in PLAIN:
        _check(item, _Item)


def _check(value: Any, form: type[T]) -> T:
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        raise UpstreamFailed(
            "The provider's answer has a form that this gateway does not know."
        ) from error
