"""One detection result in a text."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

UNREAD = "UNREAD"  # the type of content that no detector could scan
UNREAD_SCRIPT = "UNREAD_SCRIPT"  # of words in a script that no detector reads


class FindingKind(StrEnum):
    """The kind of a finding. It determines how the finding is redacted and which level it sets."""

    PERSONAL = "personal"  # personal data: redacted reversibly
    SECRET = "secret"  # credentials: redacted one way, never stored
    LABEL = "label"  # a document label such as "vertrouwelijk"
    TOPIC = "topic"  # a special category bound to a person
    UNREAD = "unread"  # content that no detector could scan
    SCRIPT = "script"  # words in a script that no detector reads; the rest of the text was read


@dataclass(frozen=True, slots=True)
class Finding:
    """A detected span.

    ``start`` and ``end`` are code-point offsets in the scanned text, ``score`` is between 0 and 1,
    ``detector`` names the rule that found it.
    """

    kind: FindingKind
    type: str
    start: int
    end: int
    score: float
    detector: str

    @property
    def redactable(self) -> bool:
        """Whether the span itself is redacted before a text is sent."""
        return self.kind in (FindingKind.PERSONAL, FindingKind.SECRET)


def is_unread(findings: Iterable[Finding]) -> bool:
    """Whether the text of these findings was not read, so that more may be in it."""
    return any(one.kind is FindingKind.UNREAD for one in findings)


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
