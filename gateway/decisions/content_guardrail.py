"""Rules that ask an external guardrail: what of its verdict counts, and what a failure does."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gateway.core.text import yaml_text

GUARDRAILS = "guardrails"  # its row in policies/failures.yaml
REFUSE, ALLOW = FAIL_MODES = ("refuse", "allow")
HELD, REFUSED = STREAM_MODES = ("hold", "refuse")
LONGEST_MS = 30_000
_KEYS = {"name", "timeout_ms", "threshold", "categories", "on_failure", "streams"}
_NO_SCORES: Mapping[str, float] = MappingProxyType({})


class LackingScore(ValueError):
    """A verdict lacks what a rule looks at."""


@dataclass(frozen=True, slots=True)
class GuardrailVerdict:
    """What a guardrail says of some texts together; ``score`` and ``categories`` from 0 to 1."""

    flagged: bool
    score: float | None = None
    categories: Mapping[str, float] = field(default_factory=lambda: _NO_SCORES)


@dataclass(frozen=True, slots=True)
class GuardrailCheck:
    """A guardrail that a rule asks, and which verdicts match.

    ``name`` is that of a deployment. Without ``threshold`` the guardrail decides; with it the
    highest score of ``categories`` does, or of the whole verdict. ``allows`` says whether texts may
    go on, within the failure table, when it does not answer well, or not in ``timeout_ms`` (None:
    the deadline of the table). ``holds`` is whether a streamed answer is held back until the
    guardrail has answered; None where the rule does not say.
    """

    name: str
    allows: bool
    timeout_ms: int | None = None
    threshold: float | None = None
    categories: frozenset[str] = frozenset()
    holds: bool | None = None

    @classmethod
    def of(cls, node: Any) -> "GuardrailCheck":
        """The check that ``guardrail`` of a rule describes.

        Raises:
            ValueError: when it states something else, or too little.
        """
        if not isinstance(node, Mapping):
            raise ValueError("guardrail must be a mapping")  # noqa: TRY004  # callers name the rule
        if unknown := sorted(map(str, node.keys() - _KEYS)):
            raise ValueError(f"guardrail may have {', '.join(sorted(_KEYS))}, not {unknown[0]!r}")
        name, mode, streams = node.get("name"), node.get("on_failure"), node.get("streams")
        if not isinstance(name, str) or not name:
            raise ValueError("guardrail: state name, that of a deployment")
        if mode not in FAIL_MODES:
            raise ValueError("guardrail: state on_failure: refuse or allow; it has no default")
        if streams not in (None, *STREAM_MODES):
            raise ValueError("guardrail: streams must be hold or refuse")
        threshold, categories = node.get("threshold"), yaml_text.words(node, "categories")
        if categories and threshold is None:
            raise ValueError("guardrail: categories need a threshold")
        return cls(
            name,
            mode == ALLOW,
            _milliseconds(node.get("timeout_ms")),
            None if threshold is None else _threshold(threshold),
            frozenset(categories),
            None if streams is None else streams == HELD,
        )

    def matches(self, verdict: GuardrailVerdict) -> bool:
        """Whether a verdict is one that the rule is about.

        Raises:
            LackingScore: when it lacks a score that the rule looks at.
        """
        if self.threshold is None:
            return verdict.flagged
        if lacking := sorted(self.categories - verdict.categories.keys()):
            raise LackingScore(lacking[0])
        scores = [verdict.categories[one] for one in self.categories]
        if not self.categories:
            own = () if verdict.score is None else (verdict.score,)
            scores = [*own, *verdict.categories.values()]
        if not scores:
            raise LackingScore("score")
        return max(scores) >= self.threshold


def _milliseconds(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 1 <= value <= LONGEST_MS:
        raise ValueError(f"guardrail: timeout_ms must be from 1 to {LONGEST_MS}")
    return value


def _threshold(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 < value <= 1:
        raise ValueError("guardrail: threshold must lie above 0 and not above 1")
    return float(value)
