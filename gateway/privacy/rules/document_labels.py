"""Document labels such as "strikt vertrouwelijk", TLP and MIP marks.

A label counts as a mark of the text, not as a word in a sentence. It is judged within its own
sentence, so that other sentences on the same line neither make nor hide it.
"""

import re
from collections.abc import Iterable
from functools import partial

from gateway.core.finding import FindingKind
from gateway.privacy.lexicons.loader import alternation, entries
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, is_word

# This wording marks the text also within a sentence; other labels only as a mark.
_WORDING = (*entries("label_wording.txt"), "streng ", "nato ")
_NEGATED = ("niet ", "geen ", "not ", "no longer ", "n't ", "zonder ")
_KEYS = entries("label_keys.txt")
_MARKED = entries("label_phrases.txt")
_RECIPIENT_AFTER = (
    "to ",
    "tot ",
    "for ",
    "by ",
    "door ",
    "voor ",
)  # "restricted to" is no label
_DOCUMENT = re.compile(
    r"(?:draft|memo|document|report|briefing|concept|notitie|stuk|verslag|rapport)\b"
)
_HANDLED = re.compile(r"[–—-] |, ?(?:niet|s\.?v\.?p|graag|alleen|please|not|do not|only)\b")
_SENTENCE_AFTER = re.compile(r": (?:[\w'’-]+ ){3}")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]{0,2}(?=\s)")
_SHORT_LINE = 40
_REACH = 60  # characters on each side of a label
_OPEN = "([{<*_#=~|>-:\"'"


def _label(type_: str, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) or is_word(view.at(end)):
        return ()
    before, after = _before(view, start), _after(view, end)
    if any(word in before[-25:] for word in _NEGATED):
        return ()
    wording = view.lower[start:end]
    is_wording = any(wording.startswith(p) or p in wording for p in _WORDING)
    if not is_wording and not _is_mark(view.text[start:end], before.strip(), after.strip()):
        return ()
    return (
        RuleMatch(
            type_, start, end, f"label:{type_[6:].lower()}", kind=FindingKind.LABEL, score=0.9
        ),
    )


def _before(view: NormalizedText, start: int) -> str:
    """Return the sentence left of a label. It opens with a capital or with a sign."""
    left = view.lower[max(0, start - _REACH) : start].rpartition("\n")[2]
    ends = [match.end() for match in _SENTENCE_END.finditer(left)]
    own = left[ends[-1] :] if ends else left
    marked = own.strip() and not own.strip(_OPEN + " ")
    return own if marked or not view.at(start).islower() else left


def _after(view: NormalizedText, end: int) -> str:
    """Return the rest of the sentence right of a label, with its full stop.

    ``Top secret! Our new flavour`` is a slogan: there the whole line counts.
    """
    right = view.lower[end : end + _REACH].partition("\n")[0]
    stop = _SENTENCE_END.search(right)
    is_slogan = right[:1] == "!" and view.lower.endswith("secret", 0, end)
    return right if stop is None or is_slogan else right[: stop.end()]


def _is_mark(words: str, before: str, after: str) -> bool:
    """Whether it is a heading, a bracketed or ``Label:`` mark, or in capitals."""
    key = before.rstrip(":= \"'*").rpartition("\n")[2]
    value = before.rstrip(" \"'*").endswith((":", "="))
    if value and key.endswith(_KEYS):
        return True
    if words.islower() and after[:1] in tuple(":=") and not before:  # the key of another setting
        return False
    if before.startswith(_KEYS) and not value and not after and len(before) < _SHORT_LINE:
        return True
    if before.endswith(("[", "(", "{", "<")) and after.startswith(("]", ")", "}", ">", ",", ";")):
        return True
    if words.isupper():
        return (
            len(after.split()) <= 6 or not before.strip(_OPEN + " ") or after[:1] in tuple(":-|/")
        )
    opens = not before.strip(_OPEN + " ") and words[0].isupper()
    if opens and (after[:1] == "." or _DOCUMENT.match(after) or _HANDLED.match(after)):
        return True  # "Vertrouwelijk.", "Confidential draft", or "Vertrouwelijk, niet delen"
    if (
        opens
        and words
        in (
            "Intern",
            "Internal",
            "For staff only",
            "Staff only",
            "Staff-only",
            "Vertrouwelijk",
            "Confidential",
            "Uso interno",
            "Usage interne",
        )
        and _SENTENCE_AFTER.match(after)
    ):
        return True  # "Intern: de kantine is dicht"
    if words.lower() in ("intern document", "internal document") and after[:1] in tuple(",:-"):
        return True
    if before.endswith(_MARKED):
        return not after.startswith(_RECIPIENT_AFTER)
    if before.endswith(("\\", "name=")) or after.startswith("\\"):
        return True
    closed = not after or after[0] in "-:|*_=~#/." or not after.strip("! ")
    return (not before or not before.strip(_OPEN + " ")) and closed and len(after.split()) <= 8


RULES: tuple[Rule, ...] = tuple(
    Rule(rf"(?:{alternation(name)})", True, partial(_label, type_))
    for type_, name in (
        ("LABEL_RESTRICTED", "labels.restricted.patterns.txt"),
        ("LABEL_CONFIDENTIAL", "labels.confidential.patterns.txt"),
        ("LABEL_INTERNAL", "labels.internal.patterns.txt"),
    )
)
