"""The terms of ``policies/proposals.yaml``: the days after which a proposal expires."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from gateway.core.text import yaml_text
from gateway.storage import resources

FILE = "proposals.yaml"
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Kind = Literal[
    "audit_export",
    "break_glass",
    "change",
    "deadline",
    "evaluation_override",
    "evaluation_suite",
    "hold_release",
    "key_hand_over",
    "payload_reveal",
    "person_reactivate",
    "policy_bundle",
    "pseudonym_resolve",
    "restart",
    "subject_erase",
    "terms",
    "trail_gap",
]
_DAY_S = 86_400


class ProposalTermsError(ValueError):
    """The file cannot be used."""


class ProposalTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parsed file: the days of all kinds of proposals, and of those with their own."""

    version: Literal[1]
    term_days: Days
    kinds: dict[Kind, Days] = {}

    def seconds(self, kind: str) -> int:
        """The term of a kind."""
        own = {str(name): days for name, days in self.kinds.items()}
        return own.get(kind, self.term_days) * _DAY_S


def proposal_terms(files: Mapping[str, str]) -> ProposalTerms:
    """The terms of a bundle; those of the release for a bundle from before there were any.

    Raises:
        ProposalTermsError: for an unknown key or kind, or a number of days out of range.
    """
    text = files.get(FILE)
    if text is None:
        text = (resources.directory("policies") / FILE).read_text(encoding="utf-8")
    try:
        return msgspec.convert(yaml_text.mapping(text), ProposalTerms)
    except (ValueError, msgspec.ValidationError) as error:
        raise ProposalTermsError(f"{FILE}: {error}") from error
