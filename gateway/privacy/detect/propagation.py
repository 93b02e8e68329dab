"""Find further places of known names, in the same text and in the other texts of a request."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from gateway.core.finding import Finding
from gateway.privacy.custom_terms import Terms
from gateway.privacy.detect import code_veto
from gateway.privacy.detect.overlaps import settle, uncovered
from gateway.privacy.lexicons.names import (
    AMBIGUOUS_NAMES,
    AMBIGUOUS_SURNAMES,
    DEPARTMENTS,
    GIVEN_NAMES,
    MAILBOX_WORDS,
    PARTICLES,
    STOP_WORDS,
    VERBS,
)
from gateway.privacy.rules.birth_dates import TENTATIVE
from gateway.privacy.rules.person_names import name_at
from gateway.privacy.text.code_lines import CodeLines
from gateway.privacy.text.normalized_text import (
    NormalizedText,
    RuleMatch,
    Strength,
    is_word,
    to_finding,
)
from gateway.privacy.text.sentences import without_capitals

_MOST_NAMES = 64
_MOST_PLACES = 2000
_SPOKEN_REACH = 80  # characters around a name in a text without capitals


def propagate(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """Return the settled hits, further places of their names, and dates that follow names."""
    hits = [hit for hit in _dated(view, hits) if hit.rule != TENTATIVE]
    repeated = list(_repeated(view, hits))
    return settle(view, hits + repeated) if repeated else hits


_SIGNS_BETWEEN = frozenset([
    "",
    "(",
    ",",
    "v",
    "m",
    ", v",
    ", m",
    ", v,",
    ", m,",
    ", f,",
    "(m",
    "(v",
    "(v,",
    "(m,",
    "*",
    "(*",
    "- *",
    "m,",
    "v,",
    "f",
    "(f",
    "/",
])
_SEXES = ("(v)", "(m)", "(f)")
_LOOSE_SIGNS = frozenset([";", "|", "-", ":", "m/", "v/", "man", "vrouw", "male", "female"])
_PERSONAL = ("PERSON", "BSN", "NATIONAL_ID")


def _dated(view: NormalizedText, hits: list[RuleMatch]) -> Iterable[RuleMatch]:
    """Keep dates right after a name or before a BSN: ``J. de Wit (3 april 1987)``."""
    end = -1
    for index, hit in enumerate(hits):
        if hit.rule == TENTATIVE:
            following = hits[index + 1] if index + 1 < len(hits) else None
            if (end >= 0 and hit.start - end <= 12 and _follows_name(view, end, hit)) or (
                following is not None
                and following.type in _PERSONAL[1:]
                and following.start - hit.end <= 10
                and "\n" not in view.text[hit.end : following.start]
            ):
                yield replace(hit, rule="rule:date_of_birth-name", score=0.7)
                continue
        elif hit.type in _PERSONAL:
            end = hit.end
        yield hit


def _follows_name(view: NormalizedText, end: int, hit: RuleMatch) -> bool:
    between = view.lower[end : hit.start]
    sign = between.strip(" .\t\"'")
    if sign in _LOOSE_SIGNS:
        return any(
            f"{century}{decade}" in view.text[hit.start : hit.end] for century, decade in _PAST
        )
    if sign.rstrip(",") in _SEXES:
        return True
    if "\n" in between or sign not in _SIGNS_BETWEEN:
        return False
    if sign.startswith("("):
        return view.after(hit.end, 1) in (")", ",", ";")
    return bool(sign) or between.count(" ") > 1


_PAST = tuple(
    (century, decade)
    for century, decades in (("19", "23456789"), ("20", "0"))
    for decade in decades
)


def _repeated(view: NormalizedText, hits: Sequence[RuleMatch]) -> Iterable[RuleMatch]:
    full: dict[str, None] = {}
    single: dict[str, None] = {}
    for hit in hits:
        if hit.type == "PERSON" and hit.strength >= Strength.CONTEXT:
            _add_forms(view.text[hit.start : hit.end], full, single)
        elif hit.type == "EMAIL":
            _from_address(view.lower[hit.start : hit.end], full, single)
    yield from _occurrences(view, list(full)[:_MOST_NAMES], list(single)[:_MOST_NAMES])


def _occurrences(
    view: NormalizedText, full: Sequence[str], single: Sequence[str]
) -> Iterable[RuleMatch]:
    """Yield places of full names in any case, and of single words in their case or capitals.

    A full name is as certain as a name in context, so that a part of it does not displace it.
    """
    text, lower = view.text, view.lower
    for form in full:
        if form in lower:
            for hit in _places_of(view, lower, form):
                yield replace(hit, strength=Strength.CONTEXT)
    for word in single:
        if word in text:
            yield from _places_of(view, text, word, genitive=True)
        if len(word) > 3 and (upper := word.upper()) in text:
            yield from _places_of(view, text, upper)
    for word in single:
        if (small := word.lower()) in text:
            for hit in _places_of(view, text, small):
                if without_capitals(view, hit.start, hit.end, _SPOKEN_REACH):
                    yield hit


def _add_forms(name: str, full: dict[str, None], single: dict[str, None]) -> None:
    if "," in name:
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}"
    words = name.replace('"', " ").replace("(", " ").replace(")", " ").split()
    if len(words) > 1:
        full[name.lower()] = None
        surname = _surname(words)
        if _may_stand_alone(surname.split()[-1]):
            cased = surname if not surname.isupper() else surname.title()
            single[cased] = None
            single[cased[0].upper() + cased[1:]] = None
            single[cased.split()[-1]] = None
            for part in cased.split()[-1].split("-"):
                if len(part) > 3 and _may_stand_alone(part):
                    single[part] = None
    first = words[0] if not words[0].isupper() or len(words[0]) < 3 else words[0].title()
    alone = len(words) == 1 or first in GIVEN_NAMES or (first[:1].isupper() and len(first) > 3)
    if alone and "." not in first and _may_stand_alone(first):
        single[first] = None


def _surname(words: list[str]) -> str:
    index = len(words) - 1
    while index > 1 and words[index - 1].lower() in PARTICLES:
        index -= 1
    return " ".join(words[index:])


def _may_stand_alone(word: str) -> bool:
    folded = word.lower().rstrip(".")
    return (
        len(folded) >= 3
        and folded not in STOP_WORDS
        and folded not in VERBS
        and folded not in DEPARTMENTS
        and folded not in PARTICLES
        and word.capitalize() not in AMBIGUOUS_NAMES
    )


def _from_address(address: str, full: dict[str, None], single: dict[str, None]) -> None:
    """Add the words of an address: ``lotte.haverkamp@`` is evidence of a name."""
    parts = address.partition("@")[0].replace("_", ".").split(".")
    if len(parts) < 2 or len(parts[-1]) <= 2:
        return
    if any(
        not part.isalpha() or part in STOP_WORDS or part in DEPARTMENTS or part in MAILBOX_WORDS
        for part in parts
    ):
        return
    full[" ".join(parts)] = None
    if len(parts[0]) == 1:
        full[f"{parts[0]}. {parts[-1]}"] = None
    elif parts[0].capitalize() in GIVEN_NAMES:
        for part in (parts[0], parts[-1]):
            if len(part) > 3 and _may_stand_alone(part):
                single[part.capitalize()] = None


_GLUED = ("@", ".", "/")  # before a word that is part of a longer token


def _places_of(
    view: NormalizedText, text: str, form: str, *, genitive: bool = False
) -> Iterable[RuleMatch]:
    at = text.find(form)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return
        end = at + len(form)
        before, after = view.at(at - 1), view.at(end)
        following_sign = after
        if genitive and after == "s" and not is_word(view.at(end + 1)):
            following_sign = view.at(end + 1)
        if (
            before not in _GLUED
            and following_sign != "@"
            and not is_word(before)
            and not is_word(following_sign)
        ):
            yield RuleMatch("PERSON", at, end, "rule:person-again", Strength.PLAIN, 0.7)
            if genitive and after == "-":
                begin, far, count = name_at(view, at)
                if count > 1 and far > end:
                    yield RuleMatch("PERSON", begin, far, "rule:person-again", Strength.PLAIN, 0.7)
        at = text.find(form, end)


_REQUEST_RULE = "rule:person-request"
_NAMES_OF_REQUEST = 256
_LEAST_SCORE = 0.8  # of a name that is searched in other texts


@dataclasses.dataclass(frozen=True, slots=True)
class KnownNames:
    """The names of some texts of a request, as forms to search in the others."""

    full: tuple[str, ...]  # in lower case
    single: tuple[str, ...]
    digest: bytes

    def may_be_in(self, text: str) -> bool:
        """Whether a search may succeed: a cheap test without false negatives."""
        lower = text.lower()
        return any(form.lower() in lower for form in (*self.full, *self.single))


def names_of(texts: Iterable[tuple[str, Sequence[Finding]]]) -> KnownNames | None:
    """Return the full names found in these texts, in any order; None without names."""
    found = {
        text[finding.start : finding.end]: None
        for text, findings in texts
        for finding in findings
        if finding.type == "PERSON" and finding.score >= _LEAST_SCORE
    }
    full: dict[str, None] = {}
    single: dict[str, None] = {}
    for name in found:
        plain = NormalizedText(name).text
        if len(plain.split()) > 1:
            _add_forms(plain, full, single)
    if not full:
        return None
    forms = sorted(full)[:_NAMES_OF_REQUEST], sorted(single)[:_NAMES_OF_REQUEST]
    digest = hashlib.sha256("\0".join((*forms[0], "", *forms[1])).encode("utf-8", "replace"))
    return KnownNames(tuple(forms[0]), tuple(forms[1]), digest.digest())


def with_names(
    text: str, findings: tuple[Finding, ...], names: KnownNames, terms: Terms | None = None
) -> tuple[Finding, ...]:
    """Return the findings of a text and further places of the names of the request.

    ``terms`` are the organisation's; allowed ones are never redacted.
    """
    if not names.may_be_in(text):
        return findings
    view = NormalizedText(text)
    hits = [
        hit
        for hit in _occurrences(view, names.full, names.single)
        if not _opens_with_word(view, hit)
    ]
    hits = code_veto.drop(view.text, CodeLines(view.text), hits)
    places = terms.find(view) if terms is not None and hits else None
    if places is not None:
        hits = places.without_allowed(hits)
    repeated = (to_finding(replace(hit, rule=_REQUEST_RULE), view) for hit in settle(view, hits))
    taken = sorted((one.start, one.end) for one in findings if one.redactable)
    new = [
        dataclasses.replace(one, start=start, end=end)
        for one in repeated
        for start, end in uncovered(text, one.start, one.end, taken)
    ]
    return tuple(sorted((*findings, *new), key=lambda f: f.start)) if new else findings


def _opens_with_word(view: NormalizedText, hit: RuleMatch) -> bool:
    if view.lower[hit.start : hit.end] not in AMBIGUOUS_SURNAMES:
        return False
    left = view.text[max(0, hit.start - 3) : hit.start].rstrip(" ")
    return not left or left[-1] in '.!?:\n"*-'
