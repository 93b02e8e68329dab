"""No name of a hidden person remains in a document, and nothing else of it changes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.governance.pseudonyms.person_mask import KnownPerson, PersonMask

NAMES = ("Ada Zwart", "ada@example.nl", "Jürgen Groß", "İnci Şahin", "pjansen")
PEOPLE = [KnownPerson(f"p_{number}", (name,)) for number, name in enumerate(NAMES)]
MASK = PersonMask(PEOPLE)


@given(
    name=st.sampled_from(range(len(NAMES))),
    before=st.sampled_from(["", "key of ", "(", "x: ", "ß "]),
    after=st.sampled_from(["", " left", ").", ", İ"]),
    turned=st.sampled_from([str, str.upper, str.lower, str.title]),
)
def test_a_name_goes_wherever_it_stands(
    name: int, before: str, after: str, turned: Callable[[str], str]
) -> None:
    written = turned(NAMES[name])
    if len(written) == len(NAMES[name]) or "ß" in NAMES[name]:  # a dotted capital I has two forms
        assert MASK.text(f"{before}{written}{after}") == f"{before}p_{name}{after}"


def test_members_and_lists_are_masked_and_words_of_the_api_stay() -> None:
    mask = PersonMask([*PEOPLE, KnownPerson("p_9", ("auditor",)), KnownPerson("p_8", ("state",))])
    document = {
        "roles": ["auditor"],
        "state": "auditor",
        "owner": "auditor",
        "Ada Zwart": [{"owners": ["ada@example.nl", "somebody else"]}],
        "count": 3,
    }
    assert mask.document(document) == {
        "roles": ["auditor"],
        "state": "auditor",
        "owner": "p_9",
        "p_0": [{"owners": ["p_1", "somebody else"]}],
        "count": 3,
    }


@pytest.mark.parametrize("text", ["pjansens", "xada@example.nl", "Ada Zwarts", "ada_zwart"])
def test_a_part_of_a_longer_word_stays(text: str) -> None:
    assert MASK.text(text) == text


@given(st.text())
def test_without_names_nothing_changes(text: str) -> None:
    assert PersonMask([]).text(text) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [("zwart", True), ("ada", True), ("exampl", True), ("ex", False), ("war", False)],
)
def test_a_search_for_a_word_of_a_name_is_known(text: str, *, named: bool) -> None:
    assert MASK.is_part_of_a_name(text) is named
