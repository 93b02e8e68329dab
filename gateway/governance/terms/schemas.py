"""Request and response bodies of ``/admin/v1/terms``."""

from typing import Literal

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.terms.changes import MAX_LENGTH

_MAX_TERMS = 20_000  # in one change


class TermBody(Body):
    """A term of one list."""

    kind: Literal["deny", "allow"]
    text: str = Field(max_length=2 * MAX_LENGTH)
    type: str = "PERSON"


class ChangeBody(Body):
    """The terms to add and to remove, and the reason."""

    add: list[TermBody] = Field(default=[], max_length=_MAX_TERMS)
    remove: list[TermBody] = Field(default=[], max_length=_MAX_TERMS)
    reason: str = Field(min_length=3, max_length=500)


class TermResponse(ResponseBody):
    """A term that is in force; ``since`` is epoch seconds."""

    text: str
    type: str
    proposed_by: str
    approved_by: str
    since: float


class TermPage(ResponseBody):
    """Terms of one list in alphabetical order, and the size of each list."""

    terms: list[TermResponse]
    counts: dict[str, int]


class TermListResponse(TermPage):
    """A page of terms, and the known types of personal data."""

    types: list[str]


class ProposedTerm(ResponseBody):
    """A term of a proposal."""

    kind: str
    text: str
    type: str


class TermChangeResponse(ResponseBody):
    """The terms that a proposal adds and removes; empty once it is decided."""

    add: list[ProposedTerm]
    remove: list[ProposedTerm]
