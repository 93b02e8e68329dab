"""Request and response bodies of ``/admin/v1/use-cases``."""

from typing import Annotated

from fastapi import Body
from pydantic import JsonValue

from gateway.core.snapshot import UseCase
from gateway.governance.catalogue.stated import FromDeclaration
from gateway.governance.http.schemas import ResponseBody

_Document = dict[str, JsonValue]
UseCaseBody = Annotated[UseCase, FromDeclaration("name"), Body()]  # the path has its name


class UseCaseResponse(ResponseBody):
    """A use case with its owner, and its state today.

    ``source`` is file or record, ``file`` the name of the file that owns it. ``review_state`` is
    current, overdue or expired; ``lacking`` says what a use case of high risk still needs.
    """

    name: str
    owner: str
    legal_basis: str
    risk: str
    floor: str
    zones: list[str]
    review: str | None = None
    description: str | None = None
    overseer: str | None = None
    data_subjects: str | None = None
    data_categories: list[str] | None = None
    dpia: str | None = None
    fria: str | None = None
    limits: _Document
    budget: _Document | None
    transparency: list[str] | None = None
    deployer: str | None = None
    source: str
    file: str | None = None
    review_state: str
    lacking: str | None = None
    stopped: bool


class UseCaseListResponse(ResponseBody):
    """All use cases, by name."""

    use_cases: list[UseCaseResponse]
    next: str | None = None


class ChangedUseCaseResponse(ResponseBody):
    """The names of the fields that changed; empty when nothing did."""

    name: str
    changed: list[str]


class DeletedUseCaseResponse(ResponseBody):
    """The name of the deleted use case."""

    deleted: str
