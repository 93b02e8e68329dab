"""Refusals: why a request ends without a response. No HTTP here: gateway.api maps the codes.

Refusal
├── Unauthenticated        invalid_api_key
├── InvalidRequest         invalid_request, content_policy_violation, request_too_large, ...
├── InProgress             idempotency_in_progress
├── Denied                 access_denied
│   └── Stopped            access_denied; the outcome on record is stopped
├── UnknownModel           model_not_found
├── ModelRetired           model_retired
├── RateLimited            rate_limit_exceeded
├── QuotaExceeded          insufficient_quota
├── Unavailable            service_unavailable (our own parts: trail, database, snapshot)
├── LimitsUnavailable      limits_unavailable (the store of limits and budgets)
├── GuardrailUnavailable   guardrail_unavailable (a guardrail did not answer well)
├── NoUpstream             no_upstream (allowed candidates, none reachable)
├── UpstreamLimited        upstream_rate_limited (allowed candidates, all at their limit)
└── UpstreamFailed         upstream_error, upstream_timeout, upstream_disconnected
"""

from enum import Enum


class ConfigError(Exception):
    """A configuration file cannot be used. Each line of the message names a position and a fix."""


class TrailDamaged(Exception):
    """The stored trail is inconsistent. It is not signed."""


class Refusal(Exception):
    """A refused request. The message never holds content of the request.

    ``code`` is stable and documented; ``param`` names the field at fault; ``retry_after`` is in
    seconds, or None when repeating does not help; ``rules`` are the ids of policies that decided.
    ``request_id`` is known where the refusal is answered.
    """

    code = "refused"
    request_id: str | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: int | None = None,
        rules: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.param = param
        self.retry_after = retry_after
        self.rules = rules

    @property
    def outcome(self) -> str:
        """The outcome on record, in metrics and in reports."""
        return self.code


class Unauthenticated(Refusal):
    """The credential is missing, unknown, expired or revoked."""

    code = "invalid_api_key"


class InvalidRequest(Refusal):
    """The request is not valid. Repeating it unchanged gives the same result."""

    code = "invalid_request"


class InProgress(Refusal):
    """The first request with the same Idempotency-Key is still under way."""

    code = "idempotency_in_progress"


class Denied(Refusal):
    """Policy allows no deployment for this request."""

    code = "access_denied"


class Stopped(Denied):
    """A stop switch is on for the use case, the alias, the key or the deployment."""

    @property
    def outcome(self) -> str:
        """A stop differs from a refusal by policy."""
        return "stopped"


class UnknownModel(Refusal):
    """The model does not exist, or this key may not use it."""

    code = "model_not_found"


class ModelRetired(Refusal):
    """The version behind the name has ended, and no other is behind it."""

    code = "model_retired"

    def __init__(self) -> None:
        super().__init__(
            "The version of this model has been retired. Ask for another model: GET /v1/models "
            "lists what you may use.",
            param="model",
        )


class RateLimited(Refusal):
    """Too many requests or tokens in this minute."""

    code = "rate_limit_exceeded"


class QuotaExceeded(Refusal):
    """The budget of this period is used up."""

    code = "insufficient_quota"


class Unavailable(Refusal):
    """One of our own parts is down: the trail, the database, the snapshot."""

    code = "service_unavailable"


class LimitsUnavailable(Refusal):
    """Limits and budgets cannot be counted now. The refusal itself is on record."""

    code = "limits_unavailable"


class GuardrailUnavailable(Refusal):
    """A guardrail did not answer well, and policy lets nothing pass unchecked; it is on record."""

    code = "guardrail_unavailable"


class Stopping(Unavailable):
    """This process stops, and the answer under way has taken longer than that may wait."""

    @property
    def outcome(self) -> str:
        """The end of a process differs from an outage."""
        return "gateway_stopped"


class NoUpstream(Refusal):
    """Policy allows deployments, but none of them can be reached."""

    code = "no_upstream"


class UpstreamLimited(Refusal):
    """The providers of all deployments that policy allows have reached their limits."""

    code = "upstream_rate_limited"


class UpstreamFault(Enum):
    """Whose fault a failure of a provider is, and so what heals it."""

    OUTAGE = "outage"  # the provider's: another deployment, or time
    LIMIT = "limit"  # its limit is reached: time
    OPERATOR = "operator"  # it refuses our credential, address or model name: the operator alone


class UpstreamFailed(Refusal):
    """The provider answered with an error, answered too late, or closed the connection."""

    code = "upstream_error"

    def __init__(
        self,
        message: str,
        *,
        fault: UpstreamFault = UpstreamFault.OUTAGE,
        code: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.fault = fault
