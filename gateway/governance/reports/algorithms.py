"""Descriptions for the Dutch algorithm register, in the fields of its publication standard 1.0.

Names, titles, limits and required fields are those of the schema of the register itself
(MinBZK/Algoritmeregister, backend/app/schemas/config/v1_0.json). Only stated or counted values are
filled in, in Dutch, the only language of the standard; other fields stay empty.
"""

from dataclasses import dataclass
from typing import Any

from gateway.governance.reports.common_sections import document
from gateway.governance.reports.counts import Purpose
from gateway.governance.reports.document import Card, Column, Pair, ReportDocument, Section, Table
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.processing import recipients_of, types_of

STANDARD = "1.0"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the standard: its name there, its Dutch title, its longest text."""

    name: str
    title: str
    longest: int = 0
    required: bool = False


FIELDS = (
    Field("name", "Naam", 100, required=True),
    Field("description_short", "Korte omschrijving", 350, required=True),
    Field("organization", "Organisatie", 100, required=True),
    Field("category", "Thema"),
    Field("status", "Status", required=True),
    Field("begin_date", "Begindatum", 7),
    Field("end_date", "Einddatum", 7),
    Field("contact_email", "Contactgegevens", 500, required=True),
    Field("website", "Link naar publiekspagina", 500),
    Field("publication_category", "Publicatiecategorie", required=True),
    Field("url", "Link naar bronregistratie", 500),
    Field("goal", "Doel en impact", 2500),
    Field("proportionality", "Afwegingen", 2500),
    Field("human_intervention", "Menselijke tussenkomst", 2500),
    Field("risks", "Risicobeheer", 2500),
    Field("lawful_basis", "Wettelijke basis", 2500),
    Field("lawful_basis_grouping", "Verwijzingen wettelijke basis"),
    Field("process_index_url", "Link naar verwerkingsregister", 500),
    Field("impacttoetsen_grouping", "Impacttoetsen"),
    Field("impacttoetsen", "Toelichting op impacttoetsen", 2500),
    Field("source_data", "Gegevens", 2500),
    Field("source_data_grouping", "Verwijzingen gegevensbronnen"),
    Field("methods_and_models", "Technische werking", 5000),
    Field("provider", "Leverancier", 200),
    Field("publiccode", "Link naar broncode", 500),
    Field("lang", "Taal", required=True),
    Field("standard_version", "Versie publicatiestandaard"),
    Field("source_id", "Bron-ID", 100),
    Field("tags", "Zoektermen", 2500),
)
_LISTS = frozenset({
    "category",
    "lawful_basis_grouping",
    "impacttoetsen_grouping",
    "source_data_grouping",
})

_ASSESSMENTS = {
    "dpia": "Data Protection Impact Assessment (DPIA)",
    "fria": "Fundamental Rights Impact Assessment (FRIA)",
}


def algorithms(words: ReportLocalizer, facts: Facts) -> ReportDocument:
    """One description for each use case."""
    dutch = ReportLocalizer("nl", facts.period.timezone)
    records = [record_of(dutch, facts, case) for case in facts.register.use_cases]
    cards = tuple(_card(words, record) for record in records)
    paragraphs = (words("algorithms.overview.about"),)
    sections = [
        Section(
            "overview",
            words("algorithms.overview"),
            paragraphs,
            tables=(_overview(words, records),),
        )
    ]
    if cards:
        sections.append(Section("descriptions", words("algorithms.cards"), cards=cards))
    return document(words, facts, sections, records)


def record_of(words: ReportLocalizer, facts: Facts, case: dict[str, Any]) -> dict[str, object]:
    """All fields of the standard for one use case; unknown ones are empty."""
    seen = facts.counts.purposes.get(case["name"], Purpose())
    organisation = facts.register.organisation
    found = types_of(words, seen)
    known: dict[str, object] = {
        "name": case["name"],
        "description_short": case.get("description", ""),
        "organization": organisation.get("name", ""),
        "status": "In gebruik" if seen.requests else "",
        "contact_email": organisation.get("contact", ""),
        "publication_category": "Hoog-risico AI-systeem" if case["risk"] == "high" else "",
        "goal": case.get("description", ""),
        "lawful_basis": case.get("legal_basis", ""),
        "impacttoetsen_grouping": [
            {"title": title, "link": case[field]}
            for field, title in _ASSESSMENTS.items()
            if case.get(field)
        ],
        "source_data": f"In verzoeken van de periode gevonden: {found}." if found else "",
        "methods_and_models": _models(facts, seen),
        "provider": recipients_of(facts, seen),
        "lang": "nld",
        "standard_version": STANDARD,
        "source_id": case["name"],
    }
    return {field.name: _fitting(field, known.get(field.name)) for field in FIELDS}


def _fitting(field: Field, value: object) -> object:
    if field.name in _LISTS:
        return value or []
    text = str(value or "")
    return text[: field.longest - 1] + "…" if 0 < field.longest < len(text) else text


def _models(facts: Facts, seen: Purpose) -> str:
    offered = {one["name"]: one["model"] for one in facts.register.deployments}
    used = [f"{name} ({offered.get(name, name)})" for name in sorted(seen.deployments)]
    return f"Taalmodellen die in de periode antwoordden: {', '.join(used)}." if used else ""


def missing(record: dict[str, object]) -> list[Field]:
    """Required fields that are empty."""
    return [field for field in FIELDS if field.required and not record[field.name]]


def _overview(words: ReportLocalizer, records: list[dict[str, object]]) -> Table:
    columns = (
        Column("name", words("purpose"), share=2),
        Column("filled", words("algorithms.filled"), "number", share=1.4),
        Column("missing", words("algorithms.missing"), share=4),
    )
    rows = tuple(
        (
            str(record["name"]),
            sum(bool(value) for value in record.values()),
            ", ".join(field.title for field in missing(record)) or words("none"),
        )
        for record in records
    )
    empty = words("algorithms.none")
    return Table("descriptions", words("algorithms.table"), columns, rows, empty)


def _card(words: ReportLocalizer, record: dict[str, object]) -> Card:
    pairs = [Pair(field.title, _shown(words, record[field.name])) for field in FIELDS]
    return Card(str(record["name"]), tuple(pairs))


def _shown(words: ReportLocalizer, value: object) -> str:
    if isinstance(value, list):
        lines = [" ".join(str(part) for part in item.values()) for item in value]
        return "; ".join(lines) or words.stated(None)
    return words.stated(value)
