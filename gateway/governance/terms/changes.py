"""Changes of the organisation's lists of terms, and what a term may be."""

from collections.abc import Iterable

import msgspec

from gateway.core.errors import InvalidRequest
from gateway.core.finding import PERSONAL_TYPES
from gateway.privacy import canonical, normalised

DENY, ALLOW = "deny", "allow"
MAX_LENGTH = 200


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term of the list ``kind``. The ``type`` of personal data matters for denied ones only."""

    kind: str
    text: str
    type: str = "PERSON"

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"Term(kind={self.kind!r}, type={self.type!r})"

    @property
    def key(self) -> tuple[str, str]:
        """The list, and the form that all spellings of the term share."""
        return self.kind, canonical(self.text)

    @property
    def stored_type(self) -> str:
        """The type of a denied term; empty for an allowed one."""
        return self.type if self.kind == DENY else ""


class TermChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms to add and to remove."""

    add: list[Term] = []
    remove: list[Term] = []


def distinct(where: str, terms: Iterable[Term]) -> dict[tuple[str, str], Term]:
    """Terms by their key, in clean spelling; the first of several spellings counts.

    Raises:
        InvalidRequest: names the position of an invalid term in ``where``, never the term.
    """
    found: dict[tuple[str, str], Term] = {}
    for number, term in enumerate(terms):
        clean = msgspec.structs.replace(term, text=" ".join(normalised(term.text).split()))
        if problem := _problem(clean):
            raise InvalidRequest(f"{where}.{number}: {problem}", param=f"{where}.{number}")
        found.setdefault(clean.key, clean)
    return found


def _problem(term: Term) -> str | None:
    form = canonical(term.text)
    if term.kind not in {DENY, ALLOW}:
        return "the kind must be deny or allow."
    if term.kind == DENY and term.type not in PERSONAL_TYPES:
        return f"the type must be one of {', '.join(PERSONAL_TYPES)}."
    if max(len(term.text), len(form)) > MAX_LENGTH:
        return f"a term has at most {MAX_LENGTH} characters."
    if not term.text.isprintable():
        return "a term holds no control characters."
    if sum(map(str.isalnum, form)) < 2:
        return "a term needs at least two letters or digits."
    return None
