"""What the texts of a request tell about one another.

A value that two neighbours hold together is found in both. A name or another value that one text
shows to be personal data is found in every text, also where no word beside it says what it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from gateway.core.finding import Finding, FindingKind
from gateway.privacy.custom_terms import Terms
from gateway.privacy.detect.known_values import KnownValues, known_values
from gateway.privacy.detect.propagation import KnownNames, names_of, with_names
from gateway.privacy.detect.split_values import SPLIT_RULE, Seam, with_split

TextFindings = Mapping[str, tuple[Finding, ...]]
Neighbours = Sequence[tuple[str, str]]


class KnownTexts:
    """Names and values to search in every text of a request; ``digest`` identifies them."""

    def __init__(self, names: KnownNames | None, values: KnownValues | None) -> None:
        self._names = names
        self._values = values
        digests = (names.digest if names else b"", values.digest if values else b"")
        self.digest = b"\xfe".join(digests)

    def with_findings(
        self, text: str, findings: tuple[Finding, ...], terms: Terms | None
    ) -> tuple[Finding, ...]:
        """The findings of a text and further places of what is known."""
        if self._names is not None:
            findings = with_names(text, findings, self._names, terms)
        if self._values is not None:
            findings = self._values.with_findings(text, findings, terms)
        return findings


def known_texts(found: TextFindings, split: Iterable[tuple[str, str]] = ()) -> KnownTexts | None:
    """What the findings of a request make known; None where nothing is.

    ``split`` are values that no text holds as a whole.
    """
    if not any(found.values()):
        return None
    names = names_of(found.items()) if len(found) > 1 else None
    values = known_values([
        *split,
        *(
            ("SECRET" if one.kind is FindingKind.SECRET else one.type, text[one.start : one.end])
            for text, findings in found.items()
            for one in findings
            if one.redactable and one.detector != SPLIT_RULE
        ),
    ])
    return KnownTexts(names, values) if names or values else None


def add_split_values(
    found: dict[str, tuple[Finding, ...]],
    seams: Iterable[Seam],
    scan: Callable[[str], tuple[Finding, ...]],
) -> list[tuple[str, str]]:
    """Adds findings of values that neighbours hold together; returns these values.

    ``scan`` finds what a short text holds.
    """
    values: list[tuple[str, str]] = []
    for seam in seams:
        left, right = seam.left, seam.right
        split = seam.findings(scan(seam.text), found[left])
        values += split.values
        found[left] = with_split(found[left], split.left)
        found[right] = with_split(found[right], split.right)
    return values
