"""The rule that a change leaves someone who can approve changes."""

from collections.abc import Collection

from gateway.approvals.objects import Objects
from gateway.core.errors import Refusal
from gateway.core.objects.keys import ADMIN_KEY
from gateway.core.text.look_alikes import distinct_names
from gateway.governance.actor import OPERATOR
from gateway.governance.changes.settings import APPROVALS, ENDED, NEVER


class WouldLockOut(Refusal):
    """A change would leave no one who can approve changes."""

    code = "would_lock_out"


def check_not_locked_out(
    before: Objects, after: Objects, approving: Collection[str], *, embedded: bool, least: int
) -> None:
    """Check that a change leaves at least that many persons who approve, where there were as many.

    ``least`` is 0 where a change may leave none.

    Raises:
        WouldLockOut: says what to do first.
    """
    rule = after.get(("setting", APPROVALS), {}).get("one_person")
    if embedded and rule not in (NEVER, ENDED):
        return  # one person may decide alone
    left = _approvers(after, approving)
    if left < min(least, _approvers(before, approving)):
        raise WouldLockOut(
            f"After this change {left or 'no one'} could approve changes, and changes need "
            f"{least}. First give another person's key, or a group of the sign-on, an approving "
            "role; or say that this is meant (`sluis apply --may-lock-out`)."
            if least > 1
            else "After this change no one could approve changes. First give another key, or a "
            "group of the sign-on, an approving role."
        )


def _approvers(objects: Objects, approving: Collection[str]) -> int:
    """How many persons have an approving role: owners of keys that are not stopped, and groups.

    A group counts as two: the identity provider says who is in it.
    """
    owners, groups = set(), 0
    for (kind, name), document in objects.items():
        if kind == ADMIN_KEY and ("stop", f"key:{name}") not in objects:
            if set(document.get("roles", ())) & set(approving):
                owners.add(str(document.get("owner") or OPERATOR))
        elif kind == "issuer":
            groups += bool(set(document.get("roles", {}).values()) & set(approving))
    return len(distinct_names(owners)) + 2 * groups
