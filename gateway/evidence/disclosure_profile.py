"""Disclosure profiles: how much of what entries committed to a package opens.

``metadata`` opens the fields of ``OPERATIONAL``, ``pseudonymised`` all fields, ``full`` the stored
bodies as well. Every field of an entry stands in one of two tables here, and a test finds those that
do not. They are code and no policy: whoever verifies a package relies on what a profile means.
"""

from collections.abc import Mapping
from enum import StrEnum

from gateway.evidence.entry import Value

# What happened, where, under which rules, and what it took: figures, and names from the catalogue,
# the policies and our own code.
OPERATIONAL = frozenset({
    # a request
    "surface",
    "principal_kind",
    "purpose",
    "level",
    "reasons",
    "findings",
    "rules",
    "failed",
    "detectors",
    "lists",
    "zone",
    "deployment",
    "provider",
    "policies",
    "model_digest",
    "attempt",
    "redacted",
    "rerouted",
    "outcome",
    "refused_by",
    "latency_ms",
    "input_tokens",
    "output_tokens",
    "usage_estimated",
    "cost_micros",
    "currency",
    "masked",
    "unknown_placeholders",
    "unknown_echoes",
    "characters",
    "found",
    # counts and logs
    "count",
    "since",
    "until",
    "log",
    "after",
    "of_log",
    "closed",
    "degraded",
    "first",
    "last",
    "lasted_ms",
    "minutes",
    "megabytes",
    "inside_only",
    "snapshot",
    # the control plane
    "via",
    "permission",
    "kind",
    "proposal",
    "one_person",
    "changed",
    "files",
    "added",
    "removed",
    "deny",
    "allow",
    "sections",
    "file_sha256",
    "clearance",
    "expires",
    "version",
    "tag",
    "before",
    "base",
    "adapter",
    "old",
    "new",
    "hold",
    "review",
    "use_case",
    "held",
    "retention_class",
    "subjects",
    "values",
    "entries",
    "bodies",
    "of_request",
    "report",
    "same",
    "language",
    "format",
    "root",
    "profile",
    "approval",
    "valid_until",
    "where",
    "incident",
    "complaint",
    "article",
    "deadline",
    "reported",
})

# What is opened of every entry: what entries are selected by, and what runs of expiry say of themselves.
ALWAYS = frozenset({"deployment", "level", "outcome", "removed", "until", "zone"})

# What metadata packages keep closed, and why.
WITHHELD: Mapping[str, str] = {
    "principal": "the pseudonym of an application or a person",
    "asserted_user": "the pseudonym of a person",
    "network": "the pseudonym of where somebody was",
    "team": "a team may be one person",
    "team_of_key": "a team may be one person",
    "roles": "a role may be one person's",
    "author": "who proposed it",
    "proposed_by": "who proposed it",
    "registered_by": "who registered it",
    "requested_by": "who asked for it",
    "key": "the pseudonym of an application or a person",
    "name": "a name that somebody chose",
    "reason": "what somebody wrote",
    "model": "what the caller wrote there",
    "dropped": "names of fields that the caller wrote",
    "unread": "names of fields that the caller wrote",
    "requests": "they belong together: a matter, and so perhaps a person",
    "digest": "of people in some entries: the same one wherever they are meant",
    "body_sha256": "a guess at a text could be confirmed by it",
}


class DisclosureProfile(StrEnum):
    """How much a package discloses."""

    METADATA = "metadata"
    PSEUDONYMISED = "pseudonymised"
    FULL = "full"

    @property
    def fields(self) -> list[str] | None:
        """The fields that are opened, sorted; None for all there are."""
        return sorted(OPERATIONAL) if self is DisclosureProfile.METADATA else None

    def opens(self, name: str) -> bool:
        """Whether a field is opened; one that is in no table is not, where some are withheld."""
        return self is not DisclosureProfile.METADATA or name in OPERATIONAL

    def of(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """What of an entry's values is opened."""
        return {name: value for name, value in values.items() if self.opens(name)}
