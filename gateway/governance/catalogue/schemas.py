"""Request and response bodies of ``/admin/v1/catalogue`` and ``/admin/v1/apply``."""

from pydantic import Field, JsonValue

from gateway.governance.http.schemas import Body, ResponseBody

_Document = dict[str, JsonValue]


class ApplyBody(Body):
    """The text of a sluis.yaml, and the name of its file for messages."""

    text: str
    source: str = Field(default="sluis.yaml", max_length=255)


class CatalogueResponse(ResponseBody):
    """The documents of each kind, in the order of the file; defaults are left out."""

    provider: list[_Document]
    deployment: list[_Document]
    alias: list[_Document]
    team: list[_Document]
    use_case: list[_Document]
    issuer: list[_Document]
    network: list[list[str]]
    # ``register`` is a method of the class of models.
    registers: list[_Document] = Field(alias="register")


class InformationRegisterResponse(ResponseBody):
    """The contracts with commercial providers: the titles of the columns, and one row each."""

    columns: list[str]
    rows: list[list[str]]


class AppliedResponse(ResponseBody):
    """The number of objects by section, the digest of the snapshot, and warnings."""

    applied: dict[str, int]
    snapshot: str
    warnings: list[str]
