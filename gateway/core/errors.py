"""Refusals: why a request ends without an answer. No HTTP here; gateway.api maps codes to statuses.

Refusal
├── Unauthenticated        invalid_api_key
├── InvalidRequest         invalid_request, content_policy_violation, request_too_large, ...
├── Denied                 access_denied
├── UnknownModel           model_not_found
├── RateLimited            rate_limit_exceeded
├── QuotaExceeded          insufficient_quota
├── Unavailable            service_unavailable (our own parts: trail, database, snapshot)
├── NoUpstream             no_upstream (allowed candidates, none reachable)
└── UpstreamFailed         upstream_error, upstream_timeout, upstream_disconnected
"""


class ConfigError(Exception):
    """A configuration file cannot be used; each line of the message names a place and a cure."""


class TrailDamaged(Exception):
    """The stored trail does not hold together; it is not signed as if it did."""


class Refusal(Exception):
    """A request that ends here. The message never holds content of the request.

    ``code`` is stable and documented; ``param`` names the field at fault; ``retry_after`` is in
    seconds, or None when repeating does not help; ``rules`` are the ids of policies that decided.
    """

    code = "refused"

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


class Unauthenticated(Refusal):
    """The credential is missing, unknown, expired or revoked."""

    code = "invalid_api_key"


class InvalidRequest(Refusal):
    """The request cannot be taken as it is; repeating it unchanged gives the same answer."""

    code = "invalid_request"


class Denied(Refusal):
    """Policy allows no way for this request."""

    code = "access_denied"


class UnknownModel(Refusal):
    """No such model, or not one that this key may use."""

    code = "model_not_found"


class RateLimited(Refusal):
    """Too many requests or tokens in this minute."""

    code = "rate_limit_exceeded"


class QuotaExceeded(Refusal):
    """The budget of this period is used up."""

    code = "insufficient_quota"


class Unavailable(Refusal):
    """One of our own parts is down: the trail, the database, the snapshot."""

    code = "service_unavailable"


class NoUpstream(Refusal):
    """Policy allows deployments, and none of them can be reached."""

    code = "no_upstream"


class UpstreamFailed(Refusal):
    """The provider answered with an error, too late, or broke off.

    ``safe_to_retry`` says that another deployment may be tried: nothing was shown to the caller.
    """

    code = "upstream_error"

    def __init__(
        self,
        message: str,
        *,
        safe_to_retry: bool = True,
        code: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.safe_to_retry = safe_to_retry
