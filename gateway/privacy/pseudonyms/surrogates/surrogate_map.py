"""The surrogate of each value in one conversation.

A name is replaced word by word, so that "Jan de Vries", "Jan" and "mevrouw De Vries" stay one
family, and each word is restored by itself. All other values are replaced as a whole.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from gateway.core.text.matcher import Match
from gateway.privacy.pseudonyms.surrogates.deterministic_choice import DeterministicChoice, Digest
from gateway.privacy.pseudonyms.surrogates.formats import MAKERS, Maker, house_number, street
from gateway.privacy.pseudonyms.surrogates.lists import GIVEN, SURNAMES, language_and_gender
from gateway.privacy.pseudonyms.surrogates.matching import SurrogateMatcher, SurrogatePatterns
from gateway.privacy.pseudonyms.surrogates.name_parts import NamePart, home_of, parts_of
from gateway.privacy.pseudonyms.surrogates.text_span import TextSpan
from gateway.privacy.pseudonyms.surrogates.titles import gender_of, titles_before, titles_in
from gateway.privacy.text.language import language_of

LONGEST = 47  # characters of a surrogate: the most that a stream waits for
SHORTEST_NUMBER = 8  # digits of a number that a text holds by chance too rarely to matter
_TRIES = 64
_INITIALS = "BDGHJKLMNPRTVW"
_STREET = re.compile(r"([^\d\n]*[^\W\d])( ?[ ,] ?)(\d{1,5} ?[A-Za-z]?(?:[-/ ]{1,3}\w{1,4})?)")
_NUMBER_FIRST = re.compile(r"(\d{1,5}[A-Za-z]?)( )([^\d\n]*[^\W\d])")
_WORD = re.compile(r"\w{3,}")
_SIGNS = frozenset(" .,@+-()/'")


class SurrogateMap:
    """The surrogates of one conversation; the same requests give the same ones without state."""

    def __init__(self, digest: Digest, standing: Iterable[str]) -> None:
        """``standing``: all texts and values in which no surrogate may occur."""
        self._digest = digest
        texts = "\n".join(standing)
        self._standing = texts.casefold()
        self._names = {word.lower() for word in _WORD.findall(texts) if word[0].isupper()}
        self._seeds: dict[str, str] = {}  # seed by surrogate in lower case
        self._values: dict[
            str, dict[str, str]
        ] = {}  # values by surrogate in lower case, then by exact spelling
        self._known: dict[tuple[str, str], str] = {}  # surrogate by (type, value)
        self._language = ("", "")
        self._lexicon: SurrogatePatterns | None = None

    def known(self, type_: str, value: str) -> str | None:
        """Return the surrogate of a value that has been replaced."""
        return self._known.get((type_, value))

    def values(self) -> dict[tuple[str, str], str]:
        """Return types and values of all replaced values, with the surrogate of each."""
        return self._known

    def surrogate_for(self, type_: str, normalised: str, place: TextSpan) -> str | None:
        """Return the surrogate of a value; None if it must become a placeholder.

        That is the case for an unknown form, if no candidate is free, and where the surrogate would
        be part of a longer word.
        """
        if not _is_separate(place):
            return None
        value = place.value
        known = self._known.get((type_, value))
        if known is None:
            known = self._made(type_, normalised, value, place)
            if known is not None:
                self._known[type_, value] = known
        return known

    def number_for(self, type_: str, normalised: str, number: str) -> str | None:
        """Return a number of as many digits; None for one too short to be found in an answer."""
        size = sum(map(str.isdecimal, number))
        if not SHORTEST_NUMBER <= size <= LONGEST:
            return None

        def made(draw: DeterministicChoice) -> str:
            return f"{draw.number(1, 9)}{draw.digits(size - 1)}"

        known = self._known.get((type_, number))
        if known is None:
            known = self._whole(number, f"number\0{type_}\0{normalised}", made, cased=False)
            if known is not None:
                self._known[type_, number] = known
        return known

    def matcher(self, *, json: bool = False) -> SurrogateMatcher | None:
        """Return a matcher for one stream; None without surrogates."""
        if not self._values:
            return None
        if self._lexicon is None:
            self._lexicon = SurrogatePatterns(self._values)
        return SurrogateMatcher(self._lexicon, json=json)

    def value_of(self, surrogate: str) -> str:
        """Return the value of a surrogate, in the case of the surrogate."""
        spellings = self._values[surrogate.lower()]
        if surrogate in spellings:
            return spellings[surrogate]
        value = next(iter(spellings.values()))
        if surrogate.isupper():
            return value.upper()
        if surrogate.islower():
            return value.lower()
        return value.title() if value.islower() or value.isupper() else value

    def spans_in(self, text: str) -> list[tuple[int, int]]:
        """Return the places of surrogates in a text."""
        matcher = self.matcher()
        spans: list[tuple[int, int]] = []
        at = 0
        for event in (*matcher.feed(text), *matcher.finish()) if matcher else ():
            if isinstance(event, Match):
                spans.append((at, at + len(event.text)))
            at += len(event.text)
        return spans

    def _made(self, type_: str, normalised: str, value: str, place: TextSpan) -> str | None:
        language = self._language_at(place)
        seed = f"{type_}\0{normalised}"
        if type_ == "PERSON":
            return self._person(value, place, language)
        if type_ == "STREET_ADDRESS":
            return self._address(value, seed, language)
        return self._whole(value, seed, _of(MAKERS[type_], value, language))

    def _language_at(self, place: TextSpan) -> str:
        """Return "nl" or "en"; "nl" if neither is clear."""
        if self._language[0] != place.text:
            self._language = (place.text, language_of(place.text))
        return "en" if self._language[1] == "en" else "nl"

    def _person(self, value: str, place: TextSpan, language: str) -> str | None:
        titles = titles_before(place.text, place.start)
        parts = parts_of(value, titled=bool(titles))
        titles |= titles_in(value)
        if not parts:
            return None
        gender = gender_of(titles, language)
        language = home_of(parts) or language
        replaced = [self._name_word(part, language, gender) for part in parts]
        if None in replaced:
            return None
        if not any(part.kind == "initial" for part in parts):
            return "".join(filter(None, replaced))
        return self._with_initials(
            value, [(p, r or "") for p, r in zip(parts, replaced, strict=True)]
        )

    def _name_word(self, part: NamePart, language: str, gender: str) -> str | None:
        if part.kind in ("kept", "initial"):
            return part.text
        home, usual = language_and_gender(part.text)
        if part.kind == "given":
            names = GIVEN[home or language, usual or gender]
        else:
            names = SURNAMES[language]
        return self._whole(
            part.text, f"word\0{part.text.casefold()}", lambda draw: draw.one_of(names)
        )

    def _with_initials(self, value: str, parts: Sequence[tuple[NamePart, str]]) -> str | None:
        """Replace a name with initials as a whole: single letters cannot be restored."""

        def made(draw: DeterministicChoice) -> str:
            return "".join(
                _cased(draw.one_of(_INITIALS), part.text) if part.kind == "initial" else text
                for part, text in parts
            )

        seed = f"initials\0{' '.join(value.casefold().split())}"
        return self._whole(value, seed, made, cased=False)

    def _address(self, value: str, seed: str, language: str) -> str | None:
        """Replace a street, or a street and a number in their order."""
        dutch, number_first = _STREET.fullmatch(value), _NUMBER_FIRST.fullmatch(value)
        name = dutch[1] if dutch else number_first[3] if number_first else value
        if any(sign.isdecimal() or sign == "\n" for sign in name):
            return None
        other = self._whole(name, f"street\0{name.casefold()}", _of(street, name, language))
        if other is None or name == value:
            return other

        def made(draw: DeterministicChoice) -> str:
            number = house_number(value, language, draw)
            return f"{other}{dutch[2]}{number}" if dutch else f"{number} {other}"

        return self._whole(value, seed, made, cased=False)

    def _whole(
        self,
        value: str,
        seed: str,
        make: Callable[[DeterministicChoice], str | None],
        *,
        cased: bool = True,
    ) -> str | None:
        """Return the first free candidate; ``cased``: in the case of the value."""
        for attempt in range(_TRIES):
            made = make(DeterministicChoice(self._digest(f"{seed}\0{attempt}")))
            if made is None:
                return None
            surrogate = _cased(made, value) if cased else made
            folded = surrogate.lower()
            spellings = self._values.get(folded, {})
            if spellings.get(surrogate) == value and self._seeds[folded] == seed:
                return surrogate
            again = self._seeds.get(folded) == seed and surrogate not in spellings
            if again or self._is_free(folded, value):
                self._seeds[folded] = seed
                self._values.setdefault(folded, {})[surrogate] = value
                self._lexicon = None
                return surrogate
        return None

    def _is_free(self, folded: str, value: str) -> bool:
        if len(folded) > LONGEST or folded in self._seeds or folded in self._standing:
            return False
        if any(name in folded for name in (value.lower(), *self._names)):
            return False  # "Jan" would still show in "Jantine"
        # A character with several forms in JSON source would not be found there.
        return all(sign in _SIGNS or (sign.isascii() and sign.isalnum()) for sign in folded)


def _of(maker: Maker, value: str, language: str) -> Callable[[DeterministicChoice], str | None]:
    return partial(maker, value, language)


def _is_separate(place: TextSpan) -> bool:
    """Whether no word continues on either side, and no tag would begin here."""
    text, start, end = place
    before, behind = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or before == "<" or behind.isalnum())


def _cased(made: str, value: str) -> str:
    if value.islower():
        return made.lower()
    if value.isupper() and len(value) > 1:
        return made.upper()
    return made[0].upper() + made[1:]
