"""The rule that a change leaves someone who can approve changes."""

from collections.abc import Collection

from gateway.approvals.objects import ADMIN_KEY, Objects
from gateway.core.errors import Refusal
from gateway.governance.changes.settings import APPROVALS, ENDED, NEVER


class WouldLockOut(Refusal):
    """A change would leave no one who can approve changes."""

    code = "would_lock_out"


def check_not_locked_out(
    before: Objects, after: Objects, approving: Collection[str], *, embedded: bool
) -> None:
    """Check that a change leaves a key or a group with an approving role, where there was one.

    Raises:
        WouldLockOut: says what to do first.
    """
    rule = after.get(("setting", APPROVALS), {}).get("one_person")
    if embedded and rule not in (NEVER, ENDED):
        return  # one person may decide alone
    if _can_approve(before, approving) and not _can_approve(after, approving):
        raise WouldLockOut(
            "After this change no one could approve changes. First give another key, or a group of "
            "the sign-on, an approving role."
        )


def _can_approve(objects: Objects, approving: Collection[str]) -> bool:
    """Whether a key that is not stopped, or a group of an issuer, has an approving role."""
    for (kind, name), document in objects.items():
        if kind == ADMIN_KEY and ("stop", f"key:{name}") not in objects:
            roles = document.get("roles", ())
        elif kind == "issuer":
            roles = document.get("roles", {}).values()
        else:
            continue
        if set(roles) & set(approving):
            return True
    return False
