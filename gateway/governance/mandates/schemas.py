"""Request and response bodies of ``/admin/v1/mandates``."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Body
from pydantic import JsonValue

from gateway.core.objects.mandates import Mandate
from gateway.governance.catalogue.stated import FromDeclaration
from gateway.governance.http.schemas import ResponseBody

MandateBody = Annotated[Mandate, FromDeclaration("name"), Body()]


class MandateGrant(ResponseBody):
    """Objects of a kind in these teams, with the widest value of each field."""

    kind: str
    teams: list[str]
    most: dict[str, JsonValue]


class MandateResponse(ResponseBody):
    """A mandate; ``ended`` says that its last day has passed. ``mine``: the caller has it."""

    name: str
    holder: str | None
    role: str | None
    grants: Sequence[MandateGrant]
    until: str
    ended: bool
    mine: bool


class MandateListResponse(ResponseBody):
    """All mandates, by name."""

    mandates: Sequence[MandateResponse]
    next: str | None = None


class ChangedMandateResponse(ResponseBody):
    """The name of a mandate that was changed, and the names of the fields."""

    name: str
    changed: list[str]


class EndedMandateResponse(ResponseBody):
    """The name of a mandate that was ended."""

    ended: str
