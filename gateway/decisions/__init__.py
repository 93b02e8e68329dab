"""Decisions: authorisation by Cedar, content rules and failure actions of one immutable bundle."""

from gateway.decisions.authorisation import (
    AuthorisationRequest,
    Authoriser,
    BundleError,
    authorisation_request,
)
from gateway.decisions.content import AnswerTo, ContentRules
from gateway.decisions.content_floor import strictest, waivers
from gateway.decisions.content_guardrail import (
    GUARDRAILS,
    GuardrailCheck,
    GuardrailVerdict,
    LackingScore,
)
from gateway.decisions.content_rule import Circumstances, ContentRule
from gateway.decisions.content_secrets import SecretFinder
from gateway.decisions.evaluations import (
    OWN,
    EvaluationRules,
    RiskRequirements,
    SuiteThresholds,
)
from gateway.decisions.failures import Action, Control, FailureTable, Overload
from gateway.decisions.output_guard import OutputGuard
from gateway.decisions.use_cases import Review, UseCaseRules

__all__ = [
    "GUARDRAILS",
    "OWN",
    "Action",
    "AnswerTo",
    "AuthorisationRequest",
    "Authoriser",
    "BundleError",
    "Circumstances",
    "ContentRule",
    "ContentRules",
    "Control",
    "EvaluationRules",
    "FailureTable",
    "GuardrailCheck",
    "GuardrailVerdict",
    "LackingScore",
    "OutputGuard",
    "Overload",
    "Review",
    "RiskRequirements",
    "SecretFinder",
    "SuiteThresholds",
    "UseCaseRules",
    "authorisation_request",
    "strictest",
    "waivers",
]
