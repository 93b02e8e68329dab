"""AI Act article 50: what an answer says of its origin, in headers and as a field of its body.

``notice`` is for use cases that people talk to directly (50(1)), ``marking`` for synthetic content
(50(2)), ``disclosure`` for texts that are published (50(4)).
"""

from pathlib import Path
from typing import Any

import msgspec

from gateway.request.context import AuditRecord

_TEXTS = msgspec.json.decode(
    (Path(__file__).parent / "transparency.json").read_bytes(), type=dict[str, dict[str, str]]
)
_GENERATED = {"x-sluis-ai-generated": "true"}
_HEADERS = {
    duty: {f"x-sluis-{duty}-{language}": text for language, text in texts.items()}
    for duty, texts in _TEXTS.items()
}
_OF_TEXT = "chat"  # the operation of the dialects that generate text


def transparency_headers(record: AuditRecord) -> dict[str, str]:
    """The marker of every generated answer, and the statements that its use case needs."""
    if record.timeline.operation != _OF_TEXT:
        return {}
    headers = _GENERATED.copy()
    for duty in _duties(record):
        headers |= _HEADERS.get(duty, {})
    return headers


def marker_of(record: AuditRecord) -> dict[str, Any]:
    """The field ``sluis`` of the body; empty where the use case has no duty of transparency."""
    duties = _duties(record)
    if not duties:
        return {}
    texts = {duty: _TEXTS[duty] for duty in duties if duty in _TEXTS}
    return {"sluis": {"ai_generated": True, **texts}}


def _duties(record: AuditRecord) -> list[str]:
    duties = record.fields.get("transparency")
    return duties if isinstance(duties, list) else []
