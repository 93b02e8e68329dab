"""Identifiers of persons: in clear in a request, as keyed identifiers everywhere else."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from gateway.core.errors import InvalidRequest
from gateway.core.finding import PERSONAL_TYPES
from gateway.core.snapshot import TENANT
from gateway.governance.http.schemas import Body
from gateway.privacy import identifier


@dataclass(frozen=True, slots=True, repr=False)
class DataSubject:
    """One identifier of a person, in clear: a type of personal data and a value."""

    type: str
    value: str


class SubjectBody(Body):
    """One identifier of a person, in a request body."""

    type: str = Field(max_length=32)
    value: str = Field(min_length=1, max_length=500)


class PersonKeys:
    """Derives keyed identifiers, one way, under the pepper."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper

    def named(self, subjects: Iterable[DataSubject], reason: str) -> dict[str, str]:
        """The keyed identifiers of a person, each with its type.

        Raises:
            InvalidRequest: names the position of the invalid subject, never its value.
        """
        names: dict[str, str] = {}
        for place, subject in enumerate(subjects):
            param = f"subjects.{place}"
            if subject.type not in PERSONAL_TYPES:
                raise InvalidRequest(
                    f"{param}: no such type; known are {', '.join(PERSONAL_TYPES)}.", param=param
                )
            name = identifier(self._pepper, TENANT, subject.type, subject.value)
            if name is None:
                raise InvalidRequest(f"{param}: the value identifies no person.", param=param)
            if subject.value.strip().casefold() in reason.casefold():
                raise InvalidRequest(
                    f"{param}: the reason names the person, and it stays in the trail. Give the "
                    "number of the request instead.",
                    param="reason",
                )
            names[name] = subject.type
        return names


def digest_of(names: Iterable[str]) -> str:
    """One digest of a person's keyed identifiers, by which the person cannot be found."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def subjects_of(bodies: Iterable[SubjectBody]) -> list[DataSubject]:
    """The identifiers of a request."""
    return [DataSubject(one.type, one.value) for one in bodies]
