"""The way back when no one can approve any more: codes that two persons made for it, each one."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.errors import Denied
from gateway.governance.actor import Actor

RECOVERY = "recovery"  # a setting
_BYTES = 24


def new_code() -> str:
    """A code that only its person may know."""
    return f"recover_{secrets.token_urlsafe(_BYTES)}"


def digest_of_code(code: str) -> str:
    """What the configuration holds of a code: it is random, so a plain digest is enough."""
    return "sha256:" + hashlib.sha256(code.strip().encode()).hexdigest()


def opened(setting: Mapping[str, Any], codes: Sequence[str], actor: Actor) -> tuple[str, str]:
    """The two persons whose codes these are; ``setting`` is the one named ``recovery``.

    Raises:
        Denied: when they are not of two persons, or the caller is not on the machine itself.
    """
    if actor.via != "local":
        raise Denied("The way back is open on the machine of the control plane only.")
    sealed = setting.get("sealed", {})
    digests = [digest_of_code(code) for code in codes]
    persons = [
        person
        for person, digest in sealed.items()
        if any(hmac.compare_digest(digest, one) for one in digests)
    ]
    if len(persons) != 2 or len(codes) != 2:
        raise Denied(
            "These are not the codes of the two persons whom approvals.recovery names. A code "
            "works once: whoever used it makes a new one."
        )
    return persons[0], persons[1]
