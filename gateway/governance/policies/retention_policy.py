"""The table of ``policies/retention.yaml``: the retention periods of the parts of entries."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.core.text import yaml_text
from gateway.storage import resources

FILE = "retention.yaml"
CALENDAR = "compliance/calendar.yaml"
ADMINISTRATION = "administration"
# In the order of expiry: the last one is needed to find the others.
PARTS = ("bodies", "values", "mentions", "disclosures")
BUDGET_DAYS = 32  # the budget of a month is counted from disclosures
Days = Annotated[int, Field(ge=1, le=36_500)]
Risk = Literal["minimal", "limited", "high"]
FourEyes = Literal["holds:release", "subjects:erase"]


class RetentionError(ValueError):
    """The table is invalid; the message names the class and the figure."""


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RetentionPeriods(_Node):
    """The days that each part is kept; by default those of the disclosures."""

    disclosures: Days
    bodies: Days | None = None
    values: Days | None = None
    mentions: Days | None = None

    def days(self, part: str) -> int:
        """The days of a part."""
        given: int | None = getattr(self, part)
        return self.disclosures if given is None else given


class CaseTextPeriods(_Node):
    """The days that the texts of each kind of case are kept after the case has ended."""

    incident: Days
    complaint: Days
    request: Days

    def days(self, kind: str) -> int:
        """The days of a kind of case."""
        return int(getattr(self, kind))


class Duration(_Node):
    """A minimum that the law sets, with its source and who verified it."""

    id: str
    norm: str
    risk: Risk
    least_days: Days
    source: str
    verified_on: str | None
    verified_by: str | None


class RetentionPolicy(_Node):
    """The parsed table."""

    version: Literal[1]
    classes: dict[str, RetentionPeriods]
    by_risk: dict[Risk, str]
    unregistered: str
    longest: Days
    four_eyes: list[FourEyes]
    cases: CaseTextPeriods | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = {"by_risk": {*self.by_risk.values()}, "unregistered": {self.unregistered}}
        for where, names in named.items():
            if missing := sorted(names - self.classes.keys()):
                raise ValueError(f"{where}: there is no class {', '.join(missing)}")
        for needed in ("default", ADMINISTRATION):
            if needed not in self.classes:
                raise ValueError(f"classes: {needed} is missing")
        for name, kept in self.classes.items():
            for part in PARTS:
                _check_period(name, part, kept, self.longest)
        for kind, days in (self.cases.model_dump() if self.cases else {}).items():
            if days > self.longest:
                raise ValueError(f"cases: {kind} {days} is above longest ({self.longest})")
        return self

    def class_of(self, purpose: str, risks: Mapping[str, str]) -> str:
        """The class of a request by its use case; ``risks`` are those of the catalogue."""
        if not purpose:
            return "default"
        risk = risks.get(purpose)
        if risk is None:
            return self.unregistered
        return next((name for of, name in self.by_risk.items() if of == risk), self.unregistered)

    def digest(self, name: str, risks: Mapping[str, str]) -> str:
        """A digest of the rules of a class, and of its assignment to entries."""
        rules = f"{self.classes[name]!r}{sorted(self.by_risk.items())}{self.unregistered}"
        return hashlib.sha256(f"{rules}{sorted(risks.items())}".encode()).hexdigest()


def retention_of(files: Mapping[str, str]) -> RetentionPolicy:
    """The table of a bundle; the packaged one for a bundle without a table.

    Raises:
        RetentionError: an unknown key or class, or a figure below the legal minimum or above the
            maximum of the table.
    """
    text = files.get(FILE)
    if text is None:
        text = (resources.directory("policies") / FILE).read_text(encoding="utf-8")
    try:
        table = RetentionPolicy.model_validate(yaml_text.load(text))
    except yaml.YAMLError as error:
        raise RetentionError(f"{FILE}: {error}") from error
    except ValidationError as error:
        raise RetentionError(f"{FILE}: {_describe(error)}") from error
    for duration in durations():
        _check_minimum(table, duration)
    return table


def case_periods(files: Mapping[str, str]) -> CaseTextPeriods:
    """The periods of the texts of cases in a bundle; the packaged ones where it states none.

    Raises:
        RetentionError: as ``retention_of`` does.
    """
    table = retention_of(files)
    if table.cases is not None:
        return table.cases
    packaged = retention_of({}).cases
    if packaged is None:
        raise RetentionError(f"{FILE}: cases is missing")
    stated = {kind: min(days, table.longest) for kind, days in packaged.model_dump().items()}
    return CaseTextPeriods(**stated)


def durations() -> list[Duration]:
    """The durations of the calendar."""
    text = (resources.directory("policies") / CALENDAR).read_text(encoding="utf-8")
    return [Duration.model_validate(one) for one in yaml_text.load(text)["durations"]]


def _check_period(name: str, part: str, kept: RetentionPeriods, longest: int) -> None:
    days = kept.days(part)
    if days > longest:
        raise ValueError(f"class {name}: {part} {days} is above longest ({longest})")
    if days > kept.disclosures:
        raise ValueError(
            f"class {name}: {part} {days} is above disclosures ({kept.disclosures}), by which they "
            "are found"
        )
    if kept.disclosures < BUDGET_DAYS:
        raise ValueError(
            f"class {name}: disclosures {kept.disclosures} is below {BUDGET_DAYS}: the spending of "
            "a month is counted from them"
        )


def _check_minimum(table: RetentionPolicy, duration: Duration) -> None:
    """Check the legal minimum of the log. Bodies and values may expire earlier."""
    name = table.by_risk.get(duration.risk)
    if name is None:
        raise RetentionError(f"{FILE}: by_risk does not say which class {duration.risk} has")
    # A use case that left the catalogue may have been of that risk.
    for one in (name, table.unregistered):
        days = table.classes[one].disclosures
        if days < duration.least_days:
            raise RetentionError(
                f"{FILE}: class {one}: disclosures {days} is below {duration.least_days} days, "
                f"which {duration.risk}-risk use needs ({duration.norm})"
            )


def _describe(error: ValidationError) -> str:
    def line(one: Any) -> str:
        where = ".".join(str(step) for step in one["loc"])
        message = str(one["msg"]).removeprefix("Value error, ")
        return f"{where}: {message}" if where else message

    return "; ".join(line(one) for one in error.errors())
