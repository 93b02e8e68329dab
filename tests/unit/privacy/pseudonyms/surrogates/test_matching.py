"""Surrogates in answers are restored as whole words, for any chunks, where they cannot leave."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.decisions import ContentRules
from gateway.privacy import AnswerMask, spans_of
from tests.support.detector import DETECTOR
from tests.support.effort import examples
from tests.support.exfiltration import attempts
from tests.support.streams import FilteredAnswer, streamed
from tests.support.surrogates import (
    in_pieces,
    replaced,
    vault_of,
)


def test_parts_and_inflected_forms_are_restored() -> None:
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    first, _, last = redacted.split()
    answer = (
        f"{first}s brief, {first}'s brief, {last.upper()}, mevrouw {last}, de {last}-zaak, "
        f"**{first}**, _{first}_"
    )
    back = "Jans brief, Jan's brief, VRIES, mevrouw Vries, de Vries-zaak, **Jan**, _Jan_"
    assert vault.restore(answer) == back
    for size in (1, 2, 3):
        assert in_pieces(vault.restorer(), answer, [size] * len(answer)) == back


def test_only_whole_words_are_restored() -> None:
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    first, _, last = redacted.split()
    for text in (
        f"x{first}",
        f"{first}x",
        f"{last}sen",
        f"9{last}",
        f"{first}ss",
        f"é{first}",
        f"{first}9",
    ):
        assert vault.restore(text) == text
        assert in_pieces(vault.restorer(), text, [1] * len(text)) == text


def test_escapes_of_json_end_a_word() -> None:
    vault, redacted = replaced("Jan", ("PERSON", "Jan"))
    source = json.dumps({"a": f'x\n{redacted}\tb "{redacted}" \u00e9{redacted}'})
    for sizes in ([], [1] * len(source), [3] * len(source)):
        back = json.loads(in_pieces(vault.restorer(json=True), source, sizes))
        assert back == {"a": f'x\nJan\tb "Jan" \u00e9{redacted}'}


def test_nothing_is_restored_where_it_could_leave() -> None:
    text = "Kwijt kwijt@vries.nl 06-21345678"
    vault, redacted = replaced(
        text, ("PERSON", "Kwijt"), ("EMAIL", "kwijt@vries.nl"), ("PHONE", "06-21345678")
    )
    restorers, in_arguments = 0, set(attempts(arguments=True))
    for surrogate, value in zip(redacted.split(), text.split(), strict=True):
        assert surrogate != value
        for attempt in attempts():
            answer = attempt.replace("{}", surrogate)
            assert value not in vault.restore(answer), answer
            restorers += 1
            if restorers % 20 == 0:
                assert value not in in_pieces(vault.restorer(), answer, [1] * len(answer))
                if attempt in in_arguments:
                    source = json.dumps({"a": answer})
                    got = in_pieces(vault.restorer(json=True), source, [2] * len(source))
                    assert value not in got


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_fewer_than_64_characters_are_held_and_cuts_do_not_count(data: st.DataObject) -> None:
    text = "J.P. van den Berg Kerkstraat 12 jan@vries.nl +31 6 2134 5678 NL91 ABNA 0417 1643 00"
    vault, redacted = replaced(
        text,
        ("PERSON", "J.P. van den Berg"),
        ("STREET_ADDRESS", "Kerkstraat 12"),
        ("EMAIL", "jan@vries.nl"),
        ("PHONE", "+31 6 2134 5678"),
        ("IBAN", "NL91 ABNA 0417 1643 00"),
    )
    pieces = [
        redacted,
        *(redacted[a : a + 30] for a in range(0, len(redacted), 13)),
        "[PERSON_",
        "[ **STREET_ADDRESS : bcd234",
        "[STREET_ADDRESS_bcd234bcd234 ",
        "`",
        "`naam ",
        " ",
        "@",
        ".",
        "a" * 30,
        "x-" * 20,
        "\\",
        "[",
        "\n",
    ]
    answer = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=8)))
    sizes = data.draw(st.lists(st.integers(1, 40), max_size=30))
    for as_json in (False, True):
        one = in_pieces(vault.restorer(json=as_json), answer, [1] * len(answer))
        assert in_pieces(vault.restorer(json=as_json), answer, sizes) == one
        assert in_pieces(vault.restorer(json=as_json), answer, []) == one


def test_a_stored_answer_has_its_surrogates() -> None:
    detector = DETECTOR
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    answer = f"Beste {redacted}, mail klaas@bakker.nl. Ook Jan de Vries."
    kept = vault.redact_answer(answer, detector.scan(answer), shaped=False)
    assert re.fullmatch(rf"Beste {redacted}, mail \[EMAIL_\w+\]\. Ook {redacted}\.", kept)


def test_masking_leaves_surrogates_for_the_restorer() -> None:
    detector = DETECTOR
    text = "Ik ben Jan de Vries, bel 06-21345678 of mail jan@vries.nl."
    vault = vault_of(text)
    redacted = vault.redact(text, spans_of(text, detector.scan(text)))
    answer = f"{redacted} Of mail klaas@bakker.nl."
    rules = ContentRules("version: 1\nrules: []\n")
    for size in (1, 7, 500):
        inspector = FilteredAnswer(
            rules, vault, lambda: AnswerMask(detector.scan, lambda _: False, vault.surrogates_in)
        )
        cut = [answer[at : at + size] for at in range(0, len(answer), size)]
        assert streamed(inspector, [{"content": cut}]) == [{"content": f"{text} Of mail [EMAIL]."}]


def test_a_whole_answer_without_placeholders_is_restored() -> None:
    vault, redacted = replaced("Jan de Vries", ("PERSON", "Jan de Vries"))
    inspector = FilteredAnswer(ContentRules("version: 1\nrules: []\n"), vault, None)
    answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": redacted}}]}
    assert inspector.whole(answer)["choices"][0]["message"]["content"] == "Jan de Vries"
