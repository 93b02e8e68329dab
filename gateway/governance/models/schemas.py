"""Request and response bodies of ``/admin/v1/models``."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, JsonValue, computed_field, model_validator

from gateway.core.model_life import APPROVED
from gateway.core.objects.values import LevelName, Name
from gateway.core.snapshot import EngineModel, ExternalModel
from gateway.governance.http.schemas import Body, ReasonBody, ResponseBody
from gateway.governance.models.model_card import MAX_CARD, ModelCard

PRODUCTION = "production"  # in a life: approved, and a tag names it
_Stated = Annotated[str, Field(pattern=r"^[!-~]( ?[!-~])*$", max_length=300)]


class EngineBody(Body):
    """What is stated about a model in an engine whose files are not here."""

    served_name: _Stated
    engine: _Stated
    source: _Stated
    revision: _Stated


class ExternalBody(Body):
    """What is stated about a commercial model; ``snapshot`` is the provider's dated name."""

    provider: Name
    model: _Stated
    region: _Stated
    contract: _Stated
    snapshot: _Stated | None = None


class ModelBody(Body):
    """A version to register.

    By directories on the control plane's machine or uploads (``upload:u_…``), or by what is stated
    about an engine's model or a commercial one.
    """

    name: Name
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    base: str | None = Field(default=None, max_length=4000)
    adapter: str | None = Field(default=None, max_length=4000)
    engine: EngineBody | None = None
    external: ExternalBody | None = None
    clearance: LevelName = "restricted"
    card: str | None = Field(default=None, max_length=MAX_CARD)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(one is not None for one in (self.base, self.engine, self.external)) != 1:
            raise ValueError("state one of base, engine and external")
        if self.adapter is not None and self.base is None:
            raise ValueError("an adapter needs its base")
        return self

    @property
    def statement(self) -> EngineModel | ExternalModel | None:
        """What is stated about a model without files here."""
        if self.engine:
            return EngineModel(**self.engine.model_dump())
        return ExternalModel(**self.external.model_dump()) if self.external else None


class CardBody(Body):
    """The text of a card: a README with front matter."""

    text: str = Field(max_length=MAX_CARD)


class CardResponse(ResponseBody):
    """What the card of a version states, and what an approval still needs.

    ``readme`` is the card for Hugging Face, in Dutch and English.
    """

    card: ModelCard
    missing: list[str]
    readme: str


class BillOfMaterials(ResponseBody):
    """A version in CycloneDX 1.6; its parts are as that standard has them."""

    bom_format: str = Field(alias="bomFormat")
    spec_version: str = Field(alias="specVersion")
    serial_number: str = Field(alias="serialNumber")
    version: int
    metadata: dict[str, JsonValue]
    components: list[dict[str, JsonValue]]
    dependencies: list[dict[str, JsonValue]]


class TagBody(Body):
    """The tag to move."""

    tag: str = Field(default="production", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class RollbackBody(TagBody):
    """The tag to move back; ``to`` is an earlier version, by default the last approved one."""

    to: str | None = Field(default=None, max_length=64)


class DeprecateBody(ReasonBody):
    """The last day of a version, and why it ends."""

    until: datetime.date


class GivenApproval(ResponseBody):
    """One person's approval, with name and person; times are epoch seconds."""

    approved_by: str
    name: str = ""
    person: str = ""
    at: float
    expires: float


class TagMove(ResponseBody):
    """What a tag was pointed at; ``at`` is epoch seconds, 0 for before moves were kept."""

    tag: str
    version: str
    cause: str
    at: float
    by: str


class HistoryResponse(ResponseBody):
    """Where the tags of a model have pointed, oldest first."""

    moves: Sequence[TagMove]


class ApprovedResponse(ResponseBody):
    """The state of a version, and how many persons have approved it of those that policy asks.

    ``evaluations_lacking`` is what policy advises and the version's evaluations do not show.
    """

    state: str
    approvals: int
    needed: int
    evaluations_lacking: list[str] = Field(default=[])


class RegisteredVersion(ResponseBody):
    """A version with its tags; times are epoch seconds.

    ``until`` is the last day of a deprecated version. ``life`` is its state, or ``production``
    while a tag names it.
    """

    name: str
    version: str
    kind: str
    digest: str
    state: str
    clearance: str
    base_dir: str
    base_digest: str
    adapter_dir: str | None
    adapter_digest: str | None
    card: str
    registered_by: str
    registered_name: str = ""
    registered: float
    approved_by: str | None
    tags: list[str]
    statement: dict[str, str | None] = Field(default={})
    until: str | None = None
    approved_until: float | None = None
    approvals: list[GivenApproval] = Field(default=[])

    @computed_field  # type: ignore[prop-decorator]
    @property
    def life(self) -> str:
        """The state, or that it is in production."""
        return PRODUCTION if self.state == APPROVED and self.tags else self.state


class ModelListResponse(ResponseBody):
    """All versions, newest last, and how many persons policy asks to approve one."""

    models: Sequence[RegisteredVersion]
    approvals_needed: int
    next: str | None = None


class RegisteredResponse(ResponseBody):
    """The digest of a new version, and its state."""

    digest: str
    state: str


class TaggedResponse(ResponseBody):
    """A tag, and the version that it names now."""

    tag: str
    version: str


class UploadedResponse(ResponseBody):
    """The size that a file has after a piece."""

    size: int
