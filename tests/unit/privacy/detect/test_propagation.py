"""Names of one text of a request are found in its other texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.protocol import Entity
from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.snapshot import TermLists, bundle_digest
from gateway.governance.policies.bundle import read_bundle
from gateway.privacy import Detector, Terms
from gateway.privacy.detect.propagation import names_of, with_names
from gateway.request.scanner import Scanner

_MAIL = "Van: Wendelien Haverkort <w.haverkort@firma.example>\nKun jij dit oppakken?"


def _policy(lists: TermLists | None = None) -> CompiledPolicy:
    files = read_bundle()
    terms = Terms(lists) if lists else None
    return compile_policy(files, digest=bundle_digest(files), terms=terms)


async def _found(
    detector: Detector, *texts: str, lists: TermLists | None = None
) -> list[list[str]]:
    """What is found as a person in each text of one request."""
    scanner = Scanner(detector, None, key=b"k" * 32, capacity=100, person_key=lambda *_: None)
    looked = await scanner.scan_all(texts, _policy(lists))
    return [
        [text[f.start : f.end] for f in looked.scans[text].findings if f.type == "PERSON"]
        for text in texts
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Gaat Haverkort akkoord met de offerte?", ["Haverkort"]),
        ("wacht nog even op haverkort en stuur het dan", ["haverkort"]),
        ("Dit is HAVERKORTs voorstel.", []),  # a word of its own, or nothing
        ("De haverkortweg is dicht.", []),
        ("De vergadering is verzet.", []),
    ],
)
async def test_a_surname_alone(detector: Detector, text: str, found: list[str]) -> None:
    assert (await _found(detector, _MAIL, text))[1] == found


async def test_the_surname_alone_is_not_found(detector: Detector) -> None:
    assert await _found(detector, "Gaat Haverkort akkoord met de offerte?") == [[]]


@pytest.mark.parametrize(
    "text", ["Bakker en slager sluiten om zes uur.", "De bakker sluit om zes uur."]
)
async def test_a_surname_that_is_also_a_word(detector: Detector, text: str) -> None:
    system = "Je helpt mevrouw Wendelien Bakker met haar administratie."
    assert (await _found(detector, system, text))[1] == []
    assert (await _found(detector, system, "Vraag het Bakker even."))[1] == ["Bakker"]


async def test_allowed_terms_stay(detector: Detector) -> None:
    text = "Gaat Haverkort akkoord?"
    found = await _found(detector, _MAIL, text, lists=TermLists(allow=["haverkort"]))
    assert found[1] == []


async def test_another_request_does_not_know_the_names(detector: Detector) -> None:
    scanner = Scanner(detector, None, key=b"k" * 32, capacity=100, person_key=lambda *_: None)
    policy, text = _policy(), "Gaat Haverkort akkoord?"
    with_mail = await scanner.scan_all([_MAIL, text], policy)
    without = await scanner.scan_all(["Goedemorgen", text], policy)
    again = await scanner.scan_all([text, _MAIL, "Dank!"], policy)
    assert with_mail.scans[text].spans == again.scans[text].spans != ()
    assert without.scans[text].findings == ()


@given(
    st.lists(
        st.sampled_from((_MAIL, "Gaat Haverkort akkoord?", "Groet,\nRinske Oudshoorn")), min_size=1
    )
)
def test_order_and_repetition_do_not_matter(detector: Detector, texts: list[str]) -> None:
    pairs = [(text, detector.scan(text)) for text in texts]
    names, turned = names_of(pairs), names_of(reversed(pairs + pairs))
    assert names == turned
    if not names:
        return
    for text, findings in pairs:
        once = with_names(text, findings, names)
        assert with_names(text, once, names) == once
        assert set(findings) <= set(once)


def test_a_part_that_the_classifier_found_does_not_hide_the_rest(detector: Detector) -> None:
    text = "Beste Sanne Zwirtelbach, bel even. Ik zag sanne zwirtelbach al vaker."
    part = Entity(text.index("sanne"), text.index("sanne") + 5, "PERSON", 0.95)
    found = detector.scan(text, [part])
    assert [text[f.start : f.end] for f in found] == ["Sanne Zwirtelbach", "sanne zwirtelbach"]


def test_a_part_that_another_text_holds_does_not_hide_the_rest(detector: Detector) -> None:
    mail, chat = "Beste Sanne Zwirtelbach, bel even.", "ik zag sanne zwirtelbach al vaker"
    found = detector.scan(chat, [Entity(7, 12, "PERSON", 0.95)])
    names = names_of([(mail, detector.scan(mail)), (chat, found)])
    assert names is not None
    assert [chat[f.start : f.end] for f in with_names(chat, found, names)] == [
        "sanne",
        "zwirtelbach",
    ]
