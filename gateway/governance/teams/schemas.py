"""Request and response bodies of ``/admin/v1/teams``."""

from collections.abc import Sequence

from pydantic import JsonValue

from gateway.governance.http.schemas import ResponseBody

_Document = dict[str, JsonValue]


class TeamResponse(ResponseBody):
    """A team. ``source`` is ``file`` where sluis.yaml owns it, and ``record`` otherwise."""

    name: str
    floor: str
    budget: _Document | None
    limits: _Document
    per_person: _Document
    per_model: _Document
    self_service: _Document | None
    lead: str | None = None
    source: str


class TeamListResponse(ResponseBody):
    """All teams, by name."""

    teams: Sequence[TeamResponse]
    next: str | None = None


class ChangedTeamResponse(ResponseBody):
    """The names of the fields that changed; empty when nothing did."""

    name: str
    changed: list[str]


class DeletedTeamResponse(ResponseBody):
    """The name of the deleted team."""

    deleted: str
