"""The figures of a period: integers and names of Sluis, never content."""

import msgspec

# No name of a catalogue has these forms. ``WITHHELD`` replaces what a profile does not disclose.
NONE, ERASED, WITHHELD = "(none)", "(erased)", "(withheld)"
Tally = dict[str, int]


class UsageCount(msgspec.Struct):
    """The use of one team for one use case; ``cost_micros`` is by currency."""

    team: str
    purpose: str
    requests: int = 0
    answered: int = 0
    refused: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: Tally = msgspec.field(default_factory=dict)


class FindingCount(msgspec.Struct):
    """Findings of one type: requests with it, values, and values that left redacted."""

    requests: int = 0
    values: int = 0
    redacted: int = 0


class DepartureCount(msgspec.Struct):
    """Departures to one version of a model behind one deployment."""

    deployment: str
    provider: str
    zone: str
    digest: str
    departures: int = 0
    redacted: int = 0
    values: int = 0


class Change(msgspec.Struct, frozen=True):
    """An entry of the control plane: time (epoch milliseconds), event, actor, subject."""

    time: int
    event: str
    actor: str
    about: dict[str, str]


class Latency(msgspec.Struct, frozen=True):
    """Latency of answered requests in milliseconds, to three digits; None without requests."""

    count: int
    p50: int | None
    p95: int | None
    p99: int | None


class Purpose(msgspec.Struct):
    """The figures of one use case."""

    requests: int = 0
    types: Tally = msgspec.field(default_factory=dict)
    deployments: Tally = msgspec.field(default_factory=dict)
    levels: Tally = msgspec.field(default_factory=dict)


class Cases(msgspec.Struct):
    """Incidents opened and closed by kind; complaints received, and decided by outcome."""

    opened: Tally = msgspec.field(default_factory=dict)
    closed: Tally = msgspec.field(default_factory=dict)
    received: int = 0
    decided: Tally = msgspec.field(default_factory=dict)


class Counts(msgspec.Struct):
    """All figures of a period. Every request counts once: by its closing entry, or its refusal."""

    entries: int = 0
    erased: int = 0
    requests: int = 0
    answered: int = 0
    refused: int = 0
    crashed: int = 0
    open: int = 0
    departures: int = 0
    redacted_departures: int = 0
    redacted_values: int = 0
    estimated: int = 0
    changes_left_out: int = 0
    latency: Latency = Latency(0, None, None, None)
    latencies: dict[str, Latency] = msgspec.field(default_factory=dict)
    usage: list[UsageCount] = msgspec.field(default_factory=list)
    purposes: dict[str, Purpose] = msgspec.field(default_factory=dict)
    found: dict[str, FindingCount] = msgspec.field(default_factory=dict)
    departed: list[DepartureCount] = msgspec.field(default_factory=list)
    days: dict[str, Tally] = msgspec.field(default_factory=dict)
    zones: dict[str, Tally] = msgspec.field(default_factory=dict)
    outcomes: Tally = msgspec.field(default_factory=dict)
    refused_by: Tally = msgspec.field(default_factory=dict)
    fired: Tally = msgspec.field(default_factory=dict)
    rerouted: Tally = msgspec.field(default_factory=dict)
    failed: Tally = msgspec.field(default_factory=dict)
    detectors: Tally = msgspec.field(default_factory=dict)
    bundles: Tally = msgspec.field(default_factory=dict)
    events: Tally = msgspec.field(default_factory=dict)
    erased_events: Tally = msgspec.field(default_factory=dict)
    fields: dict[str, Tally] = msgspec.field(default_factory=dict)
    changes: list[Change] = msgspec.field(default_factory=list)
    # Left out when empty, so that the signed bytes of older reports stay the same.
    cases: Cases | msgspec.UnsetType = msgspec.UNSET
    # Decisions by identified persons, and others; missing in older reports.
    decisions: Tally | msgspec.UnsetType = msgspec.UNSET
