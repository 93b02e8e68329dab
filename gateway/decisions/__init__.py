"""Decisions: authorisation by Cedar, content rules and failure actions of one immutable bundle."""

from gateway.decisions.authorisation import (
    AuthorisationRequest,
    Authoriser,
    BundleError,
    authorisation_request,
)
from gateway.decisions.content import ContentRules, OutputGuard
from gateway.decisions.failures import Action, Control, FailureTable, Overload

__all__ = [
    "Action",
    "AuthorisationRequest",
    "Authoriser",
    "BundleError",
    "ContentRules",
    "Control",
    "FailureTable",
    "OutputGuard",
    "Overload",
    "authorisation_request",
]
