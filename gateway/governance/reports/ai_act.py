"""The AI Act record: logging, retention, versions, approvals, oversight."""

from datetime import datetime

import msgspec

from gateway.governance.reports.cases import cases_section
from gateway.governance.reports.common_sections import by_size, document
from gateway.governance.reports.counts import NONE, Counts, Purpose
from gateway.governance.reports.decisions import BY_PERSON, OTHER
from gateway.governance.reports.document import Column, Figure, ReportDocument, Section, Table, row
from gateway.governance.reports.events import OVERSIGHT, changes_table, grouped, groups_table
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.processing import duties_of
from gateway.governance.reports.versions import used, versions

_DAY_MS = 86_400_000
_RISKS = ("high", "limited", "minimal")


def ai_act(words: ReportLocalizer, facts: Facts) -> ReportDocument:
    """Articles 12, 19 and 26, with what persons decided, incidents and complaints."""
    return document(
        words,
        facts,
        (
            _summary(words, facts),
            _logging(words, facts.counts),
            _retention(words, facts),
            versions(words, facts),
            _oversight(words, facts.counts),
            cases_section(words, facts),
            _cases(words, facts),
        ),
    )


def _summary(words: ReportLocalizer, facts: Facts) -> Section:
    counts, oldest = facts.counts, facts.rules.oldest_entry
    figures = (
        Figure(words("entries"), words.number(counts.entries)),
        Figure(words("log_size"), words.number(facts.source.size)),
        Figure(words("oldest"), words("none") if oldest is None else _day(words, oldest)),
        Figure(words("erased_entries"), words.number(counts.erased)),
        Figure(words("requests"), words.number(counts.requests), words("requests_note")),
        Figure(words("versions.used"), words.number(used(counts))),
        _decisions(words, counts),
    )
    return Section("summary", words("summary"), figures=figures)


def _decisions(words: ReportLocalizer, counts: Counts) -> Figure:
    """The decisions of identified persons; unknown in reports of before these were counted."""
    if counts.decisions is msgspec.UNSET and any(grouped(counts.events)[one] for one in OVERSIGHT):
        return Figure(words("oversight_count"), words("decisions.unknown"))
    found = {} if counts.decisions is msgspec.UNSET else counts.decisions
    others = words("decisions.others", count=words.number(found.get(OTHER, 0)))
    return Figure(words("oversight_count"), words.number(found.get(BY_PERSON, 0)), others)


def _day(words: ReportLocalizer, ms: int) -> str:
    return words.day(datetime.fromtimestamp(ms / 1000, words.zone).date())


def _logging(words: ReportLocalizer, counts: Counts) -> Section:
    columns = (
        Column("event", words("event"), "code", share=2.6),
        Column("count", words("count"), "number"),
        Column("fields", words("fields"), share=6),
    )
    rows = tuple(
        (event, count, ", ".join(sorted(counts.fields.get(event, {}))))
        for event, count in by_size(counts.events)
    )
    table = Table("logging", words("events.table"), columns, rows, words("nothing"))
    return Section(
        "logging", words("aiact.logging"), (words("aiact.logging.about"),), tables=(table,)
    )


def _retention(words: ReportLocalizer, facts: Facts) -> Section:
    counts, oldest = facts.counts, facts.rules.oldest_entry
    reach = (
        words("aiact.retention.none")
        if oldest is None
        else words(
            "aiact.retention.oldest",
            day=_day(words, oldest),
            days=words.number((facts.made - oldest) // _DAY_MS),
        )
    )
    columns = (
        Column("event", words("event"), "code", share=4),
        Column("erased", words("erased_column"), "number"),
        Column("count", words("entries"), "number"),
    )
    rows = tuple((name, n, counts.events[name]) for name, n in by_size(counts.erased_events))
    table = Table("erased", words("aiact.retention.erased"), columns, rows, words("nothing"))
    paragraphs = (reach, words("aiact.retention.size", size=words.number(facts.source.size)))
    return Section(
        "retention", words("aiact.retention"), paragraphs, tables=(_classes(words, facts), table)
    )


def _classes(words: ReportLocalizer, facts: Facts) -> Table:
    """The retention periods of the parts of an entry."""
    rules = facts.rules
    parts = list(dict.fromkeys(part for days in rules.retention.values() for part in days))
    columns = (
        Column("class", words("retention.class"), share=2),
        Column("risks", words("risk"), share=2),
        *(Column(part, words.name("retention", part), "number", share=1.2) for part in parts),
    )
    rows = tuple(
        row(
            name,
            ", ".join(
                words.name("risk", risk)
                for risk, of in rules.retention_by_risk.items()
                if of == name
            ),
            *(days.get(part, "") for part in parts),
        )
        for name, days in rules.retention.items()
    )
    title = words("retention.table")
    return Table("retention", title, columns, rows, words("not_stated"), words("retention.note"))


def _oversight(words: ReportLocalizer, counts: Counts) -> Section:
    return Section(
        "oversight",
        words("aiact.oversight"),
        (words("aiact.oversight.about"),),
        tables=(
            groups_table(words, counts.events, only=OVERSIGHT),
            changes_table(words, counts.changes, counts.changes_left_out, only=OVERSIGHT),
        ),
    )


def _cases(words: ReportLocalizer, facts: Facts) -> Section:
    columns = (
        Column("risk", words("risk"), share=1.6),
        Column("purpose", words("purpose"), share=2.4),
        Column("owner", words("owner"), share=2.4),
        Column("transparency", words("transparency"), share=2.4),
        Column("requests", words("requests"), "number"),
    )
    known = facts.register.use_cases
    names = {case["name"] for case in known}
    ordered = sorted(known, key=lambda case: (_RISKS.index(case["risk"]), case["name"]))
    rows = [
        (
            words.name("risk", case["risk"]),
            case["name"],
            case["owner"],
            duties_of(words, case),
            facts.counts.purposes.get(case["name"], Purpose()).requests,
        )
        for case in ordered
    ]
    rows += [
        ("", words.name("purpose", name, none="no_purpose"), "", "", seen.requests)
        for name, seen in sorted(facts.counts.purposes.items())
        if name not in names and (name != NONE or seen.requests)
    ]
    table = Table("cases", words("aiact.cases"), columns, tuple(rows), words("nothing"))
    return Section("cases", words("aiact.cases"), (words("aiact.cases.about"),), tables=(table,))
