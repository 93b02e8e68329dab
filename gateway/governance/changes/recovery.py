"""The way back when no one can approve any more: codes that two persons made for it, each one."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.errors import Denied
from gateway.core.snapshot import Snapshot
from gateway.governance.actor import Actor

RECOVERY = "recovery"  # a setting


def new_code() -> str:
    """A code that only its person may know, in the form of a key, so that detection finds it."""
    return f"sluis_recovery_{secrets.token_urlsafe(32)}"


def digest_of_code(code: str) -> str:
    """What the configuration holds of a code: it is random, so a plain digest is enough."""
    return "sha256:" + hashlib.sha256(code.strip().encode()).hexdigest()


def setting_in_force(
    settings: Mapping[str, Mapping[str, Any]], signed: Snapshot | None
) -> Mapping[str, Any]:
    """The setting while the database and the signed state both hold it, else an empty one.

    So a row that somebody wrote opens nothing, and a code that was used a moment ago opens nothing
    again.
    """
    stored = settings.get(RECOVERY, {})
    return stored if signed is not None and signed.settings.get(RECOVERY) == stored else {}


def sealed_in(setting: Mapping[str, Any]) -> Mapping[str, str]:
    """The digest of each person's code; ``setting`` is the one named ``recovery``."""
    sealed: Mapping[str, str] = setting.get("sealed", {})
    return sealed


def persons_of(setting: Mapping[str, Any], codes: Sequence[str]) -> list[str]:
    """The persons of the way back whose codes are among these."""
    digests = [digest_of_code(code) for code in codes]
    return [
        person
        for person, digest in sealed_in(setting).items()
        if any(hmac.compare_digest(digest, one) for one in digests)
    ]


def opened(setting: Mapping[str, Any], codes: Sequence[str], actor: Actor) -> tuple[str, str]:
    """The two persons whose codes these are; ``setting`` is the one named ``recovery``.

    Raises:
        Denied: when they are not of two persons, or the caller is not on the machine itself.
    """
    if actor.via != "local":
        raise Denied("The way back is open on the machine of the control plane only.")
    persons = persons_of(setting, codes)
    if len(persons) != 2 or len(codes) != 2:
        raise Denied(
            "These are not the codes of the two persons whom approvals.recovery names. A code "
            "works once: whoever used it makes a new one."
        )
    return persons[0], persons[1]
