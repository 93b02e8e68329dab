"""The boundary of an API dialect: what the pipeline asks of a dialect, and what it hands to one.

A dialect is the only code that knows the field names of an API. It gets bodies that the field
table (``policies/egress.yaml``) has checked, and gives facts, bytes and events. It decides nothing
and records nothing. One text of an answer is governed by a ``TextChannel``, which knows no dialect.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from gateway.core.errors import Refusal
from gateway.core.fields import Path
from gateway.core.origin import Origin
from gateway.core.usage import Usage

Body = dict[str, Any]  # a request, an answer or an event as parsed JSON
REPORTED = (
    "reported_model"  # in what is read: the provider's name, where the answer has another one
)
_MOST_TOKENS = 10_000_000  # of one answer: a larger count is an error that would use up a budget


class RequestFacts(msgspec.Struct, frozen=True):
    """What the pipeline needs to know of a request.

    ``wants_usage``: a stream ends with the usage. ``most_output``: tokens of all answers together.
    ``only_model``: the answer of another deployment than a named one would be worthless. ``tools``:
    the model may call tools; ``tool_names`` are those that have one.
    """

    model: str
    streams: bool
    wants_usage: bool
    most_output: int
    only_model: bool = False
    tools: bool = False
    tool_names: tuple[str, ...] = ()


def names_of(*lists: Any) -> tuple[str, ...]:
    """The names in lists of tools, of which some hold others, or their definition as a field."""
    found: list[str] = []
    for tools in lists:
        for tool in filter(_is_object, tools if isinstance(tools, list) else ()):
            inner = [tool.get(key) for key in ("function", "custom")]
            named = (one.get("name") for one in (tool, *inner) if isinstance(one, dict))
            found += [name for name in named if isinstance(name, str)]
            found += names_of(tool.get("tools"))
    return tuple(found)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


class DocumentPart(Protocol):
    """One file in a request. ``data`` is its data URL, "" where the request holds no file."""

    data: str

    def replace(self, text: str) -> str:
        """Puts the text of the file in the file's place; returns the new text."""
        ...


class TextChannel(Protocol):
    """One text of an answer on its way to the caller: content rules, mask and restoring."""

    def feed(self, piece: str) -> str:
        """What may be released after this piece."""
        ...

    def complete(self, text: str) -> str:
        """What may be released of a text that came as a whole."""
        ...


class TextGroup(Protocol):
    """The texts of one choice or message. ``blocked``: a content rule ended it."""

    @property
    def blocked(self) -> bool: ...

    def open(
        self, label: str, *, json: bool = False, tool: str | None = None, signed: bool = False
    ) -> TextChannel:
        """The channel of a text, the same one for the same label.

        ``json``: the text is JSON source. ``tool``: the name of the tool that the text is for.
        ``signed``: the text passes unchanged or not at all, and is not stored.
        """
        ...

    def flush(self) -> Iterator[tuple[str, str]]:
        """Label and rest of each text that was held back; the group ends with it."""
        ...


class AnswerTexts(Protocol):
    """Governs all texts of one answer. ``restores``: values are put back for placeholders."""

    @property
    def restores(self) -> bool: ...

    @property
    def blocked(self) -> str | None:
        """The content rule that ended the answer, if one did."""
        ...

    def group(self, index: int) -> TextGroup:
        """The texts of the choice with this index."""
        ...

    def restore_name(self, name: str) -> str:
        """An identifier, such as the name of a tool, as the caller wrote it."""
        ...

    def seal(self, value: Any) -> None:
        """Registers a signed or opaque value: it may return to the deployment that issued it."""
        ...


class AnswerWalker(Protocol):
    """Walks over one answer and passes each of its texts through a channel."""

    def mark(self, fields: Body) -> None:
        """Fields of the gateway that go with the answer; a form without text carries none."""
        ...

    def whole(self, answer: Body) -> Body:
        """A complete answer, as the caller gets it."""
        ...

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """The events that one event of the provider becomes; none when all of it is held back."""
        ...

    def end(self, usage: Usage | None) -> Iterator[Body]:
        """What is left at the end of a stream; ``usage`` where the caller asked for it."""
        ...

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """The end of a stream on the wire, after the error where there was one.

        It goes out once the closing entry is durable.
        """
        ...


class KeepingWalker(AnswerWalker, Protocol):
    """A walker that also knows what a stored conversation gets of the answer."""

    @property
    def output(self) -> list[Body]:
        """The items of the answer, as the caller gets them."""
        ...


class StoreWish(msgspec.Struct, frozen=True):
    """What a body asks of stored conversations.

    ``previous`` is the id of the response that it continues, ``keeps`` whether its own is to be
    stored; ``items`` are its input as it was sent, ``rest`` is the body without these fields.
    """

    previous: str | None
    keeps: bool
    items: list[Any]
    rest: Body


class StoredResponse(msgspec.Struct, frozen=True):
    """The id under which a response is stored, None where it is not; and the one before it."""

    id: str | None
    previous: str | None


class ConversationForm(Protocol):
    """How a dialect asks for conversations that are stored here.

    ``previous`` is the field that names the response before.
    """

    @property
    def previous(self) -> str: ...

    def may_wish(self, data: bytes) -> bool:
        """Whether a body may ask for something stored, without parsing it."""
        ...

    def wish(self, given: Any) -> StoreWish | None:
        """What a parsed body asks for; None where it is nothing, or not well formed."""
        ...

    def continued(self, wish: StoreWish, items: Sequence[Any]) -> Body:
        """The body whose input are these items."""
        ...

    def response_id(self, audit_id: str) -> str:
        """The id of the response to a request."""
        ...

    def walker(self, texts: AnswerTexts, response: StoredResponse) -> KeepingWalker:
        """A walker for one answer of a conversation."""
        ...


class ResponseParser(Protocol):
    """Reads one answer of a provider."""

    async def read_answer(self, data: bytes) -> Body:
        """A complete answer.

        Raises:
            UpstreamFailed: when it is an error or has an unknown form.
        """
        ...

    def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """A streamed answer, from the data of its events.

        Raises:
            UpstreamFailed: when it reports an error, or ends before it is finished.
        """
        ...


class Dialect(ResponseParser, Protocol):
    """One API dialect, towards callers and towards providers that speak it.

    ``name`` is its section in ``policies/egress.yaml`` and its value on record. ``path`` is where
    callers find it, ``upstream_path`` the path below a provider's base URL. ``native_kinds`` are
    the kinds of providers that speak it. ``operation`` is the operation name of OpenTelemetry's
    GenAI conventions. ``header_fields`` are request headers that count as fields of the body: the
    values of such a header, separated by commas, become a list under the name given here.
    ``conversations`` is None where the API knows no stored ones.
    """

    name: str
    path: str
    upstream_path: str
    native_kinds: frozenset[str]
    operation: str
    header_fields: Mapping[str, str]

    @property
    def conversations(self) -> ConversationForm | None: ...

    def facts(self, body: Body) -> RequestFacts:
        """Facts of a clean body.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        ...

    def origin_of(self, body: Body) -> Callable[[Path], Origin]:
        """Says of a place in a well-formed body where its texts come from."""
        ...

    def by_model(self, body: Body) -> Callable[[Path], bool]:
        """Says of a place of a body, as it was sent, whether a model made what is there."""
        ...

    def conversation(self, body: Body) -> str | None:
        """A text that is the same in every turn of a conversation, where there is one."""
        ...

    def input_size(self, body: Body) -> int:
        """Bytes of the input, from which its tokens are estimated."""
        ...

    def document(self, body: Body, path: Path) -> DocumentPart:
        """The file at a place that the field table calls a document."""
        ...

    def write(self, body: Body, model: str) -> bytes:
        """The exact bytes for a provider that speaks this dialect."""
        ...

    def usage(self, answer: Body) -> Usage | None:
        """The usage that an answer or an event reports, None where it reports none."""
        ...

    def walker(self, texts: AnswerTexts) -> AnswerWalker:
        """A walker for one answer."""
        ...

    def error_body(self, refusal: Refusal) -> Body:
        """A refusal in the shape of this dialect."""
        ...

    def frame(self, event: Body) -> bytes:
        """One event of a stream, as it goes over the wire."""
        ...


def usage_of(input_tokens: Any, output_tokens: Any, details: Any = None) -> Usage | None:
    """Usage from counts; None where a count cannot be true. A missing count is 0.

    ``details`` says what a cache held of the input (``cached_tokens``) and what it took in, by the
    names of OpenRouter and litellm: ``cache_write_tokens``, of which
    ``cache_creation_token_details.ephemeral_1h_input_tokens`` for an hour. Where that cannot be
    true, all of the input is new.
    """
    counts = (input_tokens or 0, output_tokens or 0)
    for count in counts:
        if type(count) is not int or not 0 <= count <= _MOST_TOKENS:
            return None
    if type(details) is not dict:
        return Usage(*counts)
    held = details.get("cached_tokens") or 0
    taken = details.get("cache_write_tokens") or 0
    times = details.get("cache_creation_token_details")
    long = times.get("ephemeral_1h_input_tokens") or 0 if type(times) is dict else 0
    if not (type(held) is type(taken) is type(long) is int):
        return Usage(*counts)
    if held < 0 or not 0 <= long <= taken or held + taken > counts[0]:
        return Usage(*counts)
    return Usage(*counts, False, held, taken - long, long)
