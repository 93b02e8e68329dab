"""Hints about a person in a placeholder, so that a model can write grammatical sentences."""

from gateway.privacy.pseudonyms.surrogates.lists import language_and_gender
from gateway.privacy.pseudonyms.surrogates.name_parts import first_name
from gateway.privacy.pseudonyms.surrogates.text_span import TextSpan
from gateway.privacy.pseudonyms.surrogates.titles import (
    gender_of,
    title_of,
    titles_before,
    titles_in,
)
from gateway.privacy.redact.operators import Hints
from gateway.privacy.text.language import language_at


class HintWords:
    """The type words of persons, such as PERSON_SHE_DOCTOR; known hints do not change."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._genders: dict[str, str] = {}  # by id
        self._titles: dict[str, str] = {}

    def word(self, id_: str, place: TextSpan) -> str:
        """Return the type word for a person, by the words before the name and in it."""
        if not (self._genders.get(id_) and self._titles.get(id_)):
            self._read(id_, place)
        parts = ["PERSON"]
        if self._hints.gender:
            parts.append(self._genders[id_].upper())
        if self._hints.title:
            parts.append(self._titles[id_])
        return "_".join(filter(None, parts))

    def _read(self, id_: str, place: TextSpan) -> None:
        language = language_at(place.text, place.start, place.end)
        titles = titles_before(place.text, place.start) | titles_in(place.value)
        gender = gender_of(titles, language) or language_and_gender(first_name(place.value))[1]
        self._genders[id_] = self._genders.get(id_) or gender
        self._titles[id_] = self._titles.get(id_) or title_of(titles, language)
