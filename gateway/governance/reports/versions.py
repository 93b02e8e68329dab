"""The used versions of models, detection and policies, with their approvals."""

from typing import Any

from gateway.governance.reports.common_sections import tally_table
from gateway.governance.reports.counts import Counts
from gateway.governance.reports.document import Column, Section, Table
from gateway.governance.reports.facts import Facts
from gateway.governance.reports.localizer import ReportLocalizer


def versions(words: ReportLocalizer, facts: Facts) -> Section:
    """Models with digests, registered versions, detection and policies."""
    counts = facts.counts
    return Section(
        "versions",
        words("versions"),
        (words("versions.about"),),
        tables=(
            _models(words, facts),
            registry(words, facts),
            _evaluations(words, facts),
            _overrides(words, facts),
            tally_table(
                words,
                "detectors",
                words("versions.detectors"),
                counts.detectors,
                label=words("version"),
            ),
            tally_table(
                words, "bundles", words("versions.bundles"), counts.bundles, label=words("digest")
            ),
        ),
    )


def _models(words: ReportLocalizer, facts: Facts) -> Table:
    columns = (
        Column("deployment", words("deployment"), share=2),
        Column("model", words("model"), share=2.6),
        Column("digest", words("digest"), "code", share=4),
        Column("departures", words("departures"), "number", share=1.3),
    )
    named = {one["digest"]: f"{one['name']}@{one['version']}" for one in facts.register.models}
    offered = {one["name"]: one["model"] for one in facts.register.deployments}
    rows = tuple(
        (
            words.name("deployment", one.deployment),
            named.get(one.digest) or offered.get(one.deployment, ""),
            one.digest or words("no_digest"),
            one.departures,
        )
        for one in facts.counts.departed
    )
    return Table("models", words("versions.models"), columns, rows, words("nothing"))


def registry(words: ReportLocalizer, facts: Facts) -> Table:
    """Registered versions with who registered and approved them."""
    columns = (
        Column("model", words("model"), share=1.8),
        Column("version", words("version"), "code", share=2),
        Column("state", words("state"), share=1.5),
        Column("digest", words("digest"), "code", share=3.4),
        Column("registered_by", words("registered_by"), "code", share=1.9),
        Column("approved_by", words("approved_by"), "code", share=1.9),
    )
    rows = tuple(
        (
            one["name"],
            " ".join([one["version"], *(f"({tag})" for tag in one.get("tags", []))]),
            words.name("state", one["state"]),
            one["digest"],
            words.name("actor", one["registered_by"]),
            words.name("actor", one.get("approved_by", "")),
        )
        for one in facts.register.models
    )
    return Table("registry", words("versions.registry"), columns, rows, words("none"))


def _evaluations(words: ReportLocalizer, facts: Facts) -> Table:
    """The runs of suites that have ended, also those that failed."""
    columns = (
        Column("model", words("model"), share=2.2),
        Column("suite", words("suite"), share=2.2),
        Column("state", words("state"), share=1.4),
        Column("score", words("score"), share=2.4),
        Column("production", words("difference_production"), share=1.6),
        Column("digest", words("digest"), "code", share=3.4),
    )
    rows = tuple(
        (
            f"{one['name']}@{one['version']}",
            f"{one['suite']} {one['suite_version']}",
            words.name("state", one["state"]),
            _score(words, one["result"]),
            _difference(words, one["result"]),
            one["version_digest"],
        )
        for one in facts.register.evaluations or ()
        if one["finished"] is not None
    )
    return Table("evaluations", words("versions.evaluations"), columns, rows, words("none"))


def _score(words: ReportLocalizer, result: Any) -> str:
    """A score with its interval."""
    if not result:
        return ""
    value, low, high = (words.number(result["score"][name], 3) for name in ("value", "low", "high"))
    return f"{value} ({low} - {high})"


def _difference(words: ReportLocalizer, result: Any) -> str:
    compared = (result or {}).get("compared")
    return words.number(compared["difference"], 3) if compared else ""


def _overrides(words: ReportLocalizer, facts: Facts) -> Table:
    """What persons let pass although evaluations lacked something, with the reason."""
    columns = (
        Column("model", words("model"), share=2),
        Column("lacking", words("lacking"), share=2.4),
        Column("reason", words("reason"), share=4),
        Column("author", words("proposed_by"), "code", share=1.9),
        Column("approved_by", words("approved_by"), "code", share=1.9),
    )
    rows = tuple(
        (
            f"{one['name']}@{one['version']}",
            ", ".join(problem.partition(":")[0] for problem in one["problems"]),
            words.name("actor", one["reason"]),
            words.name("actor", one["author"]),
            words.name("actor", one["approved_by"]),
        )
        for one in facts.register.overrides or ()
    )
    return Table("overrides", words("versions.overrides"), columns, rows, words("none"))


def used(counts: Counts) -> int:
    """The number of internal model versions that received requests."""
    return len({one.digest for one in counts.departed if one.digest})
