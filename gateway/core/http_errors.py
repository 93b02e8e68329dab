"""Refusals as HTTP: one table from codes to statuses, one body per dialect."""

from typing import Any

from gateway.core.errors import Refusal

NOT_ALLOWED = "method_not_allowed"
# Codes of the data plane; those of the control plane alone come after them.
DATA_PLANE = {
    "invalid_api_key": 401,
    "access_denied": 403,
    "model_not_found": 404,
    "not_found": 404,
    NOT_ALLOWED: 405,
    "answer_erased": 410,
    "model_retired": 410,
    "request_too_large": 413,
    "idempotency_mismatch": 422,
    "invalid_request": 400,
    "duplicate_header": 400,
    "request_too_complex": 400,
    "content_policy_violation": 400,
    "previous_response_not_found": 400,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "upstream_rate_limited": 429,
    "internal_error": 500,
    "idempotency_in_progress": 409,
    "upstream_error": 502,
    "upstream_disconnected": 502,
    "upstream_timeout": 504,
    "no_upstream": 503,
    "service_unavailable": 503,
    "limits_unavailable": 503,
    "guardrail_unavailable": 503,
}
CONTROL_PLANE = {
    "invalid_logout_token": 401,
    "trail_damaged": 409,
    "on_hold": 409,
    "already_closed": 409,
    "not_judged": 409,
    "stale_draft": 409,
    "stale_proposal": 409,
    "proposal_expired": 409,
    "sign_on_needed": 403,
    "sign_on_refused": 400,
    "sign_on_expired": 400,
    "fria_needed": 400,
    "no_sign_on_needed": 409,
    "reviewer_may_not_approve": 400,
    "owned_by_file": 409,
    "team_in_use": 409,
    "would_lock_out": 409,
    "in_use": 409,
    "conflict": 409,
    "no_gap": 409,
    "key_replaced": 409,
    "evaluation_required": 409,
    "suite_not_approved": 409,
}
STATUS = DATA_PLANE | CONTROL_PLANE
_WAIT_S = 5  # after a 429 that names no time
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    return STATUS.get(refusal.code, 500)


def body_of(refusal: Refusal) -> dict[str, Any]:
    """The error object of the OpenAI dialect."""
    status = status_of(refusal)
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    error = {
        "message": refusal.message,
        "type": kind,
        "param": refusal.param,
        "code": refusal.code,
    }
    return {"error": error}


def waiting_of(refusal: Refusal) -> dict[str, str]:
    """Retry-After where waiting helps, and on every 429: some clients end at one without it.

    For an exhausted budget also that retrying does not help.
    """
    wait = refusal.retry_after
    if wait is None and status_of(refusal) == 429:
        wait = _WAIT_S
    headers = {} if wait is None else {"retry-after": str(wait)}
    if refusal.code == "insufficient_quota":
        headers["x-should-retry"] = "false"
    if refusal.code == "no_upstream" and wait is None:  # a fault that waiting does not heal
        headers["x-should-retry"] = "false"
    return headers
