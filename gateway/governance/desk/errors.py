"""Refusals of the desk."""

from gateway.core.errors import InvalidRequest, Refusal


class AlreadyClosed(Refusal):
    """An incident was closed, or a complaint decided, before; the message names it."""

    code = "already_closed"


def missing(what: str) -> InvalidRequest:
    """There is no such incident or complaint; ``what`` is one of these words."""
    return InvalidRequest(f"There is no such {what}.", code="not_found")


def check_reason(reason: str) -> None:
    """Nothing when it says why somebody reads what people wrote.

    Raises:
        InvalidRequest: when it has less than ten characters.
    """
    if len(reason.strip()) < 10:
        raise InvalidRequest("Say why, in at least ten characters.", param="reason")
