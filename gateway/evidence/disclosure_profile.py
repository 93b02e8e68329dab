"""Disclosure profiles: which committed values a package discloses.

``metadata`` discloses the fields of ``OPERATIONAL``, ``pseudonymised`` all fields, ``full`` the
stored bodies as well. Every field of an entry is in one of two tables here, which a test checks.
They are code, not policy: the meaning of a profile is part of the export format.
"""

from collections.abc import Mapping
from enum import StrEnum

from gateway.evidence.entry import Value

# Operational facts: figures, and names from the catalogue, the policies and our own code.
OPERATIONAL = frozenset({
    # a request
    "surface",
    "principal_kind",
    "purpose",
    "level",
    "reasons",
    "findings",
    "rules",
    "monitored",
    "failed",
    "unread_reason",
    "detectors",
    "lists",
    "zone",
    "deployment",
    "provider",
    "policies",
    "model_digest",
    "model_version",
    "model_proof",
    "model_until",
    "approvals",
    "approvals_needed",
    "expected_model",
    "card_sha256",
    "proxy",
    "certificate",
    "attempt",
    "redacted",
    "rerouted",
    "replay_of",
    "continues",
    "stored_hours",
    "failed_attempts",
    "warning",
    "outcome",
    "refused_by",
    "latency_ms",
    "stages_us",
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
    "kept_inside",
    "snapshot",
    "stops",
    # the control plane
    "via",
    "permission",
    "kind",
    "proposal",
    "powers",
    "basis",
    "door",
    "number",
    "more",
    "floor",
    "one_person",
    "narrowing",
    "grant",
    "changed",
    "files",
    "added",
    "removed",
    "rollback",
    "deny",
    "allow",
    "sections",
    "file_sha256",
    "clearance",
    "expires",
    "self_service",
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
    "risk",
    "zones",
    "review_date",
    "held",
    "retention_class",
    "subjects",
    "values",
    "entries",
    "answers",
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
    "issuer",
    "members_added",
    "members_removed",
    "source",
    "incident",
    "complaint",
    "case",
    "direction",
    "gateway",
    "gateways",
    "of_kind",
    "article",
    "articles",
    "severity",
    "deadline",
    "reported",
    "signed",
    "head",
})

# Disclosed of every entry: the fields that select entries, and those that expiry runs record.
ALWAYS = frozenset({"deployment", "level", "outcome", "removed", "until", "zone"})

# Fields that metadata packages withhold, with the reason.
WITHHELD: Mapping[str, str] = {
    "pseudonym": "the pseudonym of a person",
    "principal": "the pseudonym of an application or a person",
    "asserted_user": "the pseudonym of a person",
    "on_behalf_of": "the pseudonym of a person",
    "network": "the pseudonym of a person's location",
    "team": "a team may be one person",
    "team_of_key": "a team may be one person",
    "roles": "a role may be that of one person",
    "author": "who proposed it",
    "author_name": "who proposed it",
    "author_person": "who proposed it",
    "author_comment": "free text",
    "person": "who did it",
    "approver": "who approved it",
    "comment": "free text",
    "subject": "free text",
    "lines": "a difference may name persons: owners of keys, members of groups",
    "proposed_by": "who proposed it",
    "owner": "whose key it is",
    "registered_by": "who registered it",
    "requested_by": "who asked for it",
    "key": "the pseudonym of an application or a person",
    "key_name": "free text",
    "roles_of_key": "a role may be that of one person",
    "name": "free text",
    "difference": "it may name a person",
    "of_person": "the id of a person",
    "person_name": "the name of a person",
    "group": "a group may be one person",
    "group_name": "a group may be one person",
    "owner_before": "the name of a person",
    "reason": "free text",
    "model": "text of the caller",
    "reported_model": "text of the provider",
    "dropped": "field names of the caller",
    "unread": "field names of the caller",
    "requests": "related requests identify a matter, and so perhaps a person",
    "digest": "in some entries a person's: equal for all entries about that person",
    "body_sha256": "it could confirm a guess at a text",
}


class DisclosureProfile(StrEnum):
    """How much a package discloses."""

    METADATA = "metadata"
    PSEUDONYMISED = "pseudonymised"
    FULL = "full"

    @property
    def fields(self) -> list[str] | None:
        """The disclosed fields, sorted; None for all fields."""
        return sorted(OPERATIONAL) if self is DisclosureProfile.METADATA else None

    def opens(self, name: str) -> bool:
        """Returns whether a field is disclosed; ``metadata`` withholds an unknown field."""
        return self is not DisclosureProfile.METADATA or name in OPERATIONAL

    def disclosed(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Returns the disclosed ones of an entry's values."""
        return {name: value for name, value in values.items() if self.opens(name)}
