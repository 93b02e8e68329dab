"""Surrogates: values that look real but belong to no person, instead of placeholders."""

from gateway.privacy.pseudonyms.surrogates.formats import SUPPORTED
from gateway.privacy.pseudonyms.surrogates.matching import SURROGATE, SurrogateMatcher
from gateway.privacy.pseudonyms.surrogates.surrogate_map import SurrogateMap
from gateway.privacy.pseudonyms.surrogates.text_span import TextSpan

__all__ = [
    "SUPPORTED",
    "SURROGATE",
    "SurrogateMap",
    "SurrogateMatcher",
    "TextSpan",
]
