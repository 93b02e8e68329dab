"""The rule of two persons: the author of a change does not approve it."""

from gateway.core.errors import Denied
from gateway.governance.actor import Actor


def is_author(author: str, actor: Actor) -> bool:
    """Whether an actor decides about a change of their own; ``author`` is an actor's id."""
    return author == actor.id


def require_second_person(author: str, approver: Actor, *, one_person: bool, message: str) -> None:
    """Check that a change may be approved by this actor.

    ``one_person`` lifts the rule. Embedded mode sets it, except for model versions.

    Raises:
        Denied: with the message, when the author approves.
    """
    if is_author(author, approver) and not one_person:
        raise Denied(message)
