"""Answers of a run against the trail: each must be of a request that asked what the suite asks.

Whoever runs an evaluation sends its answers to the control plane. The gateway has put on record
what the version was asked and what it said, so that no one can send better answers than it gave.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateway.core.evaluation_digests import answered_digest, asked_digest
from gateway.evaluation.versions.suite import Suite
from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import Ask, parts

_AT_ONCE = 300
_BUNDLE = "bundle"  # a parameter that is no field of the requests
_ENTRIES = "SELECT request, disclosure FROM audit_detail WHERE request IN :requests"
Fields = Mapping[str, Any]


class TrailProof:
    """Reads the entries of requests."""

    def __init__(self, ask: Ask) -> None:
        """``ask`` reads the stores of entries of all processes."""
        self._ask = ask

    async def unproven(self, run: Any, suite: Suite, answers: Mapping[str, Any]) -> list[str]:
        """The items of a run whose answer is not what the trail has, in the order of the suite.

        An item that failed counts as wrong anyway.
        """
        entries = await self._entries({one.audit_id for one in answers.values() if one.audit_id})
        parameters = msgspec.json.decode(run.parameters)
        parameters.pop(_BUNDLE, None)
        found = []
        for item in suite.items:
            answer = answers[item.id]
            messages = [{"role": one.role, "content": one.content} for one in item.messages]
            asked = asked_digest({"messages": messages, **parameters})
            fields = entries.get(answer.audit_id, {})
            same = (fields.get("evaluates"), fields.get("asked_sha256")) == (
                run.version_digest,
                asked,
            )
            if answer.outcome != "failed" and not (same and _is_of(answer, fields)):
                found.append(item.id)
        return found

    async def _entries(self, requests: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What the entries of each request say together."""
        found: dict[str, dict[str, Any]] = {}
        for part in parts(sorted(requests), _AT_ONCE):
            for row in await self._ask(_ENTRIES, {"requests": part}):
                if row["disclosure"] is not None:
                    fields = found.setdefault(row["request"], {})
                    fields.update(values_of(bytes(row["disclosure"])))
        return found


def _is_of(answer: Any, fields: Fields) -> bool:
    if answer.outcome == "answered":
        return fields.get("answered_sha256") == answered_digest(answer.text)
    return "answered_sha256" not in fields and fields.get("outcome") == answer.code
