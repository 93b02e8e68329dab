"""The activity report: use and cost, where requests went, refusals, findings, changes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from gateway.governance.reports.cases import cases_section
from gateway.governance.reports.common_sections import (
    bars,
    by_size,
    document,
    missed_percent,
    tally_table,
)
from gateway.governance.reports.counts import WITHHELD, Counts, Latency, Tally
from gateway.governance.reports.document import (
    Chart,
    Column,
    Figure,
    ReportDocument,
    Row,
    Section,
    Series,
    Table,
    row,
)
from gateway.governance.reports.events import changes_table, groups_table
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.versions import versions

ZONES = ("internal", "eu", "global")
LEVELS = ("public", "internal", "confidential", "restricted")
_MAX_DAYS, _MAX_WEEKS = 62, 366
_MAX_PERIOD_MS = 400 * 86_400_000


def activity(words: ReportLocalizer, facts: Facts) -> ReportDocument:
    """The activity report of a period."""
    counts = facts.counts
    return document(
        words,
        facts,
        (
            _summary(words, facts),
            _usage(words, counts),
            _where(words, counts),
            _refusals(words, counts),
            _found(words, counts),
            _speed(words, counts),
            versions(words, facts),
            cases_section(words, facts),
            _changes(words, counts),
            events(words, counts),
        ),
    )


def _summary(words: ReportLocalizer, facts: Facts) -> Section:
    counts = facts.counts
    other = counts.requests - counts.answered - counts.refused
    figures = [
        Figure(words("requests"), words.number(counts.requests), words("requests_note")),
        Figure(words("answered"), words.number(counts.answered)),
        Figure(words("refused"), words.number(counts.refused)),
        Figure(words("other_ends"), words.number(other)),
        Figure(
            words("departures"),
            words.number(counts.departures),
            words("departures_note", count=words.number(counts.redacted_departures)),
        ),
        Figure(words("values_out"), words.number(counts.redacted_values)),
        *_cost_figures(words, counts),
        Figure(words("latency_p50"), milliseconds(words, counts.latency.p50)),
        Figure(words("latency_p95"), milliseconds(words, counts.latency.p95)),
        Figure(
            words("missed"),
            f"{words.number(missed_percent(facts.detection), 1)} %",
            words("missed_note"),
        ),
    ]
    notes = [
        words(f"summary.{name}", count=words.number(number))
        for name, number in (
            ("open", counts.open),
            ("crashed", counts.crashed),
            ("erased", counts.erased),
            ("estimated", counts.estimated),
        )
        if number
    ]
    charts = (over_time(words, facts),) if counts.days else ()
    return Section(
        "summary",
        words("summary"),
        figures=tuple(figures),
        charts=charts,
        paragraphs=tuple(notes) if counts.entries else (words("summary.empty"),),
    )


def milliseconds(words: ReportLocalizer, value: int | None) -> str:
    """A duration, or the text for none."""
    return words("none") if value is None else words("ms", value=words.number(value))


def _cost_figures(words: ReportLocalizer, counts: Counts) -> Iterable[Figure]:
    for currency in _currencies(counts):
        total = sum(one.cost_micros.get(currency, 0) for one in counts.usage)
        yield Figure(words("cost"), f"{words.number(total / 1_000_000, 2)} {currency}")


def _currencies(counts: Counts) -> list[str]:
    return sorted({name for one in counts.usage for name in one.cost_micros})


def over_time(words: ReportLocalizer, facts: Facts) -> Chart:
    """Requests by day, week or month, by the length of the period, also empty ones."""
    days = facts.counts.days
    first, last = _reach(words, facts)
    length = (last - first).days + 1
    unit = "days" if length <= _MAX_DAYS else "weeks" if length <= _MAX_WEEKS else "months"
    labels = list(
        dict.fromkeys(_step(words, first + timedelta(days=after), unit) for after in range(length))
    )
    zones = [*ZONES, *_others(days)]
    sums = {zone: dict.fromkeys(labels, 0) for zone in zones}
    for day, tally in days.items():
        label = _step(words, date.fromisoformat(day), unit)
        for zone, count in tally.items():
            sums[zone][label] += count
    return Chart(
        "over_time",
        words(f"chart.{unit}"),
        "columns",
        tuple(labels),
        tuple(
            Series(words.name("zone", zone, none="no_zone"), tuple(sums[zone].values()))
            for zone in zones
        ),
    )


def _reach(words: ReportLocalizer, facts: Facts) -> tuple[date, date]:
    """First and last day of the period, or of the data for a very long period."""
    days, period = facts.counts.days, facts.period
    if period.until - period.since > _MAX_PERIOD_MS:
        return date.fromisoformat(min(days)), date.fromisoformat(max(days))
    first, last = (
        datetime.fromtimestamp(ms / 1000, words.zone).date()
        for ms in (period.since, period.until - 1)
    )
    return first, last


def _step(words: ReportLocalizer, day: date, unit: str) -> str:
    if unit == "weeks":
        day -= timedelta(days=day.weekday())
    if unit == "months":
        return words.month(day)
    return words.short_day(day)


def _others(days: dict[str, Tally]) -> list[str]:
    return sorted({zone for tally in days.values() for zone in tally} - set(ZONES))


def _usage(words: ReportLocalizer, counts: Counts) -> Section:
    currencies = _currencies(counts)
    columns = (
        Column("team", words("team"), share=2),
        Column("purpose", words("purpose"), share=2.4),
        Column("requests", words("requests"), "number"),
        Column("answered", words("answered"), "number", share=1.1),
        Column("refused", words("refused"), "number", share=1.1),
        Column("input_tokens", words("input_tokens"), "number", share=1.2),
        Column("output_tokens", words("output_tokens"), "number", share=1.2),
        *(
            Column(f"cost_{name}", words("cost_in", currency=name), "number", 4, 1.2)
            for name in currencies
        ),
    )
    rows = tuple(
        row(
            words.name("team", one.team, none="no_team"),
            words.name("purpose", one.purpose, none="no_purpose"),
            one.requests,
            one.answered,
            one.refused,
            one.input_tokens,
            one.output_tokens,
            *(one.cost_micros.get(name, 0) / 1_000_000 for name in currencies),
        )
        for one in counts.usage
    )
    teams: Tally = {}
    for one in counts.usage:
        label = words.name("team", one.team, none="no_team")
        teams[label] = teams.get(label, 0) + one.requests
    withheld = any(one.team == WITHHELD for one in counts.usage)
    about = ("usage.about", "withheld.about") if withheld else ("usage.about",)
    return Section(
        "usage",
        words("usage"),
        tuple(words(name) for name in about),
        charts=(bars(words, "teams", words("usage.chart"), by_size(teams)),) if teams else (),
        tables=(Table("usage", words("usage.table"), columns, rows, words("nothing")),),
    )


def _where(words: ReportLocalizer, counts: Counts) -> Section:
    levels = [*LEVELS, *sorted({n for tally in counts.zones.values() for n in tally} - set(LEVELS))]
    zones = [*ZONES, *sorted(set(counts.zones) - set(ZONES))] if counts.zones else []
    columns = (
        Column("zone", words("zone"), share=2),
        *(Column(level, words.name("level", level, none="no_level"), "number") for level in levels),
        Column("total", words("total"), "number"),
    )
    rows = tuple(
        row(
            words.name("zone", zone, none="no_zone"),
            *(counts.zones.get(zone, {}).get(level, 0) for level in levels),
            sum(counts.zones.get(zone, {}).values()),
        )
        for zone in zones
    )
    chart = Chart(
        "zones",
        words("where.chart"),
        "columns",
        tuple(words.name("level", level, none="no_level") for level in levels),
        tuple(
            Series(
                words.name("zone", zone, none="no_zone"),
                tuple(counts.zones.get(zone, {}).get(level, 0) for level in levels),
            )
            for zone in zones
        ),
    )
    return Section(
        "where",
        words("where"),
        (words("where.about"),),
        charts=(chart,) if zones else (),
        tables=(
            Table("zones", words("where.table"), columns, rows, words("nothing")),
            departed_table(words, counts),
        ),
    )


def departed_table(words: ReportLocalizer, counts: Counts) -> Table:
    """Departures by deployment."""
    columns = (
        Column("deployment", words("deployment"), share=2.4),
        Column("provider", words("provider"), share=2.2),
        Column("zone", words("zone"), share=1.6),
        Column("departures", words("departures"), "number", share=1.3),
        Column("redacted", words("redacted"), "number", share=1.4),
        Column("values", words("values_out"), "number", share=1.5),
    )
    sums: dict[tuple[str, str, str], list[int]] = {}
    for one in counts.departed:
        summed = sums.setdefault((one.deployment, one.provider, one.zone), [0, 0, 0])
        for place, number in enumerate((one.departures, one.redacted, one.values)):
            summed[place] += number
    rows = tuple(
        row(
            words.name("deployment", deployment),
            words.name("provider", provider),
            words.name("zone", zone),
            *numbers,
        )
        for (deployment, provider, zone), numbers in sorted(sums.items())
    )
    return Table("departed", words("departed.table"), columns, rows, words("nothing"))


def _refusals(words: ReportLocalizer, counts: Counts) -> Section:
    columns = (
        Column("outcome", words("outcome"), share=3),
        Column("code", words("code"), "code", share=3),
        Column("count", words("count"), "number"),
        Column("share", words("share"), "number", digits=1),
    )
    rows = tuple(
        (words.name("outcome", code), code, count, 100 * count / counts.requests)
        for code, count in by_size(counts.outcomes)
    )
    wrong = [(words.name("outcome", c), n) for c, n in by_size(counts.outcomes) if c != "ok"]
    tables = [
        Table("outcomes", words("refusals.outcomes"), columns, rows, words("nothing")),
        tally_table(
            words,
            "refused_by",
            words("refusals.rules"),
            counts.refused_by,
            label=words("rule"),
            note=words("refusals.rules_note"),
        ),
        tally_table(words, "fired", words("fired.table"), counts.fired, label=words("rule")),
    ]
    if counts.rerouted:
        reasons = {words.name("rerouted", why): n for why, n in counts.rerouted.items()}
        tables.append(
            tally_table(words, "rerouted", words("rerouted.table"), reasons, label=words("reason"))
        )
    if counts.failed:
        tables.append(
            tally_table(
                words, "failed", words("failed.table"), counts.failed, label=words("control")
            )
        )
    return Section(
        "refusals",
        words("refusals"),
        charts=(bars(words, "refusals", words("refusals.chart"), wrong),) if wrong else (),
        tables=tuple(tables),
    )


def _found(words: ReportLocalizer, counts: Counts) -> Section:
    columns = (
        Column("type", words("type"), share=3),
        Column("requests", words("requests"), "number"),
        Column("values", words("values"), "number"),
        Column("redacted", words("values_redacted"), "number", share=2),
    )
    found = sorted(counts.found.items(), key=lambda item: (-item[1].requests, item[0]))
    rows = tuple(
        (words.name("type", name), one.requests, one.values, one.redacted) for name, one in found
    )
    shown = [(words.name("type", name), one.requests) for name, one in found]
    return Section(
        "found",
        words("found"),
        (words("found.about"),),
        charts=(bars(words, "found", words("found.chart"), shown),) if shown else (),
        tables=(Table("found", words("found.table"), columns, rows, words("nothing")),),
    )


def _speed(words: ReportLocalizer, counts: Counts) -> Section:
    columns = (
        Column("deployment", words("deployment"), share=3),
        Column("count", words("answered"), "number"),
        *(Column(name, name, "number") for name in ("p50", "p95", "p99")),
    )
    named = [(words.name("deployment", n), one) for n, one in sorted(counts.latencies.items())]
    rows = tuple(_speed_row(name, one) for name, one in named)
    if len(rows) > 1:
        rows = (*rows, _speed_row(words("speed.all"), counts.latency))
    return Section(
        "speed",
        words("speed"),
        (words("speed.about"),),
        tables=(Table("speed", words("speed.table"), columns, rows, words("nothing")),),
    )


def _speed_row(name: str, one: Latency) -> Row:
    return row(name, one.count, *(value or 0 for value in (one.p50, one.p95, one.p99)))


def _changes(words: ReportLocalizer, counts: Counts) -> Section:
    return Section(
        "changes",
        words("changes"),
        (words("changes.about"),),
        tables=(
            groups_table(words, counts.events),
            changes_table(words, counts.changes, counts.changes_left_out),
        ),
    )


def events(words: ReportLocalizer, counts: Counts) -> Section:
    """Every kind of entry, with the number of erased ones."""
    columns = (
        Column("event", words("event"), share=3),
        Column("code", words("code"), "code", share=3),
        Column("count", words("entries"), "number"),
        Column("erased", words("erased_column"), "number"),
    )
    rows = tuple(
        (_named(words, event), event, count, counts.erased_events.get(event, 0))
        for event, count in by_size(counts.events)
    )
    table = Table("events", words("events.table"), columns, rows, words("nothing"))
    return Section("events", words("events"), (words("events.about"),), tables=(table,))


def _named(words: ReportLocalizer, event: str) -> str:
    name = words.name("event", event)
    return "" if name == event else name
