"""Request and response bodies of ``/admin/v1/subjects``."""

from typing import Annotated

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.person_keys import SubjectBody


class SubjectsBody(Body):
    """All known identifiers and spellings of one person, and the reason."""

    subjects: list[SubjectBody] = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=3, max_length=500)


class TombstoneBody(Body):
    """A line of the file of erasures."""

    time: int
    seq: int
    hash: str = Field(max_length=64)
    names: list[Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]] = Field(
        default=[], max_length=1000
    )


class ReplayBody(Body):
    """A file of erasures."""

    tombstones: list[TombstoneBody] = Field(max_length=100_000)


class TypesResponse(ResponseBody):
    """The known types of identifiers."""

    types: list[str]


class SubjectCount(ResponseBody):
    """How many values, entries and answers are stored of one identifier."""

    type: str
    values: int
    entries: int
    answers: int = 0


class MentioningEntry(ResponseBody):
    """An entry that mentions the person; ``time`` is epoch milliseconds."""

    request: str
    time: int
    event: str
    log: str
    seq: int


class FoundResponse(ResponseBody):
    """What is stored of a person: counts, and the newest entries.

    ``more`` says that there are further entries. ``case_texts`` is the number of texts of cases
    that name the person.
    """

    subjects: list[SubjectCount]
    entries: list[MentioningEntry]
    more: bool
    case_texts: int = 0


class ErasedResponse(ResponseBody):
    """What was erased.

    ``case_texts`` is the number of texts of cases that name the person: those of open cases are
    erased once these have ended.
    """

    erased: list[SubjectCount]
    case_texts: int = 0


class ErasureProposedResponse(ResponseBody):
    """The proposal that another person decides."""

    proposal: str
    state: str


class ReplayedResponse(ResponseBody):
    """How many identifiers were erased again, and how many a legal hold covers."""

    replayed: int
    on_hold: int
