"""``POST /v1/moderations``: what the content rules say of texts, in OpenAI's wire format."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.api.asgi import Send, send_json
from gateway.api.headers import headers_of
from gateway.core.errors import InvalidRequest
from gateway.core.fields import BodyLimits
from gateway.request.context import IncomingRequest
from gateway.request.pipeline import Pipeline
from gateway.request.single_texts import JudgedText

EVENT = "content:text:moderate"
MODEL = "sluis-content"
_LIMITS = BodyLimits()
_MOST = 100  # texts in one request
# OpenAI's categories, and those of the classifier that they hold.
OPENAI_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "harassment": (),
    "harassment/threatening": (),
    "hate": ("hate",),
    "hate/threatening": (),
    "illicit": ("malware", "weapons", "fraud"),
    "illicit/violent": ("weapons",),
    "self-harm": ("self_harm",),
    "self-harm/intent": (),
    "self-harm/instructions": (),
    "sexual": ("minors", "intimate_imagery"),
    "sexual/minors": ("minors",),
    "violence": (),
    "violence/graphic": (),
}
OWN_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    f"sluis/{name}": (name,)
    for name in (
        "prompt_injection",
        "indirect_injection",
        "jailbreak",
        "prompt_extraction",
        "malware",
        "weapons",
        "fraud",
        "intimate_imagery",
    )
}
_CATEGORIES = {**OPENAI_CATEGORIES, **OWN_CATEGORIES}


class ModerationsEndpoint:
    """A text is flagged when a rule about one of its categories matches, or one that refuses."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, incoming: IncomingRequest, send: Send) -> None:
        """``{"input", "model"?}`` to ``{"id", "model", "results"}``.

        Raises:
            Refusal: when the caller is not known or the body is not as it should be.
        """
        record = incoming.record
        async with self._pipeline.recorded(incoming, EVENT) as (compiled, principal):
            texts = _texts_of(_LIMITS.parse(await incoming.read()))
            judged = await self._pipeline.texts.judged(texts, compiled, principal, incoming)
            rules = sorted({rule for one in judged for rule in one.rules})
            record.note(rules=rules, characters=sum(map(len, texts)), found=len(rules))
        body = {
            "id": f"modr-{record.audit_id}",
            "model": MODEL,
            "results": [_result(one) for one in judged],
        }
        await send_json(send, 200, body, headers_of(record, on_record=True))


def _result(judged: JudgedText) -> dict[str, Any]:
    categories = {
        name: not judged.categories.isdisjoint(parts) for name, parts in _CATEGORIES.items()
    }
    scores = {
        name: max((judged.found.get(part, 0.0) for part in parts), default=0.0)
        for name, parts in _CATEGORIES.items()
    }
    return {
        "flagged": judged.refuses or any(categories.values()),
        "categories": categories,
        "category_scores": {name: round(score, 4) for name, score in scores.items()},
        "category_applied_input_types": {name: ["text"] for name in _CATEGORIES},
        "rules": list(judged.rules),
    }


def _texts_of(body: Any) -> list[str]:
    """The texts of a body.

    Raises:
        InvalidRequest: when it has none, too many, or something else.
    """
    given = body.get("input") if isinstance(body, dict) else None
    parts: Sequence[Any] = [given] if isinstance(given, str) else given or ()
    if not isinstance(parts, list) or not 0 < len(parts) <= _MOST:
        raise InvalidRequest(
            f"'input' must be a text or a list of at most {_MOST} texts.", param="input"
        )
    return [_text_of(part) for part in parts]


def _text_of(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else part
    if not isinstance(text, str):
        raise InvalidRequest("Only text can be judged here, no images.", param="input")
    return text
