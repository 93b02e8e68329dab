"""Sections of every report: cover, what detection misses, limits of the proof."""

from collections.abc import Mapping, Sequence

from gateway.governance.reports.counts import ERASED, NONE, Tally
from gateway.governance.reports.document import (
    Cell,
    Chart,
    Column,
    Pair,
    ReportDocument,
    Section,
    Series,
    Table,
)
from gateway.governance.reports.facts import Facts, digest_of
from gateway.governance.reports.localizer import ReportLocalizer

_BARS = 12


def document(
    words: ReportLocalizer,
    facts: Facts,
    sections: Sequence[Section],
    records: Sequence[dict[str, object]] = (),
) -> ReportDocument:
    """A report with its cover and the common closing sections."""
    period, rules, source = facts.period, facts.rules, facts.source
    organisation = facts.register.organisation.get("name") or words("unknown_origin")
    shown = words.period(period.since, period.until)
    about = (
        Pair(words("cover.organisation"), organisation),
        Pair(words("cover.period"), shown),
        Pair(words("cover.timezone"), period.timezone),
        Pair(words("cover.made"), words.moment(facts.made)),
        Pair(words("cover.version"), rules.version),
    )
    proof = (
        Pair(words("cover.origin"), source.origin, code=True),
        Pair(words("cover.size"), words.number(source.size)),
        Pair(words("cover.root"), source.root, code=True),
        Pair(words("cover.range"), _range(words, facts)),
        Pair(words("cover.witnessed"), words("yes" if source.witnessed else "no")),
        Pair(words("cover.bundle"), rules.bundle, code=True),
        Pair(words("cover.digest"), digest_of(facts.canonical()), code=True),
    )
    return ReportDocument(
        kind=facts.kind,
        language=words.language,
        title=words(f"title.{facts.kind}"),
        organisation=organisation,
        period=shown,
        made=facts.made,
        about=about,
        proof=proof,
        paragraphs=(words(f"about.{facts.kind}"), words("cover.how"), words("support")),
        sections=(*sections, detection(words, facts), limits(words, facts)),
        records=tuple(records),
    )


def _range(words: ReportLocalizer, facts: Facts) -> str:
    source = facts.source
    if not source.checked:
        return words("cover.range_none")
    return words(
        "cover.range_value",
        count=words.number(source.checked),
        first=words.number(source.first),
        last=words.number(source.end - 1),
    )


def detection(words: ReportLocalizer, facts: Facts) -> Section:
    """What detection misses by the published figures, and whether they fit the used version."""
    known = facts.detection
    seen = sorted(set(facts.counts.detectors) - {NONE, ERASED, known["detectors"]})
    groups = [
        (words("detection.all"), known),
        *((words(f"language.{name}"), one) for name, one in sorted(known["languages"].items())),
        *((words.name("type", name), one) for name, one in known["types"].items()),
    ]
    columns = (
        Column("type", words("type"), share=3),
        Column("values", words("detection.values"), "number"),
        Column("taken", words("detection.taken"), "number"),
        Column("missed", words("detection.missed"), "number", digits=1),
    )
    rows = tuple(
        (label, one["values"], one["masked"], missed_percent(one)) for label, one in groups
    )
    other = words("detection.differs", versions="; ".join(seen)) if seen else ""
    return Section(
        "detection",
        words("detection"),
        paragraphs=(
            words(
                "detection.about",
                texts=words.number(known["texts"]),
                values=words.number(known["values"]),
                missed=words.number(missed_percent(known), 1),
                low=known["restricted_too_low"],
                restricted=known["restricted"],
            ),
            words("detection.version", measured=known["measured"], detectors=known["detectors"]),
            other or words("detection.same"),
        ),
        tables=(
            Table(
                "detection",
                words("detection.table"),
                columns,
                rows,
                words("nothing"),
                words("detection.few"),
            ),
        ),
    )


def limits(words: ReportLocalizer, facts: Facts) -> Section:
    """The limits of every report."""
    names = ["bypass", "clock", "stated"]
    if not facts.source.witnessed:
        names.insert(2, "witness")
    paragraphs = tuple(words(f"limits.{name}") for name in names)
    return Section("limits", words("limits"), paragraphs=paragraphs)


def missed_percent(one: Mapping[str, int]) -> float:
    """The percentage of marked values that were not fully redacted."""
    return 100 * (one["values"] - one["masked"]) / one["values"] if one["values"] else 0.0


def by_size(tally: Tally) -> list[tuple[str, int]]:
    """Items by size, largest first, then by name."""
    return sorted(tally.items(), key=lambda item: (-item[1], item[0]))


def tally_table(
    words: ReportLocalizer,
    identity: str,
    title: str,
    tally: Tally,
    *,
    label: str,
    group: str = "",
    note: str = "",
) -> Table:
    """Codes with their names and numbers."""
    columns: list[Column] = [Column("code", label, "code", share=3)]
    if group:
        columns.insert(0, Column("name", words(group), share=3))
    columns.append(Column("count", words("count"), "number"))
    rows: list[tuple[Cell, ...]] = []
    for code, count in by_size(tally):
        named = (words.name(group, code), code) if group else (words.name("code", code),)
        rows.append((*named, count))
    return Table(identity, title, tuple(columns), tuple(rows), words("nothing"), note)


def bars(
    words: ReportLocalizer, identity: str, title: str, values: Sequence[tuple[str, float]]
) -> Chart:
    """The largest values as bars; a table holds all."""
    shown = sorted(values, key=lambda item: -item[1])[:_BARS]
    return Chart(
        identity,
        title,
        "bars",
        tuple(name for name, _ in shown),
        (Series(words("count"), tuple(value for _, value in shown)),),
    )
