"""A text as the rules see it: normalised, with a map to the original offsets."""

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache
from operator import attrgetter

import msgspec

from gateway.core.finding import Finding, FindingKind
from gateway.core.text.look_alikes import LOOK_ALIKES

# Spaces, and signs that show as one: the fillers of Hangul and an empty Braille cell.
_FILLERS = (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0)
_SPACES = "".join(
    map(chr, (*_FILLERS, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
)
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_REPLACED = (
    dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys("\u2018\u2019\u02bc\u00b4\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
)


# Circled digits, superscripts and the like; replaced where they make a number of their own.
OTHER_DIGITS = {
    character: str(unicodedata.digit(character))
    for character in map(
        chr,
        (
            0xB2,
            0xB3,
            0xB9,
            *range(0x2070, 0x2080),
            *range(0x2080, 0x208A),
            *range(0x2460, 0x2469),
            *range(0x2474, 0x247D),
            *range(0x2488, 0x2491),
            *range(0x24EA, 0x2500),
            *range(0x2776, 0x277F),
            *range(0x2780, 0x2789),
            *range(0x278A, 0x2793),
        ),
    )
    if unicodedata.digit(character, None) is not None
}
_TO_DIGITS = str.maketrans(OTHER_DIGITS)
_DIGIT_RUN = re.compile(rf"[{''.join(OTHER_DIGITS)}](?:[ .\-]?[{''.join(OTHER_DIGITS)}]){{4,}}")
_NUMBER_AFTER_UNDERSCORE = re.compile(r"_(?=\+?\d{6}|[A-Z]{2}\d\d[A-Z\d]{8})")
_KEY_BEFORE = re.compile(
    r"(?<![a-z])(?:bsn|burgerservicenummer|sofinummer|iban|rekening|telefoon|tel|phone|mobiel"
    r"|mobile|gsm|paspoort|passport|rijbewijs|ssn|big|agb)(?:_?(?:nummer|number|nr|no))?$",
    re.IGNORECASE,
)
_ENCLOSING = "\ufe0f\u20e3"
_BLOCK = 512  # characters that are searched at once for words
_LONGEST_WORD = 64
_ASCII = bytes(range(128))
_BY_START = attrgetter("start")


class Strength(IntEnum):
    """The evidence for a hit; the stronger one wins where two overlap."""

    PLAIN = 0
    CONTEXT = 1
    CHECKSUM = 2
    SECRET = 3


class RuleMatch(msgspec.Struct, frozen=True, gc=False):
    """A match in the normalised text, before overlaps are settled."""

    type: str
    start: int
    end: int
    rule: str
    strength: Strength = Strength.PLAIN
    score: float = 0.8
    kind: FindingKind = FindingKind.PERSONAL


class NormalizedText:
    """The normalised text; ``lower`` has the same length, character for character."""

    __slots__ = ("_held", "_places", "_words", "cue_types", "lower", "rows_read", "text")

    def __init__(self, text: str) -> None:
        # Start and end in the original of each character, where it is not simply one for one.
        self._places: tuple[list[int], list[int]] | None = None
        self.cue_types: dict[tuple[int, int], str] = {}  # the type that words beside a number name
        self._words: dict[tuple[re.Pattern[str], int], list[tuple[int, int]]] = {}
        self._held: dict[str, bool] = {}
        self.rows_read: dict[object, int] = {}  # how far the rows below a kind of header are read
        self.text = _with_keys_apart(text if text.isascii() else self._normalise(text))
        lower = self.text.lower()
        if len(lower) != len(self.text):
            lower = "".join(c if len(c.lower()) != 1 else c.lower() for c in self.text)
        self.lower = lower

    def _normalise(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
        strange = set(data.decode("utf-8", "surrogatepass"))
        replaced = {character: _plain(character) for character in strange}
        if "\u20e3" in strange:  # keycaps: a digit, a variation selector, an enclosing key
            replaced["\u20e3"] = replaced["\ufe0f"] = ""
        moved = any(
            value == "" or (value == character and unicodedata.combining(character))
            for character, value in replaced.items()
        )
        other = {
            character: value
            for character, value in replaced.items()
            if value not in ("", character)
        }
        if len(other) > 8:
            text = text.translate({ord(character): value for character, value in other.items()})
        else:
            for character, value in other.items():
                text = text.replace(character, value)
        if not LOOK_ALIKES.keys().isdisjoint(strange):
            text = _in_latin(text)
        if not OTHER_DIGITS.keys().isdisjoint(strange):
            text = _DIGIT_RUN.sub(lambda run: run[0].translate(_TO_DIGITS), text)
        return self._shorten(text, replaced) if moved else text

    def _shorten(self, text: str, replaced: dict[str, str]) -> str:
        """Drop characters without width, and compose letters with their accents."""
        kept: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for index, character in enumerate(text):
            if replaced.get(character) == "":
                if ends and character in _ENCLOSING:
                    ends[-1] = index + 1
                continue
            if kept and unicodedata.combining(character):
                joined = unicodedata.normalize("NFC", kept[-1] + character)
                if len(joined) == 1:
                    kept[-1], ends[-1] = joined, index + 1
                    continue
            kept.append(character)
            starts.append(index)
            ends.append(index + 1)
        self._places = (starts, ends)
        return "".join(kept)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the original text."""
        if self._places is None:
            return start, end
        return self._places[0][start], self._places[1][end - 1]

    def before(self, start: int, size: int = 45) -> str:
        """Return lower-case text left of a place: of its line, or beyond an empty one."""
        left = self.lower[max(0, start - size) : start]
        line = left[left.rfind("\n") + 1 :]
        return line if line.strip(" \t|*>-:\"'") else left

    def near(self, start: int, size: int = 60) -> str:
        """Return lower-case text left of a place, over line breaks, without quote marks."""
        return self.lower[max(0, start - size) : start].replace("\n> ", " ").replace("\n", " ")

    def after(self, end: int, size: int = 15) -> str:
        """Return lower-case text right of a place, to the end of the line."""
        return self.lower[end : end + size].partition("\n")[0]

    def words(self, pattern: re.Pattern[str], begin: int, end: int) -> list[tuple[int, int]]:
        """Return where short words of a pattern are between two places, in lower case.

        Each stretch of the text is searched once, however many rules look around themselves.
        """
        found = []
        for block in range(max(0, begin) // _BLOCK, end // _BLOCK + 1):
            known = self._words.get((pattern, block))
            if known is None:
                first, last = block * _BLOCK, (block + 1) * _BLOCK
                matches = pattern.finditer(self.lower, first, last + _LONGEST_WORD)
                known = [match.span() for match in matches if match.start() < last]
                self._words[pattern, block] = known
            found += known
        return [span for span in found if span[0] >= begin and span[1] <= end]

    def holds(self, words: str) -> bool:
        """Whether the text has these words, in lower case, anywhere; it is searched once."""
        known = self._held.get(words)
        if known is None:
            known = self._held[words] = words in self.lower
        return known

    def at(self, index: int) -> str:
        """Return the character at a place; "" outside of the text."""
        return self.text[index : index + 1] if index >= 0 else ""

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether no token continues on either side; a full stop may end the sentence."""
        left, right = self.at(start - 1), self.at(end)
        if left and (is_word(left) or left in "-/\\"):
            return False
        if left == "." and self.at(start - 2).isdigit():
            return False
        if not right:
            return True
        if is_word(right):
            return False
        if (
            right == ","
            and self.text[end + 1 : end + 3].isdigit()
            and not is_word(self.at(end + 3))
        ):
            return end - start > 9 or not self.text[start:end].isdigit()
        return not (right in "-/\\." and self.at(end + 1).isdigit()) and not (
            right in "-/@" and self.at(end + 1).isalnum()
        )


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return the normalised character; "" for one without width."""
    if character in _REPLACED:
        return _REPLACED[character]
    category = unicodedata.category(character)
    if category == "Cf" or "\U000e0000" <= character <= "\U000e007f":
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    wide = "\uff01" <= character <= "\uff5e" or "\U0001d400" <= character <= "\U0001d7ff"
    folded = unicodedata.normalize("NFKC", character) if wide else character
    return folded if len(folded) == 1 else character


def _with_keys_apart(text: str) -> str:
    """Replace the underscores between a word for a number and the number: ``bsn_111222333``."""
    if "_" not in text:
        return text
    pieces, done = [], 0
    for match in _NUMBER_AFTER_UNDERSCORE.finditer(text):
        key = _KEY_BEFORE.search(text, max(done, match.start() - 32), match.start())
        if key is not None:
            spaced = text[key.start() : match.end()].replace("_", " ")
            pieces += [text[done : key.start()], spaced]
            done = match.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def _in_latin(text: str) -> str:
    """Replace look-alike letters in words that also have Latin letters or digits."""
    pieces = text.split(" ")
    for number, piece in enumerate(pieces):
        if LOOK_ALIKES.keys().isdisjoint(piece):
            continue
        if any(c.isascii() and c.isalnum() for c in piece):
            pieces[number] = "".join(LOOK_ALIKES.get(c, c) for c in piece)
    return " ".join(pieces)


def is_word(character: str) -> bool:
    """Whether it is part of a word (letter, digit, underscore, combining mark); "" is not."""
    if character.isalnum() or character == "_":
        return True
    return character > "\x7f" and unicodedata.combining(character) > 0


def settle(hits: list[RuleMatch]) -> list[RuleMatch]:
    """Drop hits that overlap a stronger, longer or higher-scored one; sort by start."""
    if len(hits) < 2:
        return hits
    chosen: list[RuleMatch] = []
    first = min(map(_BY_START, hits))
    taken = bytearray(max(hit.end for hit in hits) - first)  # by what is chosen, per character
    hits.sort(key=lambda h: (-h.strength, h.start - h.end, -h.score, h.start, h.type))
    for hit in hits:
        start, end = hit.start - first, hit.end - first
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            chosen.append(hit)
    chosen.sort(key=_BY_START)
    return chosen


def to_finding(hit: RuleMatch, view: NormalizedText) -> Finding:
    """Return the hit as a finding with offsets of the original text."""
    start, end = view.original(hit.start, hit.end)
    return Finding(hit.kind, hit.type, start, end, hit.score, hit.rule)
