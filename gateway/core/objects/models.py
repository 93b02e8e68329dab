"""Registered model versions."""

from typing import Annotated

from gateway.core.model_life import WITHDRAWN
from gateway.core.objects.declare import ChangeRule, Harmless
from gateway.core.objects.effects import approved, lower_or_set, replaced
from gateway.core.objects.value import SnapshotValue

LANGUAGE, DETECTOR, ENGINE, EXTERNAL = "language", "detector", "engine", "external"
_POWER = "models"
_ONCE = ChangeRule(_POWER, replaced)
_ENDS = ChangeRule(_POWER, lower_or_set)
_TAGS = Harmless("a tag names approved versions only")


class EngineModel(SnapshotValue, frozen=True):
    """What is stated about a model in an engine whose files are not here.

    ``served_name`` is its name on the wire; ``source`` and ``revision`` say where it came from.
    """

    served_name: str
    engine: str
    source: str
    revision: str


class ExternalModel(SnapshotValue, frozen=True):
    """A commercial model; ``snapshot`` is the provider's dated name, None where it has none."""

    provider: str
    model: str
    region: str
    contract: str
    snapshot: str | None = None


class ModelVersion(SnapshotValue, frozen=True):
    """One registered version: a language model or a detector by its files, else by statement.

    ``base_dir`` and ``base_digest`` are empty for a model without files here: ``kind`` is then
    ``engine`` or ``external``. ``until`` is the last day of a deprecated version (ISO 8601), else
    empty; ``approved_until`` is when its approvals end, in epoch seconds. ``earlier`` are the
    versions that each of its tags named before, the last first: one of them serves until this one
    is ready.
    """

    name: str
    version: Annotated[str, Harmless("a part of the name of the object")]
    digest: Annotated[str, _ONCE]
    state: Annotated[str, ChangeRule(_POWER, approved, end=WITHDRAWN)]
    base_dir: Annotated[str, _ONCE]
    base_digest: Annotated[str, _ONCE]
    clearance: Annotated[str, _ONCE] = "restricted"
    adapter_dir: Annotated[str | None, _ONCE] = None
    adapter_digest: Annotated[str | None, _ONCE] = None
    tags: Annotated[list[str], _TAGS] = []
    kind: Annotated[str, _ONCE] = LANGUAGE
    engine: Annotated[EngineModel | None, _ONCE] = None
    external: Annotated[ExternalModel | None, _ONCE] = None
    until: Annotated[str, _ENDS] = ""
    approved_until: Annotated[float | None, _ENDS] = None
    earlier: Annotated[dict[str, list[str]], _TAGS] = {}
