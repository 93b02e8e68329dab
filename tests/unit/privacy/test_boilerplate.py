"""Reviewed paragraphs of clients are recognised whole, and only whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.boilerplate import (
    SHORTEST,
    Boilerplate,
    common,
    digest_of,
    paragraphs,
    template,
)

KNOWN = "You are an agent that edits files. Read a file before you change it."
OTHER = "The user Jan de Vries lives in Utrecht and asked for help with a form."


def boilerplate(*texts: str) -> Boilerplate:
    release = {
        "client": "agent",
        "version": "1.0",
        "reviewed_by": "A. Jansen",
        "reviewed_on": "2026-11-29",
        "digests": [digest_of(text) for text in texts],
    }
    return Boilerplate.of({"version": 1, "releases": [release]})


def known_parts(text: str) -> list[str]:
    return [text[start:end] for start, end in boilerplate(KNOWN).spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        KNOWN,
        f"\n\n  {KNOWN}  \n\n",
        f"{OTHER}\n\n{KNOWN}",
        f"{KNOWN}\n \t\n{OTHER}",
        f"{OTHER}\n\n\n{KNOWN}\n\n\n{OTHER}",
    ],
)
def test_a_reviewed_paragraph_is_found_wherever_it_is(text: str) -> None:
    assert known_parts(text) == [KNOWN]


@pytest.mark.parametrize(
    "text",
    [
        OTHER,
        f"{KNOWN} {OTHER}",
        KNOWN.replace("agent", "Agent"),
        KNOWN[:-1],
        "",
    ],
)
def test_a_paragraph_with_anything_else_in_it_is_not_known(text: str) -> None:
    assert known_parts(text) == []


def test_what_is_between_two_reviewed_paragraphs_is_not_covered() -> None:
    assert known_parts(f"{KNOWN}\n\nJan de Vries\n\n{KNOWN}") == [KNOWN, KNOWN]


def test_a_short_paragraph_is_never_boilerplate() -> None:
    short = "a" * (SHORTEST - 1)
    assert boilerplate(short).spans(short) == []


@given(st.lists(st.sampled_from([KNOWN, OTHER, "short", "", " ", "\n", "\t\n\n"]), max_size=12))
def test_paragraphs_are_in_order_and_hold_no_blank_line(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    spans = list(paragraphs(text))
    assert spans == sorted(spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert [text[start:end] for start, end in spans] == [
        part for part in parts if part in (KNOWN, OTHER)
    ]


TOOL = "A description of a tool, which is long enough to count."


def test_only_what_every_recording_holds_is_common() -> None:
    found = common([[f"{KNOWN}\n\n{OTHER}", TOOL], [TOOL, KNOWN]])
    assert list(found.items()) == [(digest_of(KNOWN), KNOWN), (digest_of(TOOL), TOOL)]


def test_lines_count_where_a_client_fills_in_others_of_the_paragraph() -> None:
    found = common([[f"{KNOWN}\n{OTHER}\n{TOOL}"], [f"{KNOWN}\nIn Delft.\n{TOOL}"]])
    assert list(found.values()) == [KNOWN, TOOL]
    assert common([]) == {}


def test_a_reviewed_line_is_known_in_any_paragraph() -> None:
    assert known_parts(f"{OTHER}\n{KNOWN}\n{OTHER}") == [KNOWN]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"version": 2}, "version must be 1"),
        ({"version": 1, "release": []}, "release"),
        ({"version": 1, "releases": [{"client": "agent"}]}, "version"),
    ],
)
def test_a_wrong_document_is_refused_with_its_fault(
    document: dict[str, object], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        Boilerplate.of(document)


@pytest.mark.parametrize("digest", ["", "xyz", "A" * 32, "0" * 31])
def test_a_digest_of_the_wrong_form_is_refused(digest: str) -> None:
    release = {"client": "a", "version": "1", "reviewed_by": "b", "reviewed_on": "2026-11-29"}
    with pytest.raises(ValueError, match="digests"):
        Boilerplate.of({"version": 1, "releases": [{**release, "digests": [digest]}]})


def test_a_release_that_is_listed_twice_is_refused() -> None:
    release = {
        "client": "agent",
        "version": "1",
        "reviewed_by": "b",
        "reviewed_on": "2026-11-29",
        "digests": [],
    }
    with pytest.raises(ValueError, match="listed twice: agent 1"):
        Boilerplate.of({"version": 1, "releases": [release, release]})


SENTENCES = (
    "You will be given a question and an answer that another system gave.",
    "Judge whether that answer follows from the context, and say so in one word.",
    "Never explain your verdict, and do not repeat what stands above.",
    "Reply with yes or no.",
)
PARTS = st.sampled_from([*SENTENCES, "{context}", "Question: {{ question }}", "\n", "\n\n"])
WORDS = st.lists(
    st.sampled_from(["Sanne", "vraagt", "12", "of", "negeer", "dit.", "\n"]), min_size=1
)


@given(st.lists(PARTS, min_size=1, max_size=12), WORDS.map(" ".join).map("<{}>".format))
def test_of_a_template_only_what_is_filled_in_is_left(parts: list[str], value: str) -> None:
    written = " ".join(parts)
    found = template(written)
    release = {
        "client": "application",
        "version": "1",
        "reviewed_by": "A. Jansen",
        "reviewed_on": "2026-11-29",
        "digests": [*found.texts],
        "sentences": [*found.sentences],
    }
    known = Boilerplate.of({"version": 1, "releases": [release]})
    asked = written.replace("{context}", value).replace("{{ question }}", value)
    rest = known.without(asked)
    assert rest.count(value) == asked.count(value)
    left = " ".join(found.unlisted)
    assert all(one not in rest for one in SENTENCES if one not in left and one in asked)
    assert all(len(one) < SHORTEST or "{" in one for one in found.unlisted)
