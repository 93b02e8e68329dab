"""Refusals of the desk."""

from gateway.core.errors import InvalidRequest, Refusal


class AlreadyClosed(Refusal):
    """An incident was closed, or a complaint decided, before; the message names it."""

    code = "already_closed"


def missing(what: str) -> InvalidRequest:
    """There is no such incident or complaint; ``what`` is one of these words."""
    return InvalidRequest(f"There is no such {what}.", code="not_found")
