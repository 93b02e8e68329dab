"""The organisation's lists: what they match, what they exempt, and what they never change."""

import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.protocol import Entity
from gateway.core.finding import PERSONAL_TYPES, Finding, FindingKind
from gateway.core.snapshot import TermLists
from gateway.privacy import ALLOWABLE, Terms, canonical, compiled
from gateway.privacy.custom_terms import DENIED, TermMatches
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, is_word
from tests.support.detector import DETECTOR

_PIECES = st.sampled_from([
    "a",
    "B",
    "ab",
    "bA",
    "de",
    "ß",
    "SS",
    "é",
    "e\u0301",
    "ﬁ",
    "fi",
    "İ",
    "…",
    ".",
    "-",
    "'",
    "_",
    "1",
    "٣",
    "Α",
    "А",
    "\u200b",
    "\u00ad",
    "\ufe0f",
    " ",
    "  ",
    "\n",
    "\t\r\n",
    "\u00a0",
    "\u2028",
    "𝐚",
    "，",
])
_TEXTS = st.lists(_PIECES, max_size=24).map("".join)
_TERMS = st.lists(_PIECES, min_size=1, max_size=5).map("".join)


def lists(*deny: str, allow: tuple[str, ...] = (), type_: str = "PERSON") -> Terms:
    return Terms(TermLists(deny=dict.fromkeys(deny, type_), allow=list(allow)))


def found(text: str, terms: Terms | None, named: tuple[Entity, ...] = ()) -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in DETECTOR.scan(text, named, terms)]


def shape(text: str) -> list[tuple[str, int]]:
    """The slow way to fold: each character with its place in the view, runs of space as one."""
    folded: list[tuple[str, int]] = []
    for at, character in enumerate(NormalizedText(text).text):
        for one in canonical(character) or (" " if character.isspace() else ""):
            if not one.isspace():
                folded.append((one, at))
            elif folded and folded[-1][0] != " ":
                folded.append((" ", at))
    while folded and folded[-1][0] == " ":
        folded.pop()
    return folded


def covered(text: str, terms: list[str]) -> set[int]:
    """What a search that knows no automaton covers, as places in the view."""
    folded = shape(text)
    whole = "".join(one for one, _ in folded)
    places: set[int] = set()
    for term in filter(None, map(canonical, terms)):
        for at in range(len(whole)):
            end = at + len(term)
            if whole[at:end] != term:
                continue
            left = at and is_word(whole[at - 1]) and is_word(whole[at])
            right = end < len(whole) and is_word(whole[end]) and is_word(whole[end - 1])
            if not left and not right:
                places |= set(range(folded[at][1], folded[end - 1][1] + 1))
    return places


@given(_TEXTS, st.lists(_TERMS, min_size=1, max_size=5))
def test_matching_is_what_a_naive_search_finds(text: str, terms: list[str]) -> None:
    places = lists(*terms).find(NormalizedText(text))
    hits = places.with_denied([]) if places else []
    assert {at for hit in hits for at in range(hit.start, hit.end)} == covered(text, terms)
    assert all(one.end <= other.start for one, other in pairwise(hits))


@pytest.mark.parametrize(
    "text",
    [
        "Acme Holding",
        "ACME\n   holding",
        "Ac\u200bme\u00a0Hol\u00adding",
        "Аcmе Hоlding",
        "acme\tholding.",
        "\uff21cme Holding",
        "(Acme Holding)",
        "Acme-Holding".replace("-", " "),
        "𝐀cme Holding",
    ],
)
def test_all_spellings_of_a_term_match(text: str) -> None:
    before = f"Wij schreven {text}"
    assert [type_ for type_, _ in found(before, lists("Acme  Holding"))] == ["PERSON"]


@pytest.mark.parametrize("text", ["Acmes", "Acme2", "xAcme", "Acme_1", "Acmé", "Ac me"])
def test_parts_of_words_do_not_match(text: str) -> None:
    assert found(f"Over {text} gesproken", lists("Acme")) == []


def test_a_denied_term_has_its_type_and_is_found_in_encoded_parts() -> None:
    assert found("op Vak Noord-7b", lists("VAK NOORD-7B", type_="CITY")) == [
        ("CITY", "Vak Noord-7b")
    ]
    hidden = "UHJvamVjdCBLcmFhbnZvZ2VsIGxvb3B0IHByaW1h"  # Project Kraanvogel loopt prima
    assert [t for t, _ in found(f"zie {hidden}", lists("Project Kraanvogel"))] == ["PERSON"]


def test_an_allowed_name_does_not_propagate() -> None:
    text = "De heer De Vries Bouw BV leverde. Anna de Vries tekende."
    assert ("PERSON", "De Vries") in found("Geachte heer De Vries,", None)
    terms = lists(allow=("de vries bouw bv",))
    assert all("Bouw" not in value for _, value in found(text, terms))
    assert ("PERSON", "Anna de Vries") in found(
        text, terms, (Entity(text.index("Anna"), text.index(" tekende"), "PERSON", 0.99),)
    )


def test_allowed_terms_also_exempt_entities() -> None:
    text = "Vandaag ging Sluis open"
    named = (Entity(13, 18, "CITY", 0.97),)
    assert found(text, None, named) == [("CITY", "Sluis")]
    assert found(text, lists(allow=("SLUIS",)), named) == []


def test_a_part_does_not_exempt_a_longer_finding() -> None:
    named = (Entity(0, 10, "PERSON", 0.97),)
    assert found("Piet Sluis", lists(allow=("Sluis",)), named) == [("PERSON", "Piet Sluis")]


@pytest.mark.parametrize(
    "text",
    [
        "bsn 111222333",
        "NL91ABNA0417164300",
        "4111 1111 1111 1111",
        "AKIAIOSFODNN7EXAMPLE",
        "STRIKT VERTROUWELIJK",
        "geboren op 3 april 1987",
    ],
)
def test_secrets_checksummed_numbers_and_labels_are_never_exempt(text: str) -> None:
    assert found(text, None)
    assert found(text, lists(allow=(text, text.rsplit(maxsplit=1)[-1]))) == found(text, None)


_HITS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(1, 8),
        st.sampled_from([*PERSONAL_TYPES, "SECRET", "HEALTH"]),
    ),
    max_size=8,
)


def apart(drawn: list[tuple[int, int, str]]) -> list[RuleMatch]:
    hits: list[RuleMatch] = []
    kinds = {"SECRET": FindingKind.SECRET, "HEALTH": FindingKind.TOPIC}
    for start, size, type_ in sorted(drawn):
        if not hits or start >= hits[-1].end:
            kind = kinds.get(type_, FindingKind.PERSONAL)
            hits.append(RuleMatch(type_, start, start + size, "rule:x", kind=kind))
    return hits


@given(_HITS, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=5))
def test_allowing_never_removes_a_protected_type(
    drawn: list[tuple[int, int, str]], allowed: list[tuple[int, int]]
) -> None:
    hits = apart(drawn)
    left = TermMatches([], [(start, start + size) for start, size in allowed]).with_denied(hits)
    assert [hit for hit in hits if hit.type not in ALLOWABLE] == [
        hit for hit in left if hit.type not in ALLOWABLE
    ]
    within = [hit for hit in hits if any(a <= hit.start and hit.end <= a + n for a, n in allowed)]
    assert {hit for hit in hits if hit not in left} == {h for h in within if h.type in ALLOWABLE}


@given(_HITS, _HITS)
def test_denying_covers_the_terms_and_loses_nothing(
    drawn: list[tuple[int, int, str]], terms: list[tuple[int, int, str]]
) -> None:
    hits = apart(drawn)
    denied = [hit for hit in apart(terms) if hit.kind is FindingKind.PERSONAL]
    out = TermMatches(denied, []).with_denied(hits)
    taken = [hit for hit in out if hit.kind is not FindingKind.TOPIC]
    reached = {at for hit in taken for at in range(hit.start, hit.end)}
    asked = [hit for hit in (*hits, *denied) if hit.kind is not FindingKind.TOPIC]
    assert reached == {at for hit in asked for at in range(hit.start, hit.end)}
    assert sum(hit.end - hit.start for hit in taken) == len(reached)  # none over another
    assert {(hit.kind, hit.type) for hit in hits} <= {(hit.kind, hit.type) for hit in out}
    assert [hit.start for hit in out] == sorted(hit.start for hit in out)


def test_a_denied_term_hides_no_label_and_no_number() -> None:
    text = "STRIKT VERTROUWELIJK\nDossier Oost 111222333 (bsn)"
    terms = lists("Strikt vertrouwelijk dossier Oost 111222333")
    kinds = {type_ for type_, _ in found(text, terms)}
    assert kinds == {"LABEL_RESTRICTED", "BSN", "PERSON"}


def test_a_denied_term_hides_no_label_beside_something_encoded() -> None:
    text = "STRIKT VERTROUWELIJK\nDossier Oost: a%40example.nl en mail=jan%40example.nl"
    terms = lists("Strikt vertrouwelijk dossier Oost")
    assert "EMAIL" in {type_ for type_, _ in found(text, terms)}
    assert "LABEL_RESTRICTED" in {type_ for type_, _ in found(text, terms)}


def test_denied_wins_over_allowed() -> None:
    terms = Terms(TermLists(deny={"Sluis": "CITY"}, allow=["sluis"]))
    assert [(f.type, f.detector) for f in DETECTOR.scan("in Sluis.", (), terms)] == [
        ("CITY", DENIED)
    ]


def test_lists_that_did_not_change_are_not_compiled_again() -> None:
    first = compiled(TermLists(deny={"Acme": "PERSON"}))
    assert compiled(TermLists(deny={"Acme": "PERSON"}), first) is first
    changed = compiled(TermLists(deny={"Acme": "CITY"}), first)
    assert changed is not None
    assert first is not None
    assert changed.digest != first.digest
    assert compiled(TermLists(), first) is None


@given(_TEXTS)
def test_terms_that_do_not_occur_change_nothing(text: str) -> None:
    absent: tuple[Finding, ...] = DETECTOR.scan(text, (), lists("zzzz qqqq", allow=("yyyy",)))
    assert absent == DETECTOR.scan(text)


@given(st.text(max_size=20))
def test_the_canonical_form_is_stable(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == canonical(canonical(once))
    assert not any(map(str.isspace, once.replace(" ", "")))


@pytest.mark.parametrize("unit", ["acme ", "acme  \n", "acme ß… ", "x ß… acme acme\u200b "])
def test_matching_is_linear(unit: str) -> None:
    terms = lists("acme", "acme acme", allow=("acme ss",))

    def steps(number: int) -> int:
        view = NormalizedText(unit * number)
        count = 0

        def trace(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(trace)
        try:
            places = terms.find(view)
            assert places is not None
            places.with_denied([])
        finally:
            sys.setprofile(None)
        return count

    assert steps(800) < 2.5 * steps(400)
