"""Documents in both languages: the same figures, no gap in the words, nothing made up."""

import re
from typing import Any

import msgspec
import pytest

from gateway.governance.reports.counts import Cases, Counts
from gateway.governance.reports.document import ReportDocument
from gateway.governance.reports.entry_aggregator import EntryAggregator
from gateway.governance.reports.facts import OpenCases, Period, digest_of, read
from gateway.governance.reports.kinds import KINDS, document_of
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.localizer import texts_of as table_of
from tests.support.reported import (
    SINCE,
    UNTIL,
    ZONE,
    NothingElsewhere,
    Rows,
    facts_of,
)

pytestmark = pytest.mark.unit
_HOLE = re.compile(r"{\w*}")


async def some() -> Counts:
    counting = EntryAggregator(
        SINCE, UNTIL, zone=ReportLocalizer("en", ZONE).zone, others=NothingElsewhere()
    )
    rows = Rows()
    for number in range(5):
        rows.answered(number, SINCE + number * 86_400_000)
    rows.answered(
        7,
        SINCE,
        team="care",
        purpose="files",
        zone="internal",
        deployment="house-chat",
        provider="house",
        redacted=0,
        model_digest="sha256:" + "4b" * 32,
    )
    rows.refused(9, SINCE, rules=["restricted.stays-inside"])
    rows.add(
        "control:proposal:approve",
        "",
        SINCE,
        {
            "principal": "u_1",
            "proposal": "p1",
            "kind": "terms",
            "one_person": True,
        },
    )
    for row in rows.rows:
        await counting.add(row)
    return counting.done()


def texts_of(document: ReportDocument) -> list[str]:
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(msgspec.to_builtins(document))
    return found


def cells(document: ReportDocument, table: str) -> list[tuple[Any, ...]]:
    return next(list(found.rows) for _, found in document.tables() if found.id == table)


def test_both_languages_have_the_same_words_and_holes() -> None:
    en, nl = table_of("en"), table_of("nl")
    assert en.texts.keys() == nl.texts.keys()
    for key, text in en.texts.items():
        assert sorted(_HOLE.findall(text)) == sorted(_HOLE.findall(nl.texts[key])), key
        assert text.strip()
        assert nl.texts[key].strip()
    months = (en.months, en.short_months, nl.months, nl.short_months)
    assert [len(names) for names in months] == [12, 12, 12, 12]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_says_the_same_in_both_languages(kind: str) -> None:
    facts = facts_of(await some(), kind)
    english, dutch = document_of(facts, "en"), document_of(facts, "nl")
    assert [one.id for one in english.sections] == [one.id for one in dutch.sections]
    for (_, one), (_, other) in zip(english.tables(), dutch.tables(), strict=True):
        assert [column.id for column in one.columns] == [column.id for column in other.columns]
        numbers = [[c for c in row if not isinstance(c, str)] for row in one.rows]
        assert numbers == [[c for c in row if not isinstance(c, str)] for row in other.rows]
    assert english.title != dutch.title
    for document in (english, dutch):
        assert not [text for text in texts_of(document) if _HOLE.search(text)]
        assert document.sections[-2].id == "detection"  # on every report
        assert len(cells(document, "detection")) > 3


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_period_and_an_empty_catalogue_make_a_report_too(kind: str) -> None:
    facts = facts_of(Counts(), kind, organisation={}, providers=[], use_cases=[], deployments=[])
    for language in ("en", "nl"):
        document = document_of(facts, language)
        assert document.sections
        assert document.organisation == ReportLocalizer(language, ZONE)("unknown_origin")


async def test_the_same_facts_come_back_from_their_bytes() -> None:
    facts = facts_of(await some())
    raw = facts.canonical()
    assert read(raw) == facts
    assert digest_of(read(raw).canonical()) == digest_of(raw)
    with pytest.raises(ValueError, match="format"):
        read(raw.replace(b"sluis-report-1", b"sluis-report-9"))


async def test_the_activity_report_has_each_figure_in_its_place() -> None:
    document = document_of(facts_of(await some()), "en")
    assert cells(document, "usage") == [
        ("care", "files", 1, 1, 0, 120, 30, 0.00025),
        ("support", "letters", 6, 5, 1, 600, 150, 0.00125),
    ]
    assert ("answered", "ok", 6, pytest.approx(600 / 7)) in cells(document, "outcomes")
    assert cells(document, "refused_by") == [("restricted.stays-inside", 1)]
    assert ("house-chat", "letters@production", "sha256:" + "4b" * 32, 1) in cells(
        document, "models"
    )
    (change,) = cells(document, "changes")
    assert change[1:] == (
        "proposal approved",
        "u_1",
        "kind terms; proposal p1; by one person alone",
    )
    chart = document.sections[0].charts[0]
    assert [one.name for one in chart.series] == [
        "own machines",
        "EU",
        "outside the EU",
        "not sent",
    ]
    assert len(chart.categories) == 30  # the whole period, days without requests too
    assert sum(sum(one.values) for one in chart.series) == 7


def pairs_of(document: ReportDocument, title: str) -> dict[str, str]:
    found = [card for section in document.sections for card in section.cards if card.title == title]
    return {pair.label: pair.value for pair in found[-1].pairs}


async def test_the_register_says_what_was_stated_and_what_was_not() -> None:
    facts = facts_of(await some(), "processing")
    document = document_of(facts, "en")
    stated = pairs_of(document, "openai-eu")
    assert (stated["Region"], stated["Subprocessors"], stated["Retention"]) == (
        "EU",
        "none",
        "0 days",
    )
    assert stated["Trains on the data"] == "no"
    house = pairs_of(document, "house")
    assert {
        house[name]
        for name in (
            "Region",
            "Subprocessors",
            "Retention",
            "Trains on the data",
            "Basis for transfer",
        )
    } == {"not stated"}
    letters = pairs_of(document, "letters")
    assert letters["Categories of data found in this period"] == "IBAN, person"
    assert letters["Recipients in this period"] == "openai-eu"
    assert letters["Data protection impact assessment"] == "not stated"


async def test_retention_is_what_the_policies_say_or_not_stated() -> None:
    facts = facts_of(await some(), "ai-act")
    empty = next(t for _, t in document_of(facts, "en").tables() if t.id == "retention")
    assert (empty.rows, empty.empty) == ((), "not stated")
    rules = msgspec.structs.replace(
        facts.rules,
        retention={"default": {"bodies": 92, "fields": 366}, "admin": {"fields": 9}},
        retention_by_risk={"limited": "default", "minimal": "default"},
    )
    stated = msgspec.structs.replace(facts, rules=rules)
    assert cells(document_of(stated, "en"), "retention") == [
        ("default", "limited, minimal", 92, 366),
        ("admin", "", "", 9),
    ]
    register = document_of(msgspec.structs.replace(stated, kind="processing"), "en")
    assert pairs_of(register, "letters")["Kept at most (days)"] == "Bodies: 92; fields: 366"
    assert pairs_of(register, "files")["Kept at most (days)"] == "not stated"


async def test_algorithm_records_hold_the_fields_of_the_standard_and_nothing_made_up() -> None:
    facts = facts_of(await some(), "algorithms")
    for language in ("en", "nl"):
        letters, files = document_of(facts, language).records
        assert letters["organization"] == "Gemeente Noorderhaaks"
        assert letters["standard_version"] == "1.0"
        assert letters["lang"] == "nld"
        assert letters["status"] == "In gebruik"
        assert letters["source_data"] == "In verzoeken van de periode gevonden: IBAN, persoon."
        assert files["publication_category"] == "Hoog-risico AI-systeem"
        assert letters["publication_category"] == ""  # a person must judge that
        empty = ("goal", "proportionality", "human_intervention", "risks", "contact_email")
        assert {letters[name] for name in empty} == {""}
        assert letters["impacttoetsen_grouping"] == []
    missing = {row[0]: row[2] for row in cells(document_of(facts, "nl"), "descriptions")}
    assert missing["letters"] == "Korte omschrijving, Contactgegevens, Publicatiecategorie"


async def test_too_long_a_text_is_cut_to_what_the_standard_takes() -> None:
    case = {
        "name": "x",
        "owner": "o",
        "legal_basis": "l",
        "risk": "minimal",
        "description": "a" * 500,
    }
    facts = facts_of(await some(), "algorithms", use_cases=[case])
    (record,) = document_of(facts, "nl").records
    assert len(str(record["description_short"])) == 350
    assert str(record["description_short"]).endswith("…")
    assert record["goal"] == "a" * 500


@pytest.mark.parametrize(
    ("transparency", "shown"),
    [
        (None, ("Not stated", "Niet opgegeven")),
        ([], ("none", "geen")),
        (
            ["notice", "marking"],
            (
                "notice to people, marking of synthetic content",
                "melding aan personen, markering van synthetische inhoud",
            ),
        ),
    ],
)
async def test_registers_name_the_duties_of_transparency(
    transparency: list[str] | None, shown: tuple[str, str]
) -> None:
    case: dict[str, Any] = {"name": "x", "owner": "o", "legal_basis": "l", "risk": "minimal"}
    if transparency is not None:
        case["transparency"] = transparency
    counts = await some()
    for language, expected in zip(("en", "nl"), shown, strict=True):
        register = document_of(facts_of(counts, "processing", use_cases=[case]), language)
        (card,) = next(one for one in register.sections if one.id == "activities").cards
        assert expected.lower() in {pair.value.lower() for pair in card.pairs}
        record = document_of(facts_of(counts, "ai-act", use_cases=[case]), language)
        (table,) = next(one for one in record.sections if one.id == "cases").tables
        assert expected.lower() == str(table.rows[0][3]).lower()


async def test_figures_of_another_version_of_detection_are_named_as_such() -> None:
    counts = await some()
    same = document_of(facts_of(counts), "en").sections[-2].paragraphs
    assert "were read by that version" in same[-1]
    counts.detectors["rules-other names-other"] = 3
    other = document_of(facts_of(counts), "en").sections[-2].paragraphs
    assert "rules-other names-other" in other[-1]


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        (SINCE, UNTIL, "1 november 2026 tot en met 30 november 2026"),
        (SINCE, SINCE + 86_400_000, "1 november 2026"),
        (SINCE, SINCE + 1000, "1 november 2026 00:00:00 CET tot 1 november 2026 00:00:01 CET"),
    ],
)
def test_a_period_reads_as_days_where_it_is_days(since: int, until: int, shown: str) -> None:
    assert ReportLocalizer("nl", ZONE).period(since, until) == shown


@pytest.mark.parametrize(("days", "steps"), [(1, 1), (62, 62), (63, 10), (366, 53), (367, 13)])
async def test_a_long_period_is_shown_in_larger_steps(days: int, steps: int) -> None:
    counting = EntryAggregator(
        SINCE,
        SINCE + 400 * 86_400_000,
        zone=ReportLocalizer("nl", ZONE).zone,
        others=NothingElsewhere(),
    )
    rows = Rows()
    for number, day in enumerate({0, days - 1}):
        rows.refused(number, SINCE + day * 86_400_000 + 43_200_000, rules=[])
    for row in rows.rows:
        await counting.add(row)
    period = Period(SINCE, SINCE + days * 86_400_000, ZONE)
    facts = msgspec.structs.replace(facts_of(counting.done()), period=period)
    chart = document_of(facts, "nl").sections[0].charts[0]
    assert len(chart.categories) in {steps, steps + 1}
    assert sum(chart.series[-1].values) == len({0, days - 1})


@pytest.mark.parametrize("kind", ["activity", "ai-act"])
def test_incidents_and_complaints_stand_in_both_languages(kind: str) -> None:
    cases = Cases(opened={"death": 2}, closed={"other": 1}, received=3, decided={"partly": 1})
    waiting = OpenCases(
        open={"death": 1, "data_breach": 1},
        overdue={"data_breach": 1},
        complaints=2,
        complaints_overdue=1,
    )
    facts = msgspec.structs.replace(facts_of(Counts(cases=cases), kind), standing=waiting)
    english, dutch = document_of(facts, "en"), document_of(facts, "nl")
    assert cells(english, "incidents") == [
        ("personal data breach", 0, 0, 1, 1),
        ("death of a person", 2, 0, 1, 0),
        ("other", 0, 1, 0, 0),
    ]
    assert ("overlijden van een persoon", 2, 0, 1, 0) in cells(dutch, "incidents")
    assert cells(english, "complaints") == [
        ("received", 3),
        ("decided: upheld", 0),
        ("decided: upheld in part", 1),
        ("decided: rejected", 0),
        ("open at the end", 2),
        ("of which overdue", 1),
    ]
    assert ("beslist: deels gegrond", 1) in cells(dutch, "complaints")
    assert read(facts.canonical()) == facts


async def test_the_register_states_what_the_gateway_stores_itself() -> None:
    facts = facts_of(await some(), "processing")
    stored = pairs_of(document_of(facts, "en"), "letters")["Kept by the gateway"]
    assert "Idempotency-Key, with personal data: 24 hours" in stored
    assert "conversations" not in stored
    rules = msgspec.structs.replace(facts.rules, responses_hours=72)
    stated = msgspec.structs.replace(facts, rules=rules)
    stored = pairs_of(document_of(stated, "en"), "letters")["Kept by the gateway"]
    assert "conversations that the caller asks to store, with personal data: 72 hours" in stored
