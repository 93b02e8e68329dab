"""Placeholders with the gender or title of a person: one id, restored from every shape."""

import itertools

import pytest

from gateway.privacy import RedactionPolicy, Scope, Vault, spans_of
from gateway.privacy.pseudonyms.placeholders import ALPHABET, GENDERS, TITLES, parse
from gateway.privacy.redact.operators import Hints

KEY = b"0123456789abcdef0123456789abcdef"
BOTH = Hints(gender=True, title=True)
ENGLISH = "Please write to {} for the report that you have made with this."
DUTCH = "Ik wil graag een brief aan {} sturen, die dat heeft gevraagd."


def hinted(text: str, name: str, hints: Hints = BOTH) -> tuple[Vault, str]:
    vault = Vault(KEY, Scope("t", "k", "u", "c"), hints=hints)
    at = text.index(name)
    return vault, vault.redact(text, [(at, at + len(name), "PERSON")])


@pytest.mark.parametrize(
    ("text", "who", "word"),
    [
        (DUTCH, "Sanne de Vries", "PERSON_SHE_"),
        (DUTCH, "Jan", "PERSON_HE_"),
        (DUTCH, "mevrouw Okkema", "PERSON_SHE_"),
        (DUTCH, "de heer dr. Okkema", "PERSON_HE_DOCTOR_"),
        (DUTCH, "prof. dr. Sanne Okkema", "PERSON_SHE_PROFESSOR_"),
        (DUTCH, "drs. Okkema", "PERSON_DRS_"),
        (DUTCH, "mr. Okkema", "PERSON_MEESTER_"),
        (ENGLISH, "Mr. Okkema", "PERSON_HE_"),
        (ENGLISH, "Dr. Mary Poole", "PERSON_SHE_DOCTOR_"),
        (DUTCH, "Okkema", "PERSON_"),
    ],
)
def test_hints_follow_the_name_and_titles_before_it(text: str, who: str, word: str) -> None:
    name = who.rpartition(". ")[2] if ". " in who else who.removeprefix("mevrouw ")
    answer = text.replace("{}", who)
    vault, redacted = hinted(answer, name)
    begin, end = redacted.index("[") + 1, redacted.index("]")
    placeholder = redacted[begin:end]
    assert placeholder.startswith(word)
    assert len(placeholder) == len(word) + 6
    assert vault.restore(redacted) == answer


def test_a_title_has_the_meaning_of_its_language() -> None:
    mixed = "Wil je deze brief voor mij nakijken en verbeteren?\n\n" + ENGLISH
    vault, redacted = hinted(mixed.replace("{}", "Mr. Okkema"), "Okkema")
    assert "[PERSON_HE_" in redacted
    assert "MEESTER" not in redacted
    assert vault.restore(redacted) == mixed.replace("{}", "Mr. Okkema")


def test_only_hints_of_the_policy_are_given() -> None:
    answer = DUTCH.replace("{}", "mevrouw dr. Okkema")
    ids = {
        hints: hinted(answer, "Okkema", hints)[1].partition("[")[2].partition("]")[0]
        for hints in (Hints(), Hints(gender=True), Hints(title=True), BOTH)
    }
    plain = ids[Hints()].removeprefix("PERSON_")
    assert ids == {
        Hints(): f"PERSON_{plain}",
        Hints(gender=True): f"PERSON_SHE_{plain}",
        Hints(title=True): f"PERSON_DOCTOR_{plain}",
        BOTH: f"PERSON_SHE_DOCTOR_{plain}",
    }


def test_known_hints_do_not_change() -> None:
    text = "Okkema belt. Mevrouw Okkema belt. Okkema belt."
    vault = Vault(KEY, Scope("t", "k", "u", "c"), hints=BOTH)
    places = [(0, 6, "PERSON"), (21, 27, "PERSON"), (34, 40, "PERSON")]
    redacted = vault.redact(text, places)
    words = [part.partition("]")[0][:-6] for part in redacted.split("[")[1:]]
    assert words == ["PERSON_", "PERSON_SHE_", "PERSON_SHE_"]
    assert vault.restore(redacted) == text


SHAPES = [
    "[PERSON_{}]",
    "[person_{}]",
    r"[PERSON\_{}]",
    "[PERSON {}]",
    "[ PERSON-{} ]",
    "(PERSON_{})",
    "{{PERSON_{}}}",
    "<PERSON_{}>",
    "&lt;PERSON_{}&gt;",
    "[PERSOON_{}]",
    "PERSON_{}",
    "[**PERSON_{}**]",
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("as_json", [False, True])
def test_shapes_of_models_are_restored_for_any_chunks(shape: str, as_json: bool) -> None:
    vault, redacted = hinted("mevrouw dr. Okkema", "Okkema")
    id_ = redacted.partition("DOCTOR_")[2].rstrip("]")
    for joined in ("SHE_DOCTOR_", "SHE_", "HE_", "DOCTOR_", "she_doctor_", "SHE DOCTOR "):
        text = "Dag " + shape.replace("{}", joined + id_) + ", tot zo"
        source = text.replace("\\", "\\\\") if as_json else text
        for cut in range(1, len(source)):
            restorer = vault.restorer(json=as_json)
            out = restorer.feed(source[:cut]) + restorer.feed(source[cut:]) + restorer.finish()
            assert out == "Dag Okkema, tot zo", (text, cut)


def test_no_id_is_taken_for_a_hint() -> None:
    for word in (*GENDERS, *TITLES):
        assert not set(word.lower()) <= set(ALPHABET)
    hints = [("", *GENDERS), ("", *TITLES)]
    for gender, title in itertools.product(*hints):
        for id_ in ("drs234", "hbcd23", "dr2345", "k7f3qz", "mmst23rrrrrrrrrr"):
            for letters in (id_, id_.replace("s", "b")):
                written = "_".join(filter(None, ("PERSON", gender, title, letters)))
                if set(letters) <= set(ALPHABET):
                    assert parse(f"[{written}]") == ("PERSON", letters)


def test_a_typed_placeholder_with_hints_is_data() -> None:
    vault, redacted = hinted("mevrouw dr. Okkema", "Okkema")
    typed = redacted.partition(". ")[2]
    text = f"wie is {typed}?"
    assert "[TEXT_" in vault.redact(text, spans_of(text, []))


def test_the_policy_sets_hints() -> None:
    document = {"version": 1, "types": {}, "answers": "keep", "hints": {"gender": True}}
    assert RedactionPolicy.of(document).hints == Hints(gender=True)
    assert RedactionPolicy.of({"version": 1, "types": {}, "answers": "keep"}).hints == Hints()
    with pytest.raises(ValueError, match="`age`"):
        RedactionPolicy.of({**document, "hints": {"age": True}})
