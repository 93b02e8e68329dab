"""Deadlines to report an incident and to decide a complaint, from the calendar of law."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.core.errors import InvalidRequest
from gateway.core.text import yaml_text
from gateway.governance.policies.retention_policy import CALENDAR
from gateway.storage import resources

COMPLAINT = "complaint"
REVIEW_MS = 90 * 86_400_000  # until the review of a hold on the requests of a case
_HOUR_MS = 3_600_000


class Deadline(BaseModel):
    """A duration in hours: the kinds of cases it holds for, its source, and who verified it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    norm: str
    kinds: list[str]
    hours: Annotated[int, Field(ge=1, le=100_000)]
    source: str
    verified_on: str | None
    verified_by: str | None

    def after(self, moment: int) -> int:
        """The deadline, in epoch milliseconds, of a case that began at ``moment``."""
        return moment + self.hours * _HOUR_MS


class Deadlines:
    """The deadlines of policies/compliance/calendar.yaml."""

    def __init__(self) -> None:
        text = (resources.directory("policies") / CALENDAR).read_text(encoding="utf-8")
        stated = [Deadline.model_validate(one) for one in yaml_text.load(text)["deadlines"]]
        self._by_kind = {kind: deadline for deadline in stated for kind in deadline.kinds}

    @property
    def kinds(self) -> list[str]:
        """The kinds of incidents, sorted."""
        return sorted(self._by_kind.keys() - {COMPLAINT})

    def of_incident(self, kind: str) -> Deadline:
        """The deadline of a kind of incident.

        Raises:
            InvalidRequest: when there is no such kind; names the known ones.
        """
        if kind not in self.kinds:
            raise InvalidRequest(
                f"There is no such kind of incident; known are {', '.join(self.kinds)}.",
                param="kind",
            )
        return self._by_kind[kind]

    @property
    def of_complaint(self) -> Deadline:
        """The deadline of a complaint."""
        return self._by_kind[COMPLAINT]
