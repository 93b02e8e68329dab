"""What may happen: authorisation by Cedar and content rules, both from one immutable bundle."""

from gateway.decisions.authorisation import Authoriser, BundleError, Question, question
from gateway.decisions.content import ContentRules, OutputGuard
from gateway.decisions.failures import Action, FailureTable

__all__ = [
    "Action",
    "Authoriser",
    "BundleError",
    "ContentRules",
    "FailureTable",
    "OutputGuard",
    "Question",
    "question",
]
