"""Rows of the calendar: what must be reported, decided or answered, by whom, and by when."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.core.errors import InvalidRequest
from gateway.core.text import yaml_text
from gateway.governance.policies.retention_policy import CALENDAR
from gateway.storage import resources

COMPLAINT = "complaint"
REVIEW_MS = 90 * 86_400_000  # until the review of a hold on the requests of a case
AWARE, CLASSIFIED, RECEIVED, AFTER = "aware", "classified", "received", "report:"
NOW, LATER, UNKNOWN = "now", "later", "unknown"
_HOUR_MS = 3_600_000
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BothLanguages(_Node):
    """A text in Dutch and English."""

    nl: _Text
    en: _Text


class _Term(_Node):
    hours: Annotated[int, Field(ge=0, le=100_000)] | None = None
    months: Annotated[int, Field(ge=1, le=120)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.hours is None) == (self.months is None):
            raise ValueError("give hours or months, not both")
        return self

    def after(self, moment: int) -> int:
        """The end of the term, in epoch milliseconds."""
        if self.hours is not None:
            return moment + self.hours * _HOUR_MS
        return _months_later(moment, self.months or 0)


class TermExtension(_Term):
    """How much longer a term may last, and on which condition."""

    nl: _Text
    en: _Text


class DeadlineFields(_Term):
    """What a row states; policies/compliance/calendar.yaml describes the fields."""

    law: BothLanguages
    article: Annotated[str, Field(max_length=32)]
    title: BothLanguages
    kinds: Annotated[list[str], Field(min_length=1, max_length=20)]
    binds: Literal[
        "provider",
        "deployer",
        "controller",
        "processor",
        "public_body",
        "financial_entity",
        "essential_entity",
        "organisation",
    ]
    starts: Annotated[str, Field(pattern=r"^(aware|classified|received|report:[a-z0-9-]{1,32})$")]
    at_most_hours: Annotated[int, Field(ge=1, le=100_000)] | None = None
    extension: TermExtension | None = None
    applies_from: date | None
    in_use: bool
    source: Annotated[str, Field(min_length=3, max_length=500)]
    verified_on: date | None
    verified_by: Annotated[str, Field(max_length=200)] | None

    @model_validator(mode="after")
    def _verified_by_somebody(self) -> Self:
        if (self.verified_on is None) != (not self.verified_by):
            raise ValueError("verified_on and verified_by belong together")
        return self


class DeadlineRule(DeadlineFields):
    """A row with its id."""

    id: RuleId

    @property
    def immediate(self) -> bool:
        """Whether it is due at once, which has no moment at which it is late."""
        return self.hours == 0

    def standing(self, now_ms: int) -> str:
        """``now``, ``later``, or ``unknown`` where the row does not say from when it applies."""
        if self.applies_from is None:
            return UNKNOWN
        today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        return NOW if self.applies_from <= today else LATER


@dataclass(frozen=True, slots=True)
class Calendar:
    """The rows in force, and the known kinds of cases."""

    rules: Mapping[str, DeadlineRule]
    kinds: Mapping[str, Sequence[str]]
    own: frozenset[str] = frozenset()

    def incident_kind(self, kind: str) -> str:
        """The kind of an incident.

        Raises:
            InvalidRequest: when there is no such kind; names the known ones.
        """
        known = self.kinds["incident"]
        if kind not in known:
            raise InvalidRequest(
                f"There is no such kind of incident; known are {', '.join(known)}.", param="kind"
            )
        return kind

    def offered(self, kind: str, now_ms: int) -> list[DeadlineRule]:
        """The rows that the organisation uses for a kind, without those that apply later."""
        return [
            one
            for one in self.rules.values()
            if kind in one.kinds and one.in_use and one.standing(now_ms) != LATER
        ]

    def later(self, kind: str, now_ms: int) -> list[DeadlineRule]:
        """The rows in use for a kind that apply from a day that lies ahead."""
        return [
            one
            for one in self.rules.values()
            if kind in one.kinds and one.in_use and one.standing(now_ms) == LATER
        ]

    def of_received(self, kind: str, received: int) -> tuple[DeadlineRule | None, int | None]:
        """The row by which a complaint or request ends first, and when; None without one."""
        ends = [(one.after(received), one) for one in self.offered(kind, received)]
        if not ends:
            return None, None
        end, rule = min(ends, key=lambda pair: pair[0])
        return rule, end

    def extended(self, row: Mapping[Any, Any], now_ms: int) -> tuple[DeadlineRule, int]:
        """The row of a case and the end of its longer term.

        Raises:
            InvalidRequest: when its deadline allows none, it was extended before, or it is over.
        """
        rule = self.rules.get(row["article"] or "")
        if rule is None or rule.extension is None or row["extended"] is not None:
            raise InvalidRequest("The deadline of this case allows no further extension.")
        if row["deadline"] < now_ms:
            raise InvalidRequest("The deadline has passed; it can only be extended before that.")
        return rule, rule.extension.after(row["deadline"])

    def binding(self, ids: Sequence[str], now_ms: int) -> list[DeadlineRule]:
        """The rows that somebody says bind an incident.

        Raises:
            InvalidRequest: for an unknown row, one of other cases, or one that applies later.
        """
        found = []
        for place, identity in enumerate(ids):
            rule, param = self.rules.get(identity), f"rules.{place}"
            if rule is None or not set(rule.kinds) & set(self.kinds["incident"]):
                raise InvalidRequest(f"{param}: there is no such deadline.", param=param)
            if rule.standing(now_ms) == LATER:
                raise InvalidRequest(
                    f"{param}: {identity} applies from {rule.applies_from}; to apply it earlier, "
                    "change the row first.",
                    param=param,
                )
            found.append(rule)
        return found


def packaged() -> Calendar:
    """The calendar of the release."""
    text = (resources.directory("policies") / CALENDAR).read_text(encoding="utf-8")
    document: dict[str, Any] = yaml_text.load(text)
    rows = [DeadlineRule.model_validate(one) for one in document["deadlines"]]
    return Calendar({one.id: one for one in rows}, document["kinds"])


def _months_later(moment: int, months: int) -> int:
    """The same day and time of a later month in UTC; the last day where it has no such day."""
    start = datetime.fromtimestamp(moment // 1000, UTC)
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp()) * 1000 + moment % 1000
