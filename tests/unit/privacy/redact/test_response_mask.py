"""New personal data in answers is masked the same for any chunks."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.decisions import ContentRules
from gateway.privacy import AnswerMask, RedactionPolicy, Scope, Vault, spans_of
from gateway.request.output_filter import LONGEST_HELD
from tests.support.detector import DETECTOR
from tests.support.effort import examples, some
from tests.support.streams import FilteredAnswer, streamed

NO_RULES = ContentRules("rules: []")
FILLER = "De sluis ligt in het kanaal en de boten wachten op hun beurt, zoals iedere dag. "
VALUES = [
    "jan.devries@example.nl",
    "06-21345678",
    "NL91 ABNA 0417 1643 00",
    "+31 6 12 34 56 78",
    "4111 1111 1111 1111",
    "AKIAIOSFODNN7EXAMPLE",
    "111222333",
]


def masked(text: str, cuts: list[int], sent: str = "") -> str:
    inspector = FilteredAnswer(
        NO_RULES, None, lambda: AnswerMask(DETECTOR.scan, lambda value: value in sent)
    )
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(places)]
    return streamed(inspector, [{"content": pieces}])[0].get("content", "")


texts = st.lists(
    st.one_of(st.sampled_from(VALUES), st.just(FILLER), st.text(max_size=30), st.just("bel ")),
    max_size=12,
).map(" ".join)


@settings(max_examples=examples(80), deadline=None)
@given(texts, st.data())
def test_any_chunks_give_the_same_result(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    assert masked(text, cuts) == masked(text, [])


@pytest.mark.parametrize("value", VALUES[:-1])
def test_a_value_is_masked_at_any_place_and_cut(value: str) -> None:
    for lead in some(range(0, 2 * LONGEST_HELD, 17)):
        text = (FILLER * 5)[:lead] + " Bel of mail: " + value + " voor meer. " + FILLER
        for cut in range(len(text)):
            assert value not in masked(text, [cut]), (lead, cut)


def test_values_of_the_request_are_not_masked() -> None:
    assert VALUES[0] in masked(f"Mail {VALUES[0]}.", [], sent=f"mijn adres is {VALUES[0]}")


def test_placeholders_are_left_for_the_restorer() -> None:
    text = (
        "Beste [PERSON_k7f3qz], dhr. [PERSON_b2b3qz] woont op [STREET_ADDRESS_k7f3qz]. Tel "
        "06-21345678"
    )
    assert masked(text, []) == text.replace("06-21345678", "[PHONE]")


MODES = {"EMAIL": "mask", "PHONE": "hash", "IBAN": "drop", "BSN": "keep"}


def test_each_type_is_redacted_by_policy() -> None:
    modes = RedactionPolicy.of({"version": 1, "types": MODES, "answers": "keep"})
    vault = Vault(b"k" * 32, Scope("t", "k", "u", "c"), modes.types)
    text = (
        "Ik ben Jan de Vries, jan.devries@example.nl, tel 06-21345678, NL91ABNA0417164300, bsn "
        "111222333."
    )
    redacted = vault.redact(text, spans_of(text, DETECTOR.scan(text)))
    shape = r"Ik ben \[PERSON_\w+\], \[EMAIL\], tel \[PHONE:\w+\], , bsn 111222333\."
    assert re.fullmatch(shape, redacted)
    assert vault.count == 4
    assert vault.restore(redacted).startswith("Ik ben Jan de Vries, [EMAIL], tel [PHONE:")


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"version": 1, "types": {"SECRET": "keep"}, "answers": "keep"}, "'SECRET'"),
        ({"version": 1, "types": {"PERSON": "invent"}, "answers": "keep"}, "'invent'"),
        ({"version": 1, "types": {}, "answers": "sometimes"}, "'sometimes'"),
        ({"version": 2, "types": {}, "answers": "keep"}, "version must be 1"),
    ],
)
def test_an_invalid_table_is_refused(document: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RedactionPolicy.of(document)
