"""A model card as Hugging Face has it: YAML front matter, and the text in both languages.

Source: Hugging Face Hub, "Model Cards", section "Model card metadata".
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gateway.core.text import yaml_text
from gateway.governance.models.model_card import ModelCard
from gateway.governance.models.schemas import RegisteredVersion

_TEXTS = ("intended_use", "prohibited_use", "limits")
_LANGUAGES = ("nl", "en")
_WIDTH = 10_000  # no line of YAML is broken


def hugging_face_card(version: RegisteredVersion, card: ModelCard) -> str:
    """The README.md of a version, from which the same card can be read."""
    front = yaml.safe_dump(_front(version, card), allow_unicode=True, sort_keys=False, width=_WIDTH)
    lines = [f"---\n{front}---", f"# {version.name}@{version.version}", f"`{version.digest}`"]
    for language in _LANGUAGES:
        lines += _sections(card, language)
    return "\n\n".join(lines) + "\n"


def _front(version: RegisteredVersion, card: ModelCard) -> dict[str, Any]:
    own = card.model_dump(mode="json", exclude_none=True, exclude={"licence", "languages"})
    front = {
        "license": card.licence,
        "language": card.languages,
        "base_model": version.base_digest if version.adapter_digest else None,
        "base_model_relation": "adapter" if version.adapter_digest else None,
        "datasets": [one.name for one in card.training_data],
        "sluis": {name: value for name, value in own.items() if value},
    }
    return {name: value for name, value in front.items() if value}


def _sections(card: ModelCard, language: str) -> Iterator[str]:
    words = _words()[language]
    for name in _TEXTS:
        text = getattr(getattr(card, name), language)
        yield f"## {words[name]}\n\n{text or words['missing']}"
    rows = [
        words["data"].format(**{
            **one.model_dump(),
            "personal_data": words["personal_data"][one.personal_data],
        })
        for one in card.training_data
    ]
    listed = "\n".join(f"- {row}" for row in rows) or words["missing"]
    yield f"## {words['training_data']}\n\n{listed}"
    act = card.ai_act
    stated = (
        words["act"].format(role=words["role"][act.role], risk=words["risk"][act.risk])
        if act
        else words["missing"]
    )
    yield f"## {words['ai_act']}\n\n{stated}"


@cache
def _words() -> Mapping[str, Any]:
    file = files("gateway.governance.models.card_exports").joinpath("texts.yaml")
    return yaml_text.mapping(file.read_text(encoding="utf-8"))
