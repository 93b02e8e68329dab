"""The register of processing activities (GDPR, article 30), stated and counted."""

from collections.abc import Iterator
from typing import Any

from gateway.core.snapshot import Contract
from gateway.governance.reports.activity import departed_table
from gateway.governance.reports.common_sections import by_size, document
from gateway.governance.reports.counts import Purpose
from gateway.governance.reports.document import Card, Figure, Pair, ReportDocument, Section
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.localizer import ReportLocalizer

# What a provider states under another name, outside of a contract.
_OUTSIDE_CONTRACT = {"retention": "retention_days", "training": "trains_on_data"}
_MEASURES = ("redaction", "policy", "encryption", "trail")


def processing(words: ReportLocalizer, facts: Facts) -> ReportDocument:
    """Controller, activities, recipients and measures."""
    return document(
        words,
        facts,
        (
            _controller(words, facts),
            _activities(words, facts),
            _recipients(words, facts),
            Section(
                "measures",
                words("measures"),
                tuple(words(f"measures.{name}") for name in _MEASURES),
            ),
        ),
    )


def _controller(words: ReportLocalizer, facts: Facts) -> Section:
    stated = facts.register.organisation
    pairs = (
        Pair(words("controller.name"), words.stated(stated.get("name"))),
        Pair(words("controller.contact"), words.stated(stated.get("contact"))),
        Pair(words("controller.dpo"), words.stated(stated.get("data_protection_officer"))),
    )
    counts = facts.counts
    figures = (
        Figure(words("activities"), words.number(len(facts.register.use_cases))),
        Figure(words("recipients"), words.number(len(facts.register.providers))),
        Figure(words("requests_in_period"), words.number(counts.requests)),
        Figure(words("departures_in_period"), words.number(counts.departures)),
    )
    cards = (Card(words("controller"), pairs),)
    return Section("controller", words("controller"), figures=figures, cards=cards)


def _activities(words: ReportLocalizer, facts: Facts) -> Section:
    cases = facts.register.use_cases
    cards = tuple(_activity(words, facts, case) for case in cases)
    paragraphs = () if cards else (words("activities.none"),)
    return Section("activities", words("activities"), paragraphs, cards=cards)


def _activity(words: ReportLocalizer, facts: Facts, case: dict[str, Any]) -> Card:
    seen = facts.counts.purposes.get(case["name"], Purpose())
    zones = ", ".join(words.name("zone", zone) for zone in case.get("zones", []))
    pairs = (
        Pair(words("description"), words.stated(case.get("description"))),
        Pair(words("owner"), words.stated(case.get("owner"))),
        Pair(words("legal_basis"), words.stated(case.get("legal_basis"))),
        Pair(words("risk"), words.name("risk", case["risk"])),
        Pair(words("dpia"), words.stated(case.get("dpia"))),
        Pair(words("fria"), words.stated(case.get("fria"))),
        Pair(words("overseer"), words.stated(case.get("overseer"))),
        Pair(words("transparency"), duties_of(words, case)),
        Pair(words("review"), words.stated(case.get("review"))),
        Pair(words("data_subjects"), words.stated(case.get("data_subjects"))),
        Pair(words("data_categories"), words.stated(", ".join(case.get("data_categories") or []))),
        Pair(words("categories"), types_of(words, seen) or words("none")),
        Pair(words("zones_allowed"), zones or words("zones_any")),
        Pair(words("recipients_used"), recipients_of(facts, seen) or words("none")),
        Pair(words("own_retention"), _own_retention(words, facts)),
        Pair(words("retention.days"), _kept(words, facts, case["risk"])),
        Pair(words("requests_in_period"), words.number(seen.requests)),
    )
    return Card(case["name"], pairs)


def duties_of(words: ReportLocalizer, case: dict[str, Any]) -> str:
    """The duties of transparency that a use case states."""
    duties = case.get("transparency")
    if duties is None:
        return words.stated(None)
    return ", ".join(words.name("transparency", duty) for duty in duties) or words("none")


def _own_retention(words: ReportLocalizer, facts: Facts) -> str:
    """What the gateway itself stores, and for how long."""
    rules = facts.rules
    kept = "own_retention.kept" if rules.vault_kept else "own_retention.not"
    parts = [words(kept, hours=rules.vault_hours), words("own_retention.repeated")]
    if rules.responses_hours:
        parts.append(words("own_retention.responses", hours=rules.responses_hours))
    return "; ".join(parts)


def _kept(words: ReportLocalizer, facts: Facts, risk: str) -> str:
    """The retention periods of entries of a use case with this risk."""
    rules = facts.rules
    days = rules.retention.get(rules.retention_by_risk.get(risk, ""), {})
    parts = [
        f"{words.name('retention', part)}: {words.number(count)}" for part, count in days.items()
    ]
    return "; ".join(parts) or words.stated(None)


def types_of(words: ReportLocalizer, seen: Purpose) -> str:
    """Types of personal data that were found, the most frequent first."""
    return ", ".join(words.name("type", name) for name, _ in by_size(seen.types))


def recipients_of(facts: Facts, seen: Purpose) -> str:
    """Providers behind the deployments that requests went to."""
    providers = {one.deployment: one.provider for one in facts.counts.departed}
    found = [providers.get(name, name) for name, _ in by_size(seen.deployments)]
    return ", ".join(dict.fromkeys(found))


def _recipients(words: ReportLocalizer, facts: Facts) -> Section:
    cards = tuple(_recipient(words, facts, one) for one in facts.register.providers)
    paragraphs = (words("recipients.about") if cards else words("recipients.none"),)
    tables = (departed_table(words, facts.counts),)
    return Section("recipients", words("recipients"), paragraphs, tables=tables, cards=cards)


def _recipient(words: ReportLocalizer, facts: Facts, provider: dict[str, Any]) -> Card:
    name = provider["name"]
    models = sorted({one["model"] for one in facts.register.deployments if one["provider"] == name})
    departures = sum(one.departures for one in facts.counts.departed if one.provider == name)
    pairs = (
        Pair(words("zone"), words.name("zone", provider["zone"])),
        Pair(words("kind"), provider["kind"]),
        *_contract(words, provider),
        Pair(words("models_offered"), ", ".join(models) or words("none")),
        Pair(words("departures_in_period"), words.number(departures)),
    )
    return Card(name, pairs)


def _contract(words: ReportLocalizer, provider: dict[str, Any]) -> Iterator[Pair]:
    """Every field that a contract has, as it is stated there or, without one, at the provider."""
    contract = provider.get("contract") or {}
    for field in Contract.__struct_fields__:
        stated = contract.get(field, provider.get(_OUTSIDE_CONTRACT.get(field, field)))
        yield Pair(words(f"contract.{field}"), _term(words, stated))


def _term(words: ReportLocalizer, stated: object) -> str:
    """A term of a contract: days, yes or no, names, or words."""
    if isinstance(stated, bool):
        return words("yes" if stated else "no")
    if isinstance(stated, int):
        return words("retention_days", count=stated)
    if isinstance(stated, list):
        return ", ".join(stated) or words("none")
    return words.stated(stated)
