"""Request and response bodies of ``/admin/v1/saved-views``."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.governance.http.schemas import Body, ResponseBody

# Not ``text``: words that are searched for may name a person.
SavedFilter = Literal[
    "deployment",
    "event",
    "from",
    "level",
    "model",
    "outcome",
    "principal",
    "provider",
    "purpose",
    "rule",
    "team",
    "to",
    "what",
    "zone",
]


def _printable(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("no control characters")
    return text


_Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_printable),
]
_Value = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(_printable)]


class SavedViewBody(Body):
    """A name, and the filters of a search; ``from`` and ``to`` are days (ISO 8601)."""

    name: _Name
    filters: dict[SavedFilter, _Value] = Field(default={}, max_length=20)


class SavedViewResponse(ResponseBody):
    """A saved view of the caller; ``saved`` is epoch seconds."""

    id: str
    name: str
    filters: dict[str, str]
    saved: float


class SavedViewListResponse(ResponseBody):
    """The saved views of the caller, by name."""

    views: Sequence[SavedViewResponse]
