"""A made-up API dialect in one small file: what a new dialect has to bring, and no more.

A request is ``{"engine", "ask": [blocks], "live"}``; a block has ``type`` ``words`` or ``thought``
(sealed). An answer is ``{"reply", "thought", "cost"}``; a stream has ``piece`` and ``over`` events.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import orjson

from gateway.core.errors import InvalidRequest, Refusal, UpstreamFailed
from gateway.core.fields import Path
from gateway.core.origin import Origin
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body, DocumentPart, RequestFacts, usage_of

FIELDS = """
toy:
  engine: word
  live: boolean
  ask:
    each:
      union:
        words: {words: text}
        thought: {sealed: {summary: text, seal: word}}
  marker: dropped
  endpoint: forbidden
"""


class ToyAnswer:
    """One reply is the only text; a thought is sealed."""

    def __init__(self, texts: AnswerTexts) -> None:
        self._texts = texts
        self._group = texts.group(0)

    def mark(self, fields: Body) -> None:
        """This form has no room."""

    def whole(self, answer: Body) -> Body:
        """The reply, governed; nothing of it when a rule ended it."""
        if "thought" in answer:
            self._texts.seal(answer["thought"])
        reply = self._group.open("reply").complete(answer["reply"])
        return {**answer, "reply": reply, "ended": "rule" if self._group.blocked else "complete"}

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """The part of a piece that may go on."""
        if "thought" in chunk:
            self._texts.seal(chunk["thought"])
            yield chunk
        if released := self._group.open("reply").feed(chunk.get("piece", "")):
            yield {"event": "piece", "piece": released}

    def end(self, usage: Usage | None) -> Iterator[Body]:
        """The rest of the reply, and one last event."""
        for _, rest in self._group.flush():
            yield {"event": "piece", "piece": rest}
        assert usage is not None
        yield {"event": "over", "cost": {"in": usage.input_tokens, "out": usage.output_tokens}}

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """Nothing after ``over``; an ``oops`` event after a failure."""
        return _framed({"event": "oops", **_oops(refusal)}) if refusal else b""


class ToyDialect:
    """Implements ``Dialect``."""

    name = "toy"
    path = "/v1/toy"
    upstream_path = "/ask"
    native_kinds = frozenset({"openai"})
    operation = "generate_content"
    header_fields: Mapping[str, str] = {}
    conversations = None

    def facts(self, body: Body) -> RequestFacts:
        """Facts of a clean body."""
        if not body.get("engine") or not body.get("ask"):
            raise InvalidRequest("'engine' and 'ask' are required.", param="engine")
        return RequestFacts(body["engine"], bool(body.get("live")), True, 100)

    def origin_of(self, body: Body) -> Callable[[Path], Origin]:
        """All words are new."""
        return lambda _: Origin.NEWEST

    def by_model(self, body: Body) -> Callable[[Path], bool]:
        """No text of it."""
        del body
        return lambda _: False

    def conversation(self, body: Body) -> str | None:
        """The first block."""
        return orjson.dumps(body["ask"][0]).decode()

    def input_size(self, body: Body) -> int:
        """Bytes of all blocks."""
        return len(orjson.dumps(body["ask"]))

    def document(self, body: Body, path: Path) -> DocumentPart:
        """There are no files in this dialect."""
        raise NotImplementedError

    def write(self, body: Body, model: str) -> bytes:
        """The body with the provider's name of the model."""
        return orjson.dumps({**body, "engine": model})

    async def read_answer(self, data: bytes) -> Body:
        """A reply."""
        answer = orjson.loads(data)
        if not isinstance(answer, dict) or not isinstance(answer.get("reply"), str):
            raise UpstreamFailed("The provider's answer is no reply.")
        return answer

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """Pieces until an event says that it is over."""
        async for data in events:
            event: Body = orjson.loads(data)
            yield event
            if event.get("over"):
                return
        raise UpstreamFailed("The stream was cut.", code="upstream_disconnected")

    def usage(self, answer: Body) -> Usage | None:
        """The cost that an answer names."""
        cost = answer.get("cost")
        return usage_of(cost.get("in"), cost.get("out")) if isinstance(cost, dict) else None

    def walker(self, texts: AnswerTexts) -> ToyAnswer:
        """A walker for one reply."""
        return ToyAnswer(texts)

    def error_body(self, refusal: Refusal) -> Body:
        """A refusal in this dialect's own shape."""
        return _oops(refusal)

    def frame(self, event: Body) -> bytes:
        """An event with a name."""
        return _framed(event)


def _oops(refusal: Refusal) -> Body:
    return {"oops": refusal.code, "why": refusal.message, "where": refusal.param}


def _framed(event: Body) -> bytes:
    name = str(event.get("event", "thought")).encode()
    return b"event: " + name + b"\ndata: " + orjson.dumps(event) + b"\n\n"
