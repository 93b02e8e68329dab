"""Errors of incidents and complaints."""

from gateway.core.errors import InvalidRequest, Refusal


class AlreadyClosed(Refusal):
    """An incident was closed, or a complaint decided, before; the message names it."""

    code = "already_closed"


class NotJudged(Refusal):
    """No one has judged whether an incident must be reported, or what binds is not reported."""

    code = "not_judged"


def missing(what: str) -> InvalidRequest:
    """The error for an unknown case; ``what`` is incident, complaint or case."""
    return InvalidRequest(f"There is no such {what}.", code="not_found")
