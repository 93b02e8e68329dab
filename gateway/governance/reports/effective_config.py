"""The policies, model versions and detectors that the entries of an export name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import orjson

from gateway.core.snapshot import bundle_document
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import values_of
from gateway.evidence.export_row import ExportRow
from gateway.governance.evaluations.recorded import RecordedEvaluations
from gateway.governance.models.schemas import RegisteredVersion
from gateway.governance.models.service import ModelRegistry
from gateway.governance.policies.service import Policies
from gateway.governance.reports.published import detection

_MODEL = (
    "name",
    "version",
    "kind",
    "digest",
    "base_digest",
    "adapter_digest",
    "state",
    "clearance",
    "tags",
    "card",
)
_PEOPLE = ("registered_by", "approved_by")


class EffectiveConfig:
    """Collects the names in entries; gives the named objects by digest."""

    def __init__(
        self,
        policies: Policies,
        models: ModelRegistry,
        evaluated: Callable[[], Awaitable[RecordedEvaluations]],
        profile: DisclosureProfile,
    ) -> None:
        """``evaluated`` gives the evaluations on record."""
        self._policies = policies
        self._models = models
        self._evaluated = evaluated
        self._names_people = profile is not DisclosureProfile.METADATA
        self._described = _MODEL if profile is DisclosureProfile.METADATA else (*_MODEL, *_PEOPLE)
        self._bundles: set[str] = set()
        self._digests: set[str] = set()
        self._detectors: set[str] = set()

    def add(self, row: ExportRow) -> None:
        """Collect the names in an entry."""
        self._bundles.add(orjson.loads(row.leaf)["bundle"])
        if row.disclosure is None:
            return
        values = values_of(row.disclosure)
        self._digests.add(str(values.get("model_digest")))
        self._detectors.update(str(values.get("detectors") or "").split())

    async def parts(self) -> Mapping[str, bytes]:
        """``policies/DIGEST.json``, ``models/DIGEST.json`` with the card, and ``detectors.json``.

        ``evaluations/DIGEST.json`` has the runs and overrides of a version that has any.
        The SHA-256 of a part with policies is the bundle that entries name.
        """
        parts = {
            "detectors.json": _json({"used": sorted(self._detectors), "published": detection()})
        }
        for digest in sorted(self._bundles):
            files = await self._policies.get(digest)
            if files is not None:
                parts[f"policies/{_hex(digest)}.json"] = bundle_document(files)
        evaluated = await self._evaluated()
        for one in await self._models.list():
            if one.digest in self._digests or one.version in self._detectors:
                parts[f"models/{_hex(one.digest)}.json"] = _json(self._described_as(one))
                if (own := evaluated.of(one.digest)).runs or own.overrides:
                    shown = own if self._names_people else own.with_people(None)
                    document = msgspec.to_builtins(shown)
                    parts[f"evaluations/{_hex(one.digest)}.json"] = _json(document)
        return parts

    def _described_as(self, one: RegisteredVersion) -> dict[str, Any]:
        document = one.model_dump()
        return {name: document[name] for name in self._described}


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
