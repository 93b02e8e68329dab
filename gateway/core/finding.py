"""One thing a detector saw in a text."""

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What sort of thing was seen; decides how it is redacted and what level it makes."""

    PERSONAL = "personal"  # personal data: redacted reversibly
    SECRET = "secret"  # credentials: redacted one way, never stored
    LABEL = "label"  # a document label such as "vertrouwelijk"
    TOPIC = "topic"  # a special category bound to a person
    UNREAD = "unread"  # content that no detector could read


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen and where.

    ``start`` and ``end`` are code-point offsets in the text that was scanned, ``score`` lies
    between 0 and 1, ``detector`` names the rule that saw it.
    """

    kind: FindingKind
    type: str
    start: int
    end: int
    score: float
    detector: str

    @property
    def redactable(self) -> bool:
        """Whether the span itself is taken out before a text leaves."""
        return self.kind in (FindingKind.PERSONAL, FindingKind.SECRET)


PERSONAL_TYPES = (
    "PERSON",
    "EMAIL",
    "PHONE",
    "STREET_ADDRESS",
    "POSTCODE",
    "CITY",
    "DATE_OF_BIRTH",
    "IBAN",
    "CREDIT_CARD",
    "BSN",
    "RSIN",
    "KVK",
    "VAT_ID",
    "LICENSE_PLATE",
    "PASSPORT_ID",
    "DRIVING_LICENCE",
    "V_NUMBER",
    "BIG_NUMBER",
    "AGB_CODE",
    "NATIONAL_ID",
    "IP_ADDRESS",
)
SPECIAL_CATEGORIES = (
    "HEALTH",
    "RELIGION",
    "UNION",
    "ETHNICITY",
    "SEXUALITY",
    "POLITICS",
    "BIOMETRIC",
    "CRIMINAL",
)
