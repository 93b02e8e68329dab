"""What may happen: authorisation by Cedar and content rules, both from one immutable bundle."""

from gateway.decisions.authorisation import Authoriser, BundleError, Question, question
from gateway.decisions.content import ContentRules, OutputGuard

__all__ = ["Authoriser", "BundleError", "ContentRules", "OutputGuard", "Question", "question"]
