"""Values that look real and are nobody's, instead of placeholders."""

from gateway.privacy.surrogates.book import Surrogates
from gateway.privacy.surrogates.formats import SUPPORTED
from gateway.privacy.surrogates.matching import SURROGATE, SurrogateMatcher
from gateway.privacy.surrogates.place import Place

__all__ = [
    "SUPPORTED",
    "SURROGATE",
    "Place",
    "SurrogateMatcher",
    "Surrogates",
]
