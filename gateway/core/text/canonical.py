"""A text as content rules read it: without what only hides words.

``readings`` gives the canonical form and what disguises may mean: figures for letters, and
letters that are set apart. All steps are linear in the text.
"""

import re
import unicodedata

from gateway.core.text.look_alikes import LOOK_ALIKES
from gateway.core.text.patterns import Pattern, PatternSet

_TAGS = {0xE0000 + code: chr(code) for code in range(0x20, 0x7F)}  # tag characters hide ASCII
_LETTERS = {ord(a): b for a, b in LOOK_ALIKES.items()} | _TAGS
_OTHER_LETTERS = re.compile("[\u0370-\u03ff\u0400-\u052f\U000e0020-\U000e007e]")
# Format characters, variation selectors, and the marks that NFKD takes off letters.
_HIDDEN = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u115f\u1160\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2800\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e007f\U000e0100-\U000e01ef]+"
)
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d\u00b4", "''\"\"'")
_EMPHASIS = re.compile(r"[*`~]+|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])")
_BETWEEN = re.compile(r"(?<=[A-Za-z])_+(?=[A-Za-z])")
_FIGURES = str.maketrans("013457@$!|", "oieastasii")
_DISGUISED = re.compile(r"[\w@$!|]{3,32}")
_APART = re.compile(r"(?<![A-Za-z])[A-Za-z](?:([ .·-])[A-Za-z](?:\1[A-Za-z]){2,40})(?![A-Za-z])")
_WORD_GAP = re.compile(r"[ \t]{2,}|\n+")
# What the slower steps look for: a text without a match has nothing for them.
_SIGNS = PatternSet([
    Pattern("emphasis", r"[*`~_]", once=True),
    Pattern("disguised", r"[A-Za-z][013457@$!|]{1,2}[A-Za-z]|[@$][A-Za-z]{2}", once=True),
    Pattern("apart", r"(^|[^A-Za-z])([A-Za-z][ .·-]){3}[A-Za-z]([^A-Za-z]|$)", once=True),
    Pattern("apart", r"(^|[^A-Za-z])([A-Za-z][ .·-]){4}", once=True),
])


def canonical(text: str) -> str:
    """The text with Latin letters, one space between words, and no marks that hide or emphasise.

    The result is without format characters, accents, compatibility forms (NFKD) and signs of
    Markdown.
    """
    if not text.isascii():
        text = _HIDDEN.sub("", unicodedata.normalize("NFKD", text)).translate(_QUOTES)
        if _OTHER_LETTERS.search(text):  # also those that had an accent until now
            text = text.translate(_LETTERS)
    if "*" in text or "`" in text or "~" in text or "_" in text:
        text = _BETWEEN.sub(" ", _EMPHASIS.sub("", text))
    return " ".join(text.split())


def canonical_lines(text: str) -> str:
    """The text with each line in its canonical form, for what reads sentences."""
    return "\n".join(map(canonical, text.splitlines()))


def readings(text: str) -> tuple[str, ...]:
    """The canonical form, then other readings where the text has signs of a disguise."""
    plain = canonical(text)
    found = {plain: None}
    signs = _SIGNS.matching(text)
    if "disguised" in signs:
        found[_DISGUISED.sub(_undisguised, plain)] = None
    if "apart" in signs:
        found[canonical(_together(text))] = None
    return tuple(found)


def _undisguised(word: re.Match[str]) -> str:
    """Letters for the figures of a word that has letters too."""
    found = word[0]
    return found.translate(_FIGURES) if not found.isdecimal() and not found.isalpha() else found


def _together(text: str) -> str:
    """The text with letters that are set apart as words; a wide gap ends a word."""
    parts = _WORD_GAP.split(text)
    return "\n".join(_APART.sub(lambda run: run[0].replace(run[1], ""), part) for part in parts)
