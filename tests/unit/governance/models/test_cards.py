"""Cards of models: read from a README, complete in two languages, and exported."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.governance.models.card_exports.hugging_face import hugging_face_card
from gateway.governance.models.card_exports.ml_bom import ml_bom
from gateway.governance.models.model_card import ModelCard, card_of
from gateway.governance.models.schemas import RegisteredVersion
from tests.support.cards import CARD

EVERYTHING = [
    "licence",
    "languages",
    "context",
    "training_data",
    "ai_act",
    "limits.nl",
    "limits.en",
    "intended_use.nl",
    "intended_use.en",
    "prohibited_use.nl",
    "prohibited_use.en",
]
_WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40
)
_TEXTS = st.fixed_dictionaries({"nl": _WORDS, "en": _WORDS})
CARDS = st.builds(
    ModelCard,
    licence=_WORDS,
    languages=st.lists(st.sampled_from(["nl", "en", "no", "pt-BR"]), min_size=1, unique=True),
    context=st.integers(1, 1_000_000),
    training_data=st.lists(
        st.fixed_dictionaries({
            "name": _WORDS,
            "source": _WORDS,
            "legal_basis": _WORDS,
            "personal_data": st.sampled_from(["none", "some", "unknown"]),
            "copyright": _WORDS,
        }),
        max_size=3,
    ),
    limits=_TEXTS,
    intended_use=_TEXTS,
    prohibited_use=_TEXTS,
    ai_act=st.fixed_dictionaries({
        "role": st.sampled_from(["provider", "deployer"]),
        "risk": st.sampled_from(["minimal", "limited", "high", "prohibited"]),
    }),
)


def version(**changed: Any) -> RegisteredVersion:
    stated: dict[str, Any] = {
        "name": "letters",
        "version": "2",
        "kind": "language",
        "digest": "sha256:" + "a" * 64,
        "state": "approved",
        "clearance": "restricted",
        "base_dir": "/m",
        "base_digest": "sha256:" + "b" * 64,
        "adapter_dir": "/a",
        "adapter_digest": "sha256:" + "c" * 64,
        "card": "",
        "registered_by": "k",
        "registered": 0.0,
        "approved_by": None,
        "tags": [],
    }
    return RegisteredVersion.model_validate({**stated, **changed})


def test_a_readme_without_front_matter_states_nothing() -> None:
    assert card_of("# Letters\n").missing() == EVERYTHING
    assert card_of("---\nlicense: mit\n").missing() == EVERYTHING


def test_the_front_matter_of_hugging_face_is_read() -> None:
    card = card_of("---\nlicense: mit\nlanguage: nl\npipeline_tag: text-generation\n---\n")
    assert (card.licence, card.languages) == ("mit", ["nl"])
    assert card_of("---\nlanguage: no\n---\n").languages == ["no"]


def test_the_length_of_the_configuration_is_taken_where_the_card_has_none() -> None:
    assert card_of("", context=512).context == 512
    assert card_of(CARD, context=512).context == 1024


@pytest.mark.parametrize(
    "front",
    [
        "sluis: [1]",
        "sluis: {unknown: 1}",
        "sluis: {context: -1}",
        "sluis: {ai_act: {role: provider, risk: none}}",
        "sluis: {training_data: [{name: a}]}",
        "language: [Dutch]",
        'sluis: {limits: {nl: "a\\0b"}}',
        "a: &a [*a]",
        "- a list",
    ],
)
def test_a_front_matter_that_is_not_one_is_refused(front: str) -> None:
    with pytest.raises(InvalidRequest):
        card_of(f"---\n{front}\n---\n")


@given(CARDS)
def test_an_exported_card_is_read_as_the_same_card(card: ModelCard) -> None:
    text = hugging_face_card(version(), card)
    assert card_of(text) == card


def test_an_exported_card_has_both_languages() -> None:
    text = hugging_face_card(version(), card_of(CARD))
    for words in ("## Bedoeld gebruik\n\nTests.", "## Prohibited use\n\nEverything else."):
        assert words in text
    assert "Rol: aanbieder. Risicoklasse: minimaal." in text
    assert "Role: provider. Risk class: minimal." in text


def test_a_bill_of_materials_has_the_digests_and_what_the_card_states() -> None:
    document = ml_bom(version(), card_of(CARD))
    model = document["metadata"]["component"]
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert model["type"] == "machine-learning-model"
    assert model["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert model["licenses"] == [{"license": {"name": "apache-2.0"}}]
    assert [one["hashes"][0]["content"] for one in document["components"]] == ["b" * 64, "c" * 64]
    assert model["modelCard"]["considerations"]["useCases"] == ["Tests.", "Tests."]
    assert {"name": "sluis:ai_act_risk", "value": "minimal"} in model["properties"]
    assert json.dumps(document) == json.dumps(ml_bom(version(), card_of(CARD)))
