"""Answers of a run against the trail: each must be the only one of a request that asked its item.

The gateway has put on record what the version was asked and what it said. The key of a run is of
that run alone: what it asked lies between the start of the run and its end.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.core.evaluation_digests import answered_digest, asked_digest
from gateway.evaluation.versions.suite import Suite
from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import Ask, parts

BLOCKED = frozenset({"content_policy_violation", "content_filter"})  # codes that are an answer
_AT_ONCE = 300
_BUNDLE = "bundle"  # a parameter that is no field of the requests
_OF_KEY = "SELECT DISTINCT request FROM audit_detail WHERE principal = :key"
_ENTRIES = "SELECT request, disclosure FROM audit_detail WHERE request IN :requests"
# Outcomes after which an answer may have been given, beside those with its digest.
_PERHAPS_ANSWERED = BLOCKED | {None, "ok", "client_closed", "unknown_crash"}
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerProof:
    """The items whose answer the trail does not have, and those that were asked more than once."""

    unproven: list[str]
    repeated: list[str]


class TrailProof:
    """Reads the entries of requests."""

    def __init__(self, ask: Ask) -> None:
        """``ask`` reads the stores of entries of all processes."""
        self._ask = ask

    async def of(self, run: Any, suite: Suite, answers: Mapping[str, Any]) -> AnswerProof:
        """What the trail says of the answers of a run, in the order of the suite.

        An item that failed counts as wrong anyway. Items with the same question have as many
        requests as there are of them, each for one item.
        """
        requests = await self._requests(run.key)
        asked = _asked(run, suite)
        wanted = Counter(asked.values())
        given = Counter(
            fields.get("asked_sha256") for fields in requests.values() if _may_have_answer(fields)
        )
        used = Counter(one.audit_id for one in answers.values())
        unproven = []
        for item, digest in asked.items():
            answer = answers[item]
            fields = requests.get(answer.audit_id, {})
            same = (fields.get("evaluates"), fields.get("asked_sha256")) == (
                run.version_digest,
                digest,
            )
            proven = same and used[answer.audit_id] == 1 and _is_of(answer, fields)
            if answer.outcome != "failed" and not proven:
                unproven.append(item)
        repeated = [item for item, digest in asked.items() if given[digest] > wanted[digest]]
        return AnswerProof(unproven, repeated)

    async def _requests(self, key: str) -> dict[str, dict[str, Any]]:
        """What the entries of each request of a key say together."""
        rows = await self._ask(_OF_KEY, {"key": key})
        found: dict[str, dict[str, Any]] = {}
        for part in parts(sorted({row["request"] for row in rows}), _AT_ONCE):
            for row in await self._ask(_ENTRIES, {"requests": part}):
                if row["disclosure"] is not None:
                    fields = found.setdefault(row["request"], {})
                    fields.update(values_of(bytes(row["disclosure"])))
        return found


def _asked(run: Any, suite: Suite) -> dict[str, str]:
    """The digest of the request of each item."""
    parameters = msgspec.json.decode(run.parameters)
    parameters.pop(_BUNDLE, None)
    return {
        item.id: asked_digest({
            "messages": [{"role": one.role, "content": one.content} for one in item.messages],
            **parameters,
        })
        for item in suite.items
    }


def _may_have_answer(fields: Fields) -> bool:
    return "answered_sha256" in fields or fields.get("outcome") in _PERHAPS_ANSWERED


def _is_of(answer: Any, fields: Fields) -> bool:
    if answer.outcome == "answered":
        return fields.get("answered_sha256") == answered_digest(answer.text)
    return "answered_sha256" not in fields and fields.get("outcome") == answer.code
