"""Keys under which a person is found again: the form that all spellings of an identifier share."""

import unicodedata

from gateway.core.pseudonym import pseudonym

# One number may be found as several types, by the words beside it: these share a class.
_CLASSES = {
    "PERSON": "PERSON",
    "EMAIL": "EMAIL",
    "PHONE": "PHONE",
    "CITY": "CITY",
    "STREET_ADDRESS": "STREET_ADDRESS",
    "DATE_OF_BIRTH": "DATE_OF_BIRTH",
    "IP_ADDRESS": "IP_ADDRESS",
}
_NUMBER = "NUMBER"
_TITLES = frozenset({
    "dhr",
    "de heer",
    "heer",
    "mevr",
    "mevrouw",
    "mw",
    "mr",
    "mrs",
    "ms",
    "miss",
    "sir",
    "madam",
    "dr",
    "drs",
    "prof",
    "ir",
    "ing",
})
_NATIONAL_LENGTH = {9: "31", 10: "1"}  # without the leading zero: Dutch, American


def identifier(key: bytes, tenant: str, type_: str, value: str) -> str | None:
    """Return the keyed one-way name of an identifier; None for a value that identifies nothing.

    ``key`` is the pepper; the same person has another name in another tenant.
    """
    class_, form = identifying(type_, value)
    return pseudonym(key, f"subject:{tenant}", f"{class_}\0{form}") if form else None


def identifying(type_: str, value: str) -> tuple[str, str]:
    """Return the class of a type, and the form that all spellings of the value share."""
    class_ = _CLASSES.get(type_, _NUMBER)
    text = unicodedata.normalize("NFKC", value).casefold()
    if class_ == "PHONE":
        return class_, _e164(text)
    if class_ in {"EMAIL", "IP_ADDRESS"}:
        return class_, text.strip()
    if class_ == _NUMBER:
        return class_, "".join(filter(str.isalnum, text))
    words = "".join(sign if sign.isalnum() else " " for sign in text).split()
    if class_ == "PERSON":
        words = _drop_titles(words)
    if class_ == "DATE_OF_BIRTH" and len(words) == 3 and all(map(str.isdecimal, words)):
        words = _year_first([word.lstrip("0") for word in words])
    return class_, " ".join(words)


def _e164(text: str) -> str:
    """Return an international number; without a country it is Dutch, or American by length."""
    text = text.replace("(0)", "")
    digits = "".join(sign for sign in text if sign.isdecimal())
    if text.lstrip(" (").startswith("+") or not digits:
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith("0"):
        return "31" + digits[1:]
    return _NATIONAL_LENGTH.get(len(digits), "") + digits


def _drop_titles(words: list[str]) -> list[str]:
    """Return a name without leading titles; a name of titles only stays."""
    at = 0
    while at < len(words) - 1:
        size = next((n for n in (2, 1) if " ".join(words[at : at + n]) in _TITLES), 0)
        if not size or at + size >= len(words):
            break
        at += size
    return words[at:]


def _year_first(numbers: list[str]) -> list[str]:
    return numbers[::-1] if len(numbers[2]) == 4 else numbers
