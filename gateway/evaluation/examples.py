"""Marked texts, and the names that other detectors use for the same types."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAMES = {
    "PERSON": "PER NAME GIVEN_NAME SURNAME FIRST_NAME LAST_NAME",
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER NL_PHONE",
    "CITY": "LOCATION LOC GPE STATE NL_CITY",
    "STREET_ADDRESS": "ADDRESS STREET STREET_NAME BUILDING_NUMBER SECONDARY_ADDRESS",
    "POSTCODE": "ZIP_CODE POSTAL_CODE NL_POSTCODE",
    "IBAN": "IBAN_CODE BANK_ACCOUNT",
    "BSN": "NL_BSN",
    "DATE_OF_BIRTH": "DATE_TIME DATE",
    "KVK": "NL_KVK",
    "VAT_ID": "NL_VAT",
    "RSIN": "NL_RSIN",
    "LICENSE_PLATE": "NL_LICENSE_PLATE KENTEKEN",
    "PASSPORT_ID": "NL_PASSPORT PASSPORT US_PASSPORT NL_ID_CARD ID_CARD",
    "DRIVING_LICENCE": "NL_DRIVING_LICENCE DRIVERS_LICENSE US_DRIVER_LICENSE",
    "BIG_NUMBER": "NL_BIG",
    "AGB_CODE": "NL_AGB",
    "V_NUMBER": "NL_V_NUMBER",
    "CREDIT_CARD": "CREDIT_CARD_NUMBER",
    "SECRET": "API_KEY PRIVATE_KEY JWT PASSWORD CREDENTIAL",
    "NATIONAL_ID": "GOVERNMENT_ID SSN US_SSN TAX_ID ES_NIF IT_FISCAL_CODE PL_PESEL",
}
_CANONICAL = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text, in code points, with its type."""

    start: int
    end: int
    type: str

    def touches(self, other: "Span") -> bool:
        """Return whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def iou(self, other: "Span") -> float:
        """Return the shared characters as a share of all characters of the two."""
        shared = max(0, min(self.end, other.end) - max(self.start, other.start))
        return shared / ((self.end - self.start) + (other.end - other.start) - shared)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One text with its marked spans.

    A finding in ``ignored`` neither helps nor hurts a detector. ``level`` is empty where no level
    is marked, ``kind`` (``email``, ``python``) where none is given.
    """

    id: str
    lang: str
    text: str
    spans: tuple[Span, ...]
    ignored: tuple[Span, ...] = ()
    level: str = ""
    kind: str = ""


def canonical(type_: str) -> str:
    """Return our name of a type; an unknown type keeps its own name."""
    return _CANONICAL.get(type_.upper(), type_.upper())


def load(path: Path) -> list[MarkedText]:
    """Read a file with one JSON object a line.

    Raises:
        ValueError: A line is not a marked text; the message names it.
    """
    examples = []
    # Not splitlines: a string may hold other line ends, such as U+2028.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        try:
            if line.strip():
                examples.append(_example(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{path.name} line {number} is not a marked text: {error!r}"
            ) from error
    return examples


def _example(row: Mapping[str, Any]) -> MarkedText:
    text = row["text"]
    spans = tuple(Span(s["start"], s["end"], canonical(s["type"])) for s in row["spans"])
    ignored = tuple(Span(s["start"], s["end"], "") for s in row.get("ignored", ()))
    for span in spans + ignored:
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"{span} lies outside the text")
    level, kind = row.get("level", ""), row.get("kind", "")
    return MarkedText(row["id"], row["lang"], text, spans, ignored, level, kind)
