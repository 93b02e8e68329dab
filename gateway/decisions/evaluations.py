"""What evaluations must show before a model version is approved: ``policies/evaluations.yaml``."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

OWN = "own-suites"  # stands for a suite that the organisation added
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Risk = Literal["minimal", "limited", "high"]


class SuiteThresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one suite must show.

    ``min`` is the lowest score and ``items`` the smallest number of items that count.
    ``not_worse_by`` is how much lower than in production the score may be; None for any amount.
    """

    suite: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    min: _Share
    items: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 30
    not_worse_by: _Share | None = None


class RiskRequirements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a version of one risk class must show; without ``blocks`` it is advice.

    ``own_suites``: a suite of the organisation's own is needed, with ``own_min`` and ``own_items``.
    """

    blocks: bool = False
    suites: list[SuiteThresholds] = []
    own_suites: bool = False
    own_min: _Share = 0.8
    own_items: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 30


class EvaluationRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; a bundle without one requires nothing.

    ``validity_days`` is how long a run of a version counts whose weights nothing proves. A suite
    counts as passed within so many ``attempts``, those that were broken off included.
    """

    validity_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90
    attempts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    risks: dict[_Risk, RiskRequirements] = {}
    version: Literal[1] = 1

    @classmethod
    def of(cls, document: Any) -> "EvaluationRules":
        """Returns the rules of the parsed file.

        Raises:
            ValueError: when a key is unknown, a value is out of range, or a suite is named twice.
        """
        try:
            rules = msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
        for risk, needed in rules.risks.items():
            names = [one.suite for one in needed.suites]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"risks.{risk}: the suite {twice[0]!r} is named twice")
            if OWN in names:
                raise ValueError(f"risks.{risk}: write own_suites: true for suites of your own")
        return rules

    def for_risk(self, risk: str | None) -> RiskRequirements:
        """Returns what a risk class needs; nothing for one that the file does not name."""
        found: Mapping[str, RiskRequirements] = {str(name): one for name, one in self.risks.items()}
        return found.get(risk or "", RiskRequirements())

    def thresholds(self, risk: str | None, suite: str, *, own: bool) -> SuiteThresholds | None:
        """Returns what a suite must show in a risk class; None where nothing is asked of it."""
        needed = self.for_risk(risk)
        for one in needed.suites:
            if one.suite == suite:
                return one
        if own and needed.own_suites:
            return SuiteThresholds(suite, needed.own_min, needed.own_items)
        return None
