"""Which persons a text names, by keyed identifiers; no other person shows in the result.

A text is split into all stretches that may be a name, an address or a number. Each is keyed as an
identifier is, and compared. Values that many people share are left out: cities, streets, postcodes
and dates of birth.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

from gateway.core.pseudonym import pseudonyms
from gateway.privacy.identity_keys import identifier

_NAME_WORDS = 8
_NUMBER_WORDS = 8
_NUMBER_SIGNS = 5, 40  # the fewest and the most letters and digits
_PHONE_DIGITS = 7, 15
_ADDRESS_SIGNS = 320  # of the longest address of e-mail
_BETWEEN = re.compile(r"[^\w.+%'&:@-]+")  # what separates addresses from other text
_EMAIL = re.compile(r"[^@:]+@[^@:]+\.[^@:]+")
_IP = re.compile(r"[0-9a-f:.]{3,45}")
_PHONE = re.compile(r"[+\d(][\d()./+-]*")
_POSTCODE = re.compile(r"\d{4}[a-z]{2}")
_ENDS = ".,;:!?\"'<>[]{}()"


def persons_in(text: str, wanted: Collection[str], *, key: bytes, tenant: str) -> set[str]:
    """Those of the wanted keyed identifiers that a text names; ``key`` is the pepper."""
    wanted = frozenset(wanted)
    if not wanted:
        return set()
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = pseudonyms(key, f"subject:{tenant}", "PERSON\0", set(_names(plain)))
    for type_, value in set(_values(plain)):
        keyed = identifier(key, tenant, type_, value)
        if keyed is not None:
            found.add(keyed)
    return found & wanted


def _names(plain: str) -> Iterator[str]:
    words = "".join(sign if sign.isalnum() else " " for sign in plain).split()
    for first in range(len(words)):
        for end in range(first + 1, min(first + _NAME_WORDS, len(words)) + 1):
            yield " ".join(words[first:end])


def _values(plain: str) -> Iterator[tuple[str, str]]:
    for piece in _BETWEEN.split(plain):
        yield from _addresses(piece.rstrip(".:'-").lstrip(".'-"))
    words = plain.split()
    bare = ["".join(filter(str.isalnum, word)) for word in words]
    numeric = [any(map(str.isdigit, word)) for word in bare]
    for first in range(len(words)):
        if any(numeric[first : first + _NUMBER_WORDS]):
            yield from _phones(words[first : first + _NUMBER_WORDS])
            yield from _numbers(bare[first : first + _NUMBER_WORDS])


def _addresses(piece: str) -> Iterator[tuple[str, str]]:
    if len(piece) > _ADDRESS_SIGNS:
        return
    address = piece.rpartition(":")[2]  # after a label or mailto:
    if _EMAIL.fullmatch(address):
        yield "EMAIL", address
        return
    for part in {piece, address, piece.partition(":")[0]}:  # with a label before, a port behind
        if _IP.fullmatch(part):
            yield "IP_ADDRESS", part


def _phones(words: list[str]) -> Iterator[tuple[str, str]]:
    """Telephone numbers that begin with the first word."""
    for end, word in enumerate(words, 1):
        if not _PHONE.fullmatch(word.rstrip(_ENDS).lstrip("\"'<[{") or "-"):
            return
        value = " ".join(words[:end]).rstrip(_ENDS)
        digits = sum(map(str.isdecimal, value))
        if digits > _PHONE_DIGITS[1]:
            return
        if digits >= _PHONE_DIGITS[0]:
            yield "PHONE", value


def _numbers(words: list[str]) -> Iterator[tuple[str, str]]:
    """Numbers of documents and accounts that begin with the first word."""
    value = ""
    for word in words:
        value += word
        if len(value) > _NUMBER_SIGNS[1]:
            return
        if len(value) < _NUMBER_SIGNS[0] or not any(map(str.isdigit, value)):
            continue
        if not _POSTCODE.fullmatch(value):
            yield "BSN", value  # all numbers share a class
