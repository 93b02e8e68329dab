"""A rule that fails costs one text: it is unread, and never read as clean."""

import logging
import random

import pytest

from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level
from gateway.privacy import AnswerMask, Detector, Scope, Vault, level_of, spans_of
from gateway.privacy.redact.vault import UNREAD_TEXT
from tests.support.detector import DETECTOR, redacted_values
from tests.support.effort import examples
from tests.support.faulty_rule import FAULTY, RULE, faulty_detector
from tests.support.levels import LEVELS

# Fragments that trigger rules: glued at random they make the odd texts that no one thinks of.
_TRIGGERS = r"""
(at) [at] {at} (dot) [dot] dot punt at apenstaartje @ . , ; : - _ / \ | " ' ( ) [ ] { } < > = + *
# % & ! ? jan Jan de Vries van der mr. mevrouw dhr. bsn BSN 111222333 123456782 iban
NL91ABNA0417164300 06-41234567 +31 0031 020 postcode 1234AB 12 Kerkstraat straat geboren op
03-02-1980 3 februari jaar hiv FNV wachtwoord api_key password: token AKIA eyJ http://
https://x.nl/ ?q= 10.0.0.1 ::1 AB-123-C paspoort een twee drie nul triple one oh INSERT INTO VALUES
naam: naam;geb <vn> </vn> &#64; %40 é İ ß gmail.com gmail nl
"""
FRAGMENTS = _TRIGGERS.split()


@pytest.fixture(scope="module")
def faulty() -> Detector:
    return faulty_detector()


def glued(seed: int) -> str:
    chosen = random.Random(seed)
    glue = chosen.choice(["", " ", "\n", None])
    return "".join(
        chosen.choice(FRAGMENTS) + (chosen.choice(["", " ", "\n"]) if glue is None else glue)
        for _ in range(chosen.randint(1, 25))
    )


def test_no_rule_fails_on_any_mixture_of_fragments() -> None:
    for seed in range(examples(5_000)):
        text = glued(seed)
        assert all(one.kind is not FindingKind.UNREAD for one in DETECTOR.scan(text)), text


@pytest.mark.parametrize(
    "text",
    [
        "jan.devries(at)gmail(dot)com",
        "Contact: jan(at)gmail.com",
        "Mail sjoerd[at]hoekstra[dot]nl of bel",
        "jan (at) gmail (dot) com",
        "jan at gmail dot com of bel",
    ],
)
def test_a_word_for_the_sign_is_found_with_and_without_blanks(text: str) -> None:
    assert [type_ for type_, _ in redacted_values(text)] == ["EMAIL"]


def test_a_text_on_which_a_rule_fails_is_unread(
    faulty: Detector, caplog: pytest.LogCaptureFixture
) -> None:
    text = f"De {FAULTY} van Jan de Vries, bsn 111222333"
    before = faulty.faults[RULE]
    with caplog.at_level(logging.CRITICAL):
        found = faulty.scan(text)
    assert found == (Finding(FindingKind.UNREAD, "UNREAD", 0, len(text), 1.0, f"fault:{RULE}"),)
    assert level_of(found, LEVELS).level is Level.RESTRICTED
    assert faulty.faults[RULE] == before + 1
    if before == 0:
        assert [one.message for one in caplog.records] == ["detector:rule:fault"]
    assert "111222333" not in caplog.text
    assert [one.type for one in faulty.scan("Het bsn is 111222333.")] == ["BSN"]


def test_a_fault_in_a_decoded_part_counts_for_the_whole_text(faulty: Detector) -> None:
    found = faulty.scan(f"De {FAULTY[:3]}&#{ord(FAULTY[3])};{FAULTY[4:]} van Jan")
    assert [one.kind for one in found] == [FindingKind.UNREAD]


def test_nothing_of_an_unread_text_is_stored_or_sent_redacted(faulty: Detector) -> None:
    text = f"De {FAULTY} van Jan de Vries, bsn 111222333"
    found = faulty.scan(text)
    vault = Vault(b"s" * 32, Scope("t", "k", "u", "c"))
    assert vault.redact(text, spans_of(text, found)) == "[SECRET]"
    assert vault.taken() == []
    assert vault.redact_answer(text, found, shaped=False) == UNREAD_TEXT


def test_a_mask_releases_nothing_of_an_unread_part_of_an_answer(faulty: Detector) -> None:
    mask = AnswerMask(faulty.scan, lambda _: False)
    mask.add(f"De {FAULTY} van Jan de Vries, bsn 111222333")
    assert mask.finish() == UNREAD_TEXT
    assert mask.masked == 1
