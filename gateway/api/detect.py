"""``POST /v1/privacy/detect``: what the detectors see in one text."""

from collections.abc import Sequence
from typing import Any

from gateway.api.asgi import Send, send_json
from gateway.api.headers import headers_of
from gateway.core.errors import InvalidRequest
from gateway.core.fields import BodyLimits
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level
from gateway.core.system.off_loop import off_loop
from gateway.privacy import LevelTable, language_of, languages_of, level_of, reasons_of
from gateway.request.context import IncomingRequest
from gateway.request.pipeline import Pipeline

_LIMITS = BodyLimits()
_SHOWN = (FindingKind.PERSONAL, FindingKind.SECRET)


class DetectEndpoint:
    """Offsets are code points of the given text; the level is by content alone."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, incoming: IncomingRequest, send: Send) -> None:
        """``{"text", "lang"?}`` to language, languages, sensitivity, reasons and spans.

        Raises:
            Refusal: when the caller is not known or the body is not as it should be.
        """
        async with self._pipeline.recorded(incoming, "privacy:text:detect") as admitted:
            compiled, principal = admitted
            text = _text_of(_LIMITS.parse(await incoming.read()))
            findings = await self._pipeline.texts.findings(
                text, compiled, principal, incoming.record
            )
            levels = compiled.policy.levels
            judged = level_of(findings, levels)
            incoming.record.note(
                level=judged.level.label,
                reasons=list(judged.reasons),
                characters=len(text),
                found=len(findings),
            )
        body = await off_loop(len(text), _body_of, text, findings, levels, judged.level)
        await send_json(send, 200, body, headers_of(incoming.record, on_record=True))


def _body_of(
    text: str, findings: Sequence[Finding], levels: LevelTable, level: Level
) -> dict[str, Any]:
    return {
        "language": language_of(text),
        "languages": languages_of(text),
        "sensitivity": level.label,
        "reasons": [
            {"level": one.level.label, "why": one.code, "start": one.start, "end": one.end}
            for one in reasons_of(findings, levels)
        ],
        "spans": [
            {
                "start": finding.start,
                "end": finding.end,
                "type": finding.type,
                "score": round(finding.score, 3),
                "detector": finding.detector,
            }
            for finding in findings
            if finding.kind in _SHOWN
        ],
    }


def _text_of(body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise InvalidRequest("The body must be a JSON object with a string 'text'.", param="text")
    return str(body["text"])
