"""Values that look real and are nobody's, instead of placeholders."""

from gateway.privacy.redact.surrogates.formats import SUPPORTED
from gateway.privacy.redact.surrogates.matching import SURROGATE, SurrogateMatcher
from gateway.privacy.redact.surrogates.surrogate_map import Surrogates
from gateway.privacy.redact.surrogates.text_span import Place

__all__ = [
    "SUPPORTED",
    "SURROGATE",
    "Place",
    "SurrogateMatcher",
    "Surrogates",
]
