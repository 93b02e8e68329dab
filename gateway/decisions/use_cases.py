"""What the date of a use case's review means for its requests."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec

from gateway.core.days import end_of_day

_DAY_S = 86_400


class Review(StrEnum):
    """The state of a use case by its review date; without a date it is current."""

    CURRENT = "current"
    OVERDUE = "overdue"  # requests are served with a warning
    EXPIRED = "expired"  # requests are refused


class UseCaseRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``policies/use_cases.yaml``: the days between the review date and the first refusal."""

    review_grace_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    version: int = 1

    @classmethod
    def of(cls, document: Any) -> "UseCaseRules":
        """Returns the rules of the parsed file.

        Raises:
            ValueError: when a key is unknown, or a value is out of range.
        """
        try:
            return msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error

    def review(self, day: str, now: float) -> Review:
        """Returns the state for a review date (ISO 8601, "" without one) at an epoch second."""
        if not day or now < (due := end_of_day(day)):
            return Review.CURRENT
        grace = self.review_grace_days * _DAY_S
        return Review.OVERDUE if now < due + grace else Review.EXPIRED
