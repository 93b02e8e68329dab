"""A version as a machine-learning bill of materials.

Source: CycloneDX 1.6, component type ``machine-learning-model`` and object ``modelCard``.
"""

import uuid
from typing import Any

from gateway.governance.models.model_card import ModelCard
from gateway.governance.models.schemas import RegisteredVersion

_LANGUAGES = ("nl", "en")
_SPACE = uuid.UUID("6f0c5f6e-9a0e-4d0c-8d0b-6d8f3f0b5c11")  # of the serial numbers made here


def ml_bom(version: RegisteredVersion, card: ModelCard) -> dict[str, Any]:
    """The CycloneDX document; the same version and card give the same document."""
    reference = f"{version.name}@{version.version}"
    stated = card.model_dump_json() + version.digest
    model = {
        "type": "machine-learning-model",
        "bom-ref": reference,
        "name": version.name,
        "version": version.version,
        "hashes": [_hash(version.digest)],
        "licenses": [{"license": {"name": card.licence}}] if card.licence else [],
        "modelCard": _model_card(card),
        "properties": _properties(version, card),
    }
    parts = [_part(reference, kind, digest) for kind, digest in _digests(version)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(_SPACE, stated).urn,
        "version": 1,
        "metadata": {"component": {name: value for name, value in model.items() if value}},
        "components": parts,
        "dependencies": [{"ref": reference, "dependsOn": [one["bom-ref"] for one in parts]}],
    }


def _model_card(card: ModelCard) -> dict[str, Any]:
    uses = [text for code in _LANGUAGES if (text := getattr(card.intended_use, code))]
    limits = [text for code in _LANGUAGES if (text := getattr(card.limits, code))]
    barred = [text for code in _LANGUAGES if (text := getattr(card.prohibited_use, code))]
    considerations = {
        "useCases": uses,
        "technicalLimitations": limits,
        "ethicalConsiderations": [{"name": text} for text in barred],
    }
    return {
        "modelParameters": {
            "datasets": [
                {
                    "type": "dataset",
                    "name": one.name,
                    "description": f"{one.source}; {one.legal_basis}; {one.copyright}",
                    "sensitiveData": [f"personal data: {one.personal_data}"],
                }
                for one in card.training_data
            ]
        },
        "considerations": {name: value for name, value in considerations.items() if value},
    }


def _properties(version: RegisteredVersion, card: ModelCard) -> list[dict[str, str]]:
    act = card.ai_act
    stated = {
        "sluis:state": version.state,
        "sluis:kind": version.kind,
        "sluis:clearance": version.clearance,
        "sluis:languages": " ".join(card.languages),
        "sluis:context": str(card.context or ""),
        "sluis:ai_act_role": act.role if act else "",
        "sluis:ai_act_risk": act.risk if act else "",
        **{f"sluis:stated_{name}": value or "" for name, value in version.statement.items()},
    }
    return [{"name": name, "value": value} for name, value in stated.items() if value]


def _digests(version: RegisteredVersion) -> list[tuple[str, str]]:
    found = (("base", version.base_digest), ("adapter", version.adapter_digest))
    return [(kind, digest) for kind, digest in found if digest]


def _part(reference: str, kind: str, digest: str) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"{reference}/{kind}",
        "name": kind,
        "hashes": [_hash(digest)],
    }


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest.partition(":")[2]}
