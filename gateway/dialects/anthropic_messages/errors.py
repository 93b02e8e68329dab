"""Refusals in the shape of the Messages API."""

from gateway.core.errors import Refusal
from gateway.core.http_errors import status_of
from gateway.dialects.base import Body

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
# Clients that shorten a conversation which became too long look for these words.
_BEFORE = {"context_length_exceeded": "prompt is too long: "}


def error_of(refusal: Refusal) -> Body:
    """The error object; ``request_id`` where the request is known.

    ``code`` and ``param`` are our own additions: Anthropic's shape has no place for them.
    """
    status = status_of(refusal)
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    error = {
        "type": kind,
        "message": _BEFORE.get(refusal.code, "") + refusal.message,
        "code": refusal.code,
        "param": refusal.param,
    }
    return {"type": "error", "error": error, "request_id": refusal.request_id}
