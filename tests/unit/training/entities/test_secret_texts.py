"""Texts with secrets: their labels, and secrets drawn anew in the same form."""

import re
from random import Random

from training.entities.secret_texts import LANGUAGES, SecretTexts, templates


def drawn(template: str, seed: int) -> tuple[str, list[tuple[str, str]]]:
    sample = SecretTexts({"nl": [template]}, ["molen"]).text(Random(seed), "nl")
    return sample.text, [(kind, sample.text[a:b]) for a, b, kind in sample.spans]


def test_secrets_and_unlabelled_stretches_are_marked() -> None:
    text, marks = drawn("Bel [[~:Karin]], code [[SECRET:4471#]].", 1)
    assert [kind for kind, _ in marks] == ["?", "SECRET"]
    assert text.startswith("Bel Karin, code ")
    assert re.fullmatch(r"\d{4}#", marks[1][1])


def test_a_secret_drawn_anew_keeps_its_form() -> None:
    found = {drawn("pw [[SECRET:Haring-Kade-42]]", seed)[1][0][1] for seed in range(20)}
    assert "Haring-Kade-42" in found
    assert all(re.fullmatch(r"(?:Haring|Molen)-(?:Kade|Molen)-\d\d", one) for one in found)
    assert len(found) > 5


def test_some_carriers_are_kept_out_and_all_can_be_drawn() -> None:
    for evaluation in (False, True):
        found = templates(evaluation=evaluation)
        assert set(found) == set(LANGUAGES)
        for language in LANGUAGES:
            secrets = SecretTexts({language: found[language]}, ["molen", "water"])
            texts = [secrets.text(Random(seed), language) for seed in range(50)]
            assert any(sample.spans for sample in texts)
            assert not any("[[" in sample.text for sample in texts)
