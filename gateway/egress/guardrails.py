"""How texts are written for a guardrail, and how its verdict is read: by the kind of provider.

``guardrail`` is the format of docs/guardrails.md. ``moderations`` is that of OpenAI's endpoint of
that name, which many engines and services have too.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Annotated, Protocol, TypeVar

import msgspec
import orjson

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body, ResponseParser
from gateway.egress.wire import WireRequest

T = TypeVar("T")
_MOST_BYTES = 1024 * 1024  # of a verdict
NO_VERDICT = "guardrail_answer"  # the code of an answer that says nothing


class GuardrailText(msgspec.Struct, frozen=True):
    """A text with whose words it is: a position of content rules, or ``answer``."""

    position: str
    text: str


class GuardrailQuestion(msgspec.Struct, frozen=True):
    """What one guardrail is asked, of one request; ``stage`` is input or output."""

    request: str
    stage: str
    language: str
    texts: list[GuardrailText]


class GuardrailFormat(Protocol):
    """One wire format."""

    def write(self, question: GuardrailQuestion, model: str) -> tuple[WireRequest, ResponseParser]:
        """The exact bytes of a question, and what reads the verdict.

        The verdict has ``flagged``, ``score`` and ``categories``.
        """
        ...


class _VerdictParser:
    """Reads one verdict."""

    def __init__(self, read: Callable[[bytes], Body]) -> None:
        self._read = read

    async def read_answer(self, data: bytes) -> Body:
        """The verdict.

        Raises:
            UpstreamFailed: when the answer is none.
        """
        return self._read(data)

    def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """Nothing.

        Raises:
            UpstreamFailed: always: a verdict does not stream.
        """
        raise _no_verdict()


_Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Verdict(msgspec.Struct):
    flagged: bool
    score: _Score | None = None
    categories: dict[str, _Score] = {}


class _Result(msgspec.Struct):
    flagged: bool
    category_scores: dict[str, _Score] = {}


class _Results(msgspec.Struct):
    results: list[_Result]


class SluisGuardrail:
    """``POST /check``: all texts together, one verdict."""

    def write(self, question: GuardrailQuestion, model: str) -> tuple[WireRequest, ResponseParser]:
        """The question as JSON, and what reads the verdict."""
        body = {**msgspec.to_builtins(question), "model": model}
        return WireRequest("/check", orjson.dumps(body), {}), _VerdictParser(_verdict)


class Moderations:
    """``POST /moderations``: a result for each text; the worst counts."""

    def write(self, question: GuardrailQuestion, model: str) -> tuple[WireRequest, ResponseParser]:
        """The texts as a list, and what reads the results."""
        body = {"model": model, "input": [one.text for one in question.texts]}
        parser = _VerdictParser(partial(_worst, number=len(question.texts)))
        return WireRequest("/moderations", orjson.dumps(body), {}), parser


def _verdict(data: bytes) -> Body:
    verdict = _read(data, _Verdict)
    return {name: getattr(verdict, name) for name in _Verdict.__struct_fields__}


def _worst(data: bytes, *, number: int) -> Body:
    results = _read(data, _Results).results
    if len(results) != number:
        raise _no_verdict()
    scores = [one.category_scores for one in results]
    named = set[str]().union(*scores)
    return {
        "flagged": any(one.flagged for one in results),
        "score": None,
        "categories": {name: max(one.get(name, 0.0) for one in scores) for name in named},
    }


FORMATS: Mapping[str, GuardrailFormat] = {
    "guardrail": SluisGuardrail(),
    "moderations": Moderations(),
}


def _read(data: bytes, form: type[T]) -> T:
    if len(data) > _MOST_BYTES:
        raise _no_verdict()
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _no_verdict() from error


def _no_verdict() -> UpstreamFailed:
    return UpstreamFailed("The guardrail's answer is no verdict.", code=NO_VERDICT)
