"""Values of a request, found again where no word beside them says what they are.

A value is searched in other spellings as well: with other separators or none, in a URL, a date in
other forms, a name as an identifier writes it. A search costs time in proportion to the text.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from gateway.core.finding import Finding, FindingKind
from gateway.privacy.custom_terms import Terms
from gateway.privacy.detect.value_forms import Form, folded, forms_of, is_distinct_secret
from gateway.privacy.text.normalized_text import NormalizedText

AGAIN_RULE = "rule:value-again"
_SCORE = 0.8
_TAKEN = "\0"  # in the place of what was found already
_IGNORED = bytes(set(range(128)) - set(b"0123456789abcdefghijklmnopqrstuvwxyz\0"))
_ESCAPED = re.compile(r"%(?:2[0-9A-Fa-f]|3[A-Fa-f]|40|5[B-Fb-f])")
_WIDEST_GAP = 3  # separators between two characters of a value
_SEARCHED_ONE_BY_ONE = 256
_GRAM = 6  # no form has fewer letters and digits

Place = tuple[int, int, str, FindingKind]


class KnownValues:
    """Values to search; ``digest`` identifies them."""

    def __init__(self, forms: Mapping[str, Form], secrets: Iterable[str]) -> None:
        self._forms = {_ascii(sought): form for sought, form in forms.items()}
        self._secrets = tuple(sorted(secrets))
        written = sorted(f"{form.type} {sought}" for sought, form in forms.items())
        words = (*written, "", *self._secrets)
        self.digest = hashlib.sha256("\0".join(words).encode("utf-8", "replace")).digest()

    def with_findings(
        self, text: str, findings: tuple[Finding, ...], terms: Terms | None = None
    ) -> tuple[Finding, ...]:
        """Return the findings of a text and further places of known values.

        ``terms`` are the organisation's: allowed ones are never redacted.
        """
        taken = [(f.start, f.end) for f in findings if f.redactable]
        new = [
            Finding(kind, type_, start, end, _SCORE, AGAIN_RULE)
            for start, end, type_, kind in self._places(text, taken)
        ]
        if new and terms is not None and (allowed := terms.find(NormalizedText(text))) is not None:
            new = allowed.without_allowed(new)
        return tuple(sorted((*findings, *new), key=lambda f: f.start)) if new else findings

    def with_spans(
        self, text: str, spans: tuple[tuple[int, int, str], ...]
    ) -> tuple[tuple[int, int, str], ...]:
        """Return the spans of a text and further places of known values."""
        new = self._places(text, [(start, end) for start, end, _ in spans])
        return tuple(sorted((*spans, *(place[:3] for place in new)))) if new else spans

    def _places(self, text: str, taken: Sequence[tuple[int, int]]) -> list[Place]:
        """The places of known values beside what was found already, in order."""
        free = _without(text, taken)
        places = [*self._places_of_secrets(free), *self._places_of_forms(free)]
        places.sort(key=lambda place: (place[0], -place[1]))
        chosen: list[Place] = []
        reach = 0
        for place in places:
            if place[0] >= reach:
                chosen.append(place)
                reach = place[1]
        return chosen

    def _places_of_secrets(self, text: str) -> Iterator[Place]:
        for value in self._secrets:
            at = text.find(value)
            while at >= 0:
                yield at, at + len(value), "SECRET", FindingKind.SECRET
                at = text.find(value, at + len(value))

    def _places_of_forms(self, text: str) -> Iterator[Place]:
        if "%" in text:
            text = _ESCAPED.sub("   ", text)
        compact = _ascii(text.lower())
        present = [sought for sought in self._candidates(compact) if sought in compact]
        if not present:
            return
        offsets = _offsets(text)
        for sought in present:
            form = self._forms[sought]
            at = compact.find(sought)
            while at >= 0:
                own = offsets[at : at + len(sought)]
                if (place := _place(text, own, form)) is not None:
                    yield *place, form.type, FindingKind.PERSONAL
                at = compact.find(sought, at + 1)

    def _candidates(self, compact: bytes) -> Iterable[bytes]:
        """Forms that may be in a text; for many forms, found by their first characters."""
        if len(self._forms) <= _SEARCHED_ONE_BY_ONE:
            return self._forms
        grams = {compact[at : at + _GRAM] for at in range(len(compact) - _GRAM + 1)}
        return [sought for sought in self._forms if sought[:_GRAM] in grams]


def known_values(values: Iterable[tuple[str, str]]) -> KnownValues | None:
    """Return what is to be searched of values with their types; None where that is nothing."""
    forms: dict[str, Form] = {}
    secrets: set[str] = set()
    for type_, value in sorted(set(values)):
        if type_ == "SECRET":
            secrets.update([value] if is_distinct_secret(value) else [])
        else:
            for form in forms_of(type_, value):
                if len(_ascii(form.sought)) >= _GRAM:
                    forms.setdefault(form.sought, form)
    return KnownValues(forms, secrets) if forms or secrets else None


def _ascii(text: str) -> bytes:
    """ASCII letters and digits, and marks of what is taken."""
    return text.encode("ascii", "ignore").translate(None, _IGNORED)


def _without(text: str, taken: Sequence[tuple[int, int]]) -> str:
    """The text with the same length, in which nothing taken is found again."""
    if not taken:
        return text
    pieces: list[str] = []
    done = 0
    for start, end in sorted(taken):
        if end > done:
            begin = max(start, done)
            pieces += [text[done:begin], _TAKEN * (end - begin)]
            done = end
    return "".join([*pieces, text[done:]])


def _offsets(text: str) -> list[int]:
    """Where each character of the compact form is in the text."""
    if text.isascii():
        return [at for at, sign in enumerate(text) if sign.isalnum() or sign == _TAKEN]
    count = {sign: len(_ascii(sign.lower())) for sign in set(text)}
    if max(count.values()) < 2:
        kept = {sign for sign, held in count.items() if held}
        return [at for at, sign in enumerate(text) if sign in kept]
    return [at for at, sign in enumerate(text) for _ in range(count[sign])]


def _place(text: str, offsets: Sequence[int], form: Form) -> tuple[int, int] | None:
    """The place of a form; None where it is other text that only looks like it."""
    start, end = offsets[0], offsets[-1] + 1
    if end - start > len(offsets) and any(
        after - before > _WIDEST_GAP + 1 for before, after in pairwise(offsets)
    ):
        return None
    if folded(text[start:end]) != form.sought:  # it may begin or end with a letter beyond ASCII
        while start and not text[start - 1].isascii() and text[start - 1].isalnum():
            start -= 1
        while text[end : end + 1].isalnum() and not text[end].isascii():
            end += 1
        if folded(text[start:end]) != form.sought:
            return None
    return form.fits(text, start, end)
