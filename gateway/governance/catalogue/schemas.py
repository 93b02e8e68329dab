"""Request and response bodies of ``/admin/v1/catalogue`` and ``/admin/v1/apply``."""

from pydantic import Field, JsonValue

from gateway.governance.http.schemas import Body, ResponseBody

_Document = dict[str, JsonValue]


class ApplyBody(Body):
    """The text of a sluis.yaml, and the name of its file for messages."""

    text: str
    source: str = Field(default="sluis.yaml", max_length=255)
    door: str = Field(default="api", pattern="^(api|file|helm|console|local)$")
    comment: str = Field(default="", max_length=1000)
    all_or_nothing: bool = False


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
    # ``register`` is a method of the class of models.
    registers: list[_Document] = Field(alias="register")


class AppliedResponse(ResponseBody):
    """What is in force, what waits for another person in ``proposal``, and warnings.

    ``sections`` is the number of objects of the file, ``snapshot`` the digest of the one in force.
    """

    sections: dict[str, int]
    applied: list[str]
    waiting: list[str]
    proposal: str | None
    snapshot: str
    warnings: list[str]
