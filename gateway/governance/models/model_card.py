"""The structured card of a model version, read from the front matter of a README.

Licence and languages are where Hugging Face has them; the rest is under ``sluis``. A draft may lack
fields, which an approval names.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from gateway.core.errors import InvalidRequest
from gateway.core.objects.values import Text
from gateway.core.text import yaml_text
from gateway.governance.catalogue.stated import Node

PROHIBITED = "prohibited"  # a risk class: article 5 of the AI Act forbids such use
MAX_CARD = 64 * 1024  # characters
_FENCE = "---"
_LongText = Annotated[str, Field(min_length=1, max_length=4000)]
_Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


def _listed(value: Any) -> Any:
    """A language or a list of them; YAML takes the one of Norway for a boolean."""
    values = value if isinstance(value, list) else [value]
    return ["no" if one is False else one for one in values]


class TwoLanguages(Node):
    """A text in Dutch and in English."""

    nl: _LongText | None = None
    en: _LongText | None = None


class TrainingData(Node):
    """A data set that the model was trained on; ``personal_data`` says whether there is any."""

    name: Text
    source: Text
    legal_basis: Text
    personal_data: Literal["none", "some", "unknown"]
    copyright: Text


class AiAct(Node):
    """The organisation's role for this model, and the risk class of its intended use."""

    role: Literal["provider", "deployer"]
    risk: Literal["minimal", "limited", "high", "prohibited"]


class ModelCard(Node):
    """What is stated about a model; ``context`` is in tokens.

    ``base_digest`` is that of the base that an adapter was trained on.
    """

    licence: Text | None = None
    languages: Annotated[list[_Language], BeforeValidator(_listed)] = Field(default=[])
    context: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    training_data: list[TrainingData] = Field(default=[])
    limits: TwoLanguages = TwoLanguages()
    intended_use: TwoLanguages = TwoLanguages()
    prohibited_use: TwoLanguages = TwoLanguages()
    ai_act: AiAct | None = None
    base_digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None

    def missing(self) -> list[str]:
        """The fields that an approval needs and that are not stated."""
        simple = ("licence", "languages", "context", "training_data", "ai_act")
        lacking = [name for name in simple if not getattr(self, name)]
        for name in ("limits", "intended_use", "prohibited_use"):
            text: TwoLanguages = getattr(self, name)
            lacking += [f"{name}.{code}" for code in ("nl", "en") if getattr(text, code) is None]
        return lacking


_OF_SLUIS = frozenset(ModelCard.model_fields) - {"licence", "languages"}


def split(text: str) -> tuple[dict[str, Any], str]:
    """The front matter of a README, and the text after it.

    Raises:
        InvalidRequest: when the front matter is not YAML.
    """
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != _FENCE:
        return {}, text
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == _FENCE:
            try:
                front = yaml_text.mapping("".join(lines[1:number]))
            except ValueError as error:
                raise InvalidRequest(f"The front matter of the card: {error}") from error
            return front, "".join(lines[number + 1 :])
    return {}, text


def card_of(text: str, *, context: int | None = None) -> ModelCard:
    """The card in a README; ``context`` is the length that the model's configuration states.

    Raises:
        InvalidRequest: names the fields that are not what they should be.
    """
    front, _ = split(text[:MAX_CARD])
    own = front.get("sluis")
    own = {} if own is None else own
    if not isinstance(own, dict) or not own.keys() <= _OF_SLUIS:
        raise InvalidRequest(
            f"The card: `sluis` is a mapping of {', '.join(sorted(_OF_SLUIS))}.", param="card"
        )
    stated = {"context": context, **own}
    licence, languages = front.get("license"), front.get("language")
    if isinstance(licence, str):
        stated["licence"] = licence
    if languages is not None:
        stated["languages"] = languages
    try:
        return ModelCard.model_validate(stated)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise InvalidRequest(f"The card: {'; '.join(faults)}", param="card") from error


def stored_card(document: str | None) -> ModelCard:
    """The card of a stored document; versions of before there were any state nothing."""
    return ModelCard.model_validate_json(document) if document else ModelCard()
