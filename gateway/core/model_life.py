"""The states of a registered version, and from which each may be entered."""

from collections.abc import Mapping

DRAFT, EVALUATED, APPROVED = "draft", "evaluated", "approved"
DEPRECATED, RETIRED, QUARANTINED = "deprecated", "retired", "quarantined"
UNPROVEN = "unproven"  # in use from before versions of its kind were registered
SERVED = frozenset({APPROVED, DEPRECATED})
WITHDRAWN = frozenset({RETIRED, QUARANTINED})
CANDIDATES = frozenset({DRAFT, EVALUATED})  # served to their evaluation alone
# A version leaves `draft` for `evaluated` by the gate of evaluations alone.
ENTERED_FROM: Mapping[str, frozenset[str]] = {
    EVALUATED: frozenset({DRAFT}),
    APPROVED: frozenset({DRAFT, EVALUATED}),
    DEPRECATED: frozenset({APPROVED, DEPRECATED}),
    RETIRED: frozenset({DRAFT, EVALUATED, APPROVED, DEPRECATED, UNPROVEN}),
    QUARANTINED: frozenset({DRAFT, EVALUATED, APPROVED, DEPRECATED, RETIRED, UNPROVEN}),
}
