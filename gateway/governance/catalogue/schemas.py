"""Request and response bodies of ``/admin/v1/catalogue`` and ``/admin/v1/apply``."""

from typing import Self

from pydantic import Field, JsonValue, model_validator

from gateway.governance.changes.edits import MAX_MINUTES
from gateway.governance.http.schemas import Body, ResponseBody, WaitingChange

_Document = dict[str, JsonValue]
_SHORTEST_REASON = 3


class ApplyBody(Body):
    """The text of a sluis.yaml, and the name of its file for messages.

    With ``exception_minutes`` what widens is a break-glass exception of that length.
    ``may_lock_out`` lets the file leave fewer than two persons who approve. ``recovery`` are the
    codes of two persons, by which all of it is in force at once: on the machine itself.
    """

    text: str
    source: str = Field(default="sluis.yaml", max_length=255)
    door: str = Field(default="api", pattern="^(api|file|helm|console|local)$")
    comment: str = Field(default="", max_length=1000)
    all_or_nothing: bool = False
    exception_minutes: int | None = Field(default=None, ge=1, le=MAX_MINUTES)
    may_lock_out: bool = False
    recovery: list[str] = Field(default=[], max_length=2)

    @model_validator(mode="after")
    def _say_why(self) -> Self:
        if self.exception_minutes and len(self.comment.strip()) < _SHORTEST_REASON:
            raise ValueError("a break-glass exception needs a comment that says why")
        return self


class CatalogueResponse(ResponseBody):
    """The documents of each kind, in the order of the file; defaults are left out."""

    provider: list[_Document]
    deployment: list[_Document]
    alias: list[_Document]
    team: list[_Document]
    use_case: list[_Document]
    issuer: list[_Document]
    network: list[list[str]]
    setting: list[_Document] = Field(default=[])
    mandate: list[_Document] = Field(default=[])
    # ``register`` is a method of the class of models.
    registers: list[_Document] = Field(alias="register")


class InformationRegisterResponse(ResponseBody):
    """The contracts with commercial providers: the titles of the columns, and one row each."""

    columns: list[str]
    rows: list[list[str]]


class AppliedResponse(ResponseBody):
    """The file is in force: the number of objects by section, what changed, and warnings.

    ``snapshot`` is the digest of the one in force.
    """

    applied: dict[str, int]
    changed: list[str]
    snapshot: str
    warnings: list[str]


class WaitingResponse(WaitingChange):
    """A part of the file waits for another person."""

    sections: dict[str, int]
    snapshot: str
    warnings: list[str]
