"""Request and response bodies of ``/admin/v1/models``."""

from collections.abc import Sequence

from pydantic import Field

from gateway.governance.catalogue.config_values import Name
from gateway.governance.http.schemas import Body, ResponseBody


class ModelBody(Body):
    """A version to register, by directories on the control plane's machine."""

    name: Name
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    base: str = Field(max_length=4000)
    adapter: str | None = Field(default=None, max_length=4000)
    clearance: str = "restricted"


class TagBody(Body):
    """The tag to move."""

    tag: str = Field(default="production", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class RegisteredVersion(ResponseBody):
    """A version with its tags; ``registered`` is epoch seconds."""

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
    registered: float
    approved_by: str | None
    tags: list[str]


class ModelListResponse(ResponseBody):
    """All versions, newest last."""

    models: Sequence[RegisteredVersion]


class RegisteredResponse(ResponseBody):
    """The digest of a new version, and its state."""

    digest: str
    state: str


class TaggedResponse(ResponseBody):
    """A tag, and the version that it names now."""

    tag: str
    version: str
