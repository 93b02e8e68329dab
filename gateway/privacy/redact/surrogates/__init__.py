"""Surrogates: values that look real but belong to no person, instead of placeholders."""

from gateway.privacy.redact.surrogates.formats import SUPPORTED
from gateway.privacy.redact.surrogates.matching import SURROGATE, SurrogateMatcher
from gateway.privacy.redact.surrogates.surrogate_map import SurrogateMap
from gateway.privacy.redact.surrogates.text_span import TextSpan

__all__ = [
    "SUPPORTED",
    "SURROGATE",
    "SurrogateMap",
    "SurrogateMatcher",
    "TextSpan",
]
