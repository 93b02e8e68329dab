"""Decisions in the trail: those of identified persons, and others."""

from collections.abc import Mapping

from gateway.evidence.entry import Value
from gateway.governance.actor import OPERATOR

BY_PERSON, OTHER = "person", "other"
_DECISIONS = (
    ":approve",
    ":reject",
    "control:model:quarantine",
    "control:key:revoke",
    "control:stop:set",
    "control:hold:create",
    "control:hold:release",
    "control:incident:judge",
    "control:incident:close",
    "control:complaint:decide",
    "control:person_request:decide",
    "control:break_glass:review",
)
_SIGN_ON = "sign-on"


def decided_by(event: str, values: Mapping[str, Value] | None) -> str | None:
    """Who took the decision that an entry records; None when it records no decision.

    ``BY_PERSON`` needs a person behind the entry. Processes, the first start, senders without a
    credential, the operator of the machine, and entries whose person is erased or withheld are
    ``OTHER``.
    """
    if not event.endswith(_DECISIONS):
        return None
    known = values or {}
    named = known.get("person") or (known.get("via") == _SIGN_ON and known.get("principal"))
    return BY_PERSON if named and known.get("person") != OPERATOR else OTHER
