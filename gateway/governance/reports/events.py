"""Groups of events of the control plane, and their tables in reports."""

from gateway.governance.reports.counts import Change, Tally
from gateway.governance.reports.document import Column, Table
from gateway.governance.reports.localizer import ReportLocalizer

# By prefix or part of the event; the first match counts, anything else is a change.
_GROUPS = (
    ("stop", ("control:model:quarantine", "control:key:revoke", "control:stop:")),
    ("approval", (":approve", ":agree", ":reject")),
    ("reveal", (":reveal",)),
    ("export", ("control:audit:export", "control:report:")),
    ("erasure", ("subject:", "person:", "people:", "retention:", ":erase", ":expire", ":forget")),
    ("hold", (":hold:",)),
    ("sign_in", ("access:",)),
    ("review", (":review:", ":incident:", ":complaint:", ":breach:", ":override:")),
)
OVERSIGHT = ("approval", "stop", "review", "hold", "reveal")
GROUPS = ("approval", "change", "stop", "sign_in", "reveal", "export", "erasure", "hold", "review")
_OF_REQUESTS = ("request:", "trail:", "models:", "privacy:")
_SHORT = 16
_MOMENTS = ("since", "until", "deadline", "reported")


def group_of(event: str) -> str:
    """The group of an event of the control plane."""
    for group, marks in _GROUPS:
        if any(event.startswith(mark) or mark in event for mark in marks):
            return group
    return "change"


def grouped(events: Tally) -> Tally:
    """The number of events of each group, also of empty ones."""
    found = dict.fromkeys(GROUPS, 0)
    for event, count in events.items():
        if not event.startswith(_OF_REQUESTS):
            found[group_of(event)] += count
    return found


def groups_table(words: ReportLocalizer, events: Tally, *, only: tuple[str, ...] = GROUPS) -> Table:
    """Events by group."""
    columns = (Column("group", words("group"), share=4), Column("count", words("count"), "number"))
    counted = grouped(events)
    rows = tuple((words(f"group.{group}"), counted[group]) for group in GROUPS if group in only)
    return Table("groups", words("changes.groups"), columns, rows, words("nothing"))


def changes_table(
    words: ReportLocalizer, changes: list[Change], left_out: int, *, only: tuple[str, ...] = GROUPS
) -> Table:
    """Events one by one."""
    columns = (
        Column("time", words("time"), share=1.7),
        Column("event", words("event"), share=2.2),
        Column("actor", words("actor"), "code", share=2),
        Column("what", words("what"), share=4),
    )
    rows = tuple(
        (
            words.short_moment(one.time),
            words.name("event", one.event),
            _actor(words, one),
            _about(words, one),
        )
        for one in changes
        if group_of(one.event) in only
    )
    note = words("changes.left_out", count=words.number(left_out)) if left_out else ""
    return Table("changes", words("changes.table"), columns, rows, words("nothing"), note)


def _actor(words: ReportLocalizer, change: Change) -> str:
    """The name and the person beside the id, where the entry has them."""
    identity, person = words.name("actor", change.actor), change.about.get("person")
    if person is None:
        return identity
    name = change.about.get("name") or identity
    return f"{name} ({person}), {identity}"


def _about(words: ReportLocalizer, change: Change) -> str:
    """Names and values. Digests are shortened: the trail has them whole."""
    parts = []
    of_actor = ("name", "person") if "person" in change.about else ()
    for name, value in change.about.items():
        if name in of_actor:
            continue
        label = words(f"about_{name}")
        if name == "one_person":
            parts += [label] if value == "True" else []
        elif name in _MOMENTS and value.lstrip("-").isdigit():
            parts.append(f"{label} {_moment(words, int(value))}")
        else:
            parts.append(f"{label} {_shortened(value)}")
    return "; ".join(parts)


def _moment(words: ReportLocalizer, ms: int) -> str:
    try:
        return words.short_moment(ms)
    except (ValueError, OverflowError, OSError):  # out of range of a calendar
        return str(ms)


def _shortened(value: str) -> str:
    head, _, digest = value.rpartition(":")
    if len(digest) >= 2 * _SHORT and all(sign in "0123456789abcdef" for sign in digest):
        return f"{head}:{digest[:_SHORT]}…" if head else f"{digest[:_SHORT]}…"
    return value
