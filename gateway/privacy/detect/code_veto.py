"""Drop findings that are source code: keywords, identifiers, attributes, calls and subscripts.

String literals, comments and docstrings are text, and so is every line that is not clearly source
code. A name of several words is kept on a line of code too: no identifier has a space in it. In a
literal or a comment only a word that has the form of an identifier is dropped.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES, FindingKind
from gateway.privacy.detect.code_secrets import is_no_secret
from gateway.privacy.level import PERSONS
from gateway.privacy.lexicons.loader import words as entries_of
from gateway.privacy.lexicons.names import (
    AMBIGUOUS_NAMES,
    GIVEN_NAMES,
    PARTICLES,
    SOFTWARE_NAMES,
    SURNAMES,
)
from gateway.privacy.rules import email_addresses, ip_addresses
from gateway.privacy.rules.category_keys import is_keyed
from gateway.privacy.text.code_lines import KEYWORDS, CodeLine, CodeLines, Place
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

Found = TypeVar("Found", Entity, RuleMatch)

_CLEAR = 4  # from this weight on a line is code whatever its words are
_CLEAR_SMALL = 3  # the same for a word without capitals
_NAMES = frozenset(("PERSON", "CITY"))
_PLACES = frozenset(("STREET_ADDRESS", "LICENSE_PLATE", "POSTCODE"))
_LABELS = frozenset(("LABEL_INTERNAL", "LABEL_CONFIDENTIAL", "LABEL_RESTRICTED"))
_ADDRESSES = frozenset(("EMAIL", "IP_ADDRESS"))
_TYPES = _NAMES.union(_PLACES, _LABELS, _ADDRESSES, SPECIAL_CATEGORIES, ("SECRET",))
# Example and private addresses stay as they are in code and settings.
_RESERVED = frozenset((email_addresses.RESERVED_RULE, ip_addresses.RESERVED_RULE))
_REST_OF_VALUE = re.compile(r"[^\s\"']*[\"']?[ \t]*\Z")
_ANNOUNCING = frozenset((
    "rule:person-greeting",
    "rule:person-title",
    "rule:person-sign-off",
    "rule:person-header",
    "rule:person-speaker",
))
_CAPITALISED = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ]+")
_NAME_WORD = re.compile(
    r"[A-ZÀ-Þ](?:[a-zà-ÿ]+|\.|['’])?(?:[-'’.][A-ZÀ-Þ]?[a-zà-ÿ]*|[A-ZÀ-Þ][a-zà-ÿ]+)*[.,]?"
    r"|\([A-Z][a-z]+\)"
)
# What makes one token of a word and its neighbour: an attribute, a call, a variable, a path.
_GLUED_LEFT = re.compile(r"(?:\w[.#]|::|->|[$\\_]|\{@\w{2,10} )$")
_GLUED_RIGHT = re.compile(r"[(_]|\.[a-z]|::|->")
_CODE_COMMENT = re.compile(r"[ \t]*(?://|/\*)")
_GLUED_NAME = re.compile(r"::|->|\.[a-z]\w*\(")
_DOCUMENT = re.compile(r"[\w.-]{0,40}\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|msg|eml|odt|csv|zip)\b")
_USER_KEY = re.compile(
    r"(?:user|owner|author|assignee|reviewer|committer|maintainer|name|naam|login|contact|account"
    r"|gebruiker|eigenaar|collega|medewerker|employee|by|door)[\"' ]{0,2}[:=(,][=>]?[\"'` ]{0,3}\Z",
    re.IGNORECASE,
)
_LONGEST_KEY = 24
_LONGEST_LEFT = 14  # characters before a finding that decide
_FILE = re.compile(
    r"[\w.-]+\.(?:[cm]?[jt]sx?|[hc]|cc|cpp|py|rs|go|java|sql|sh|json|ya?ml|toml|md|txt|html|css"
    r"|foo|bar|baz|[Ss]td(?:in|out|err))"
)
_HUMP = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}|[A-Z]{2,}s\b|_|\d")
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ESCAPE = re.compile(r"\\x[0-9a-f]{2}|%[0-9A-F]{2}")
_GAP = re.compile(r"  |[\n,]")
_FLAG = re.compile(r"-[A-Za-z]{1,3}")
_ACRONYM = re.compile(r"[A-Z]{2,4}")
_PREFIXES = entries_of("name_prefixes.txt")
_UNAMBIGUOUS = GIVEN_NAMES - AMBIGUOUS_NAMES
_AFTER_NAME = re.compile(r",? [^=+*/<>&|.:?!(-]|,? [-|] |,\n")
_WORD_BEFORE = re.compile(r"(?:^|[\s,;:])([^\W\d_]{3,12}) \Z")
_PARTS = re.compile(r"[._-]")
_IMPERSONAL = SOFTWARE_NAMES | entries_of("placeholder_words.txt")
_SEVERAL = 2
_LONGEST_REPEATED, _FEWEST_LETTERS = 5, 3  # letters of YYYYYYYY
_TOPIC_REACH = 400  # characters between a topic in code and the person whom it concerns


def drop(text: str, lines: CodeLines, found: Sequence[Found]) -> list[Found]:
    """Return the findings of rules or classifier without those that are source code."""
    return [one for one in found if one.type not in _TYPES or not _is_code(text, lines, one)]


def drop_topics(
    view: NormalizedText, lines: CodeLines, matches: list[RuleMatch]
) -> list[RuleMatch]:
    """Return the matches without topics in literals and comments that no person is near to.

    ``The cache is disabled`` in a program says nothing about its author; a test fixture holds a
    person and a diagnosis side by side. The value of a key such as ``diagnosis`` is of a person.
    """
    if not any(one.kind is FindingKind.TOPIC for one in matches):
        return matches
    persons = sorted(
        one.start for one in matches if one.type in PERSONS and one.kind is FindingKind.PERSONAL
    )
    return [
        one
        for one in matches
        if one.kind is not FindingKind.TOPIC
        or lines.place(one.start, one.end) <= Place.SETTING
        or _is_near(persons, one)
        or is_keyed(view, one)
    ]


def _is_near(persons: Sequence[int], one: RuleMatch) -> bool:
    index = bisect_left(persons, one.start - _TOPIC_REACH)
    return index < len(persons) and persons[index] <= one.end + _TOPIC_REACH


def _is_code(text: str, lines: CodeLines, one: Entity | RuleMatch) -> bool:
    line = lines.line_at(one.start)
    place = Place.TEXT if line is None else lines.place(one.start, one.end)
    if one.type == "SECRET":
        return is_no_secret(text, line, place, one)
    if line is None or place is Place.TEXT:
        return _is_inline_code(text, one)
    if one.type in _ADDRESSES:
        return _may_stay(text, line, place, one)
    if place is Place.SETTING:
        return _is_inline_code(text, one)
    if one.type in _LABELS:
        return place is Place.CODE and _is_plain_label(text, line, one.start, one.end)
    if one.type in SPECIAL_CATEGORIES:
        return place is Place.CODE
    if one.type in _PLACES:
        escaped = _ESCAPE.match(text, one.start - 1) is not None
        return escaped or (place is Place.CODE and line.weight >= _CLEAR)
    return _is_no_name(text, line, place, one)


def _is_inline_code(text: str, one: Entity | RuleMatch) -> bool:
    """Whether it is a call or a keyword in a sentence about a program: ``qsize()``."""
    start, end = one.start, one.end
    if _ESCAPE.match(text, start - 1) is not None:
        return True
    if one.type not in _NAMES:
        return False
    word = text[start:end]
    if text.startswith("()", end):
        return not _is_listed(word)
    if " " in word:
        words = word.split()
        return any(map(_FLAG.fullmatch, words)) and words[0] in KEYWORDS  # sudo -E mkdir
    return text[start - 1 : start] == "`" == text[end : end + 1] and word in KEYWORDS


def _may_stay(text: str, line: CodeLine, place: Place, one: Entity | RuleMatch) -> bool:
    """Whether it is an example or private address in clear code, or all of a setting."""
    if not isinstance(one, RuleMatch) or one.rule not in _RESERVED:
        return False
    if place is Place.SETTING:
        return _REST_OF_VALUE.match(text, one.end, line.end) is not None
    return place is Place.COMMENT or line.weight >= _CLEAR


def _is_plain_label(text: str, line: CodeLine, start: int, end: int) -> bool:
    """Whether a label is a keyword or an attribute: ``PARALLEL RESTRICTED``, ``x.confidential``."""
    keyword = text[start:end].lower() in KEYWORDS and line.weight >= _CLEAR_SMALL
    return keyword or _is_glued(text, start, end)


def _is_no_name(text: str, line: CodeLine, place: Place, one: Entity | RuleMatch) -> bool:
    words = text[one.start : one.end].replace("' '", " ").split()
    if place is Place.CODE and _is_announced(text, one):
        return False
    if len(words) == 1:
        decide = _is_identifier if place is Place.CODE else _has_form_of_identifier
        return decide(text, line, one.start, one.end)
    if _names_software(words) or all(map(_is_placeholder, words)):
        return True
    if place is not Place.CODE:
        first = words[0].strip(
            "."
        )  # of a sentence that ends with it: symbol A. Return, of h. Callers
        letter = len(first) == 1 and (first.islower() or words[-1].lower() in KEYWORDS)
        return letter or _is_command(words) or any(map(_is_camel, words))
    if any("," in word for word in words) and all(map(str.islower, words)):
        return True
    spaced = _GAP.search(text, one.start, one.end) is not None
    return not _is_full_name(words, spaced=spaced)


def _is_announced(text: str, one: Entity | RuleMatch) -> bool:
    """Whether a greeting, a title or a signature is before a name with a capital."""
    announced = isinstance(one, RuleMatch) and one.rule in _ANNOUNCING
    return announced and text[one.start].isupper() and not _is_glued(text, one.start, one.end)


def _is_full_name(words: Sequence[str], *, spaced: bool) -> bool:
    """Whether each word may be part of a name, and none is a keyword: ``Sanne de Vries``.

    Words that are ``spaced`` by several spaces, a line or a comma need one that is listed.
    """
    if spaced and not any(map(_is_listed, words)):
        return False
    return all(
        not _is_keyword(word)
        and not _is_camel(word)
        and (_NAME_WORD.fullmatch(word) or word in PARTICLES or _is_listed(word))
        for word in words
    )


def _names_software(words: Sequence[str]) -> bool:
    """Whether one of the words is a name of software and none a name: ``Json Parse Error``."""
    known = any(word.lower() in SOFTWARE_NAMES for word in words)
    return known and not any(map(_is_listed, words))


def _is_placeholder(word: str) -> bool:
    folded = word.lower().strip(".,!")
    repeated = len(folded) > _LONGEST_REPEATED and len(set(folded)) < _FEWEST_LETTERS
    repeated = repeated or len(set(folded)) == 1
    return repeated or folded in _IMPERSONAL or "asdf" in folded


def _is_command(words: Sequence[str]) -> bool:
    """Whether they begin with a keyword, or are acronyms or options: ``sudo grep``, ``rm -Rf``."""
    if all(map(_ACRONYM.fullmatch, words)) or any(map(_FLAG.fullmatch, words)):
        return not any(map(_is_listed, words))
    return words[0] in KEYWORDS and not any(word[0].isupper() or _is_listed(word) for word in words)


def _is_identifier(text: str, line: CodeLine, start: int, end: int) -> bool:
    """Whether one word on a line of code is a keyword or an identifier.

    On a line with few signs of code a word with a capital, or one that is a name, may be a name.
    """
    word = text[start:end]
    if _is_keyword(word):
        return True
    if _CAPITALISED.fullmatch(word) and (
        _speaks(text, line, start, end) or _is_in_prose(text, line, start, end)
    ):
        return False
    if line.weight >= _CLEAR:
        return True
    if any(map(_is_listed, _PARTS.split(word))):
        return word.islower() and line.weight >= _CLEAR_SMALL
    return _CAPITALISED.fullmatch(word) is None or _is_glued(text, start, end)


def _is_keyword(word: str) -> bool:
    return word in KEYWORDS or (word.isupper() and word.lower() in KEYWORDS)


def _speaks(text: str, line: CodeLine, start: int, end: int) -> bool:
    """Whether a name opens a line, as a speaker does: ``Sanne: see foo(bar)``.

    An identifier opens a line too: before an operator, or as a key, ``Name: foo(bar),``.
    """
    if text[line.start : start].strip(" \t>"):
        return False
    if text.startswith(": ", end):
        return not text[end : line.end].rstrip().endswith((",", ";", "{", "(", "["))
    return text[start:end] in _UNAMBIGUOUS and _AFTER_NAME.match(text, end) is not None


def _is_in_prose(text: str, line: CodeLine, start: int, end: int) -> bool:
    """Whether a word of prose is right before a name that is listed: ``vraag Sanne, f(x);``."""
    before = _WORD_BEFORE.search(text, max(line.start, start - _LONGEST_LEFT), start)
    if before is None or before[1] in KEYWORDS or _is_glued(text, start, end):
        return False
    return _is_listed(text[start:end])


def _has_form_of_identifier(text: str, line: CodeLine, start: int, end: int) -> bool:
    """Whether one word of a literal or comment is a keyword, or part of an identifier or path."""
    word, left = text[start:end], text[max(0, start - 2) : start]
    if left == "--" or _FILE.fullmatch(word):
        return True
    if word.isupper() and (left.endswith("$") or text.startswith("_", end)):
        return True
    if word in KEYWORDS and _keywords_in(text, line) >= _SEVERAL:
        return True
    if _is_listed(word):
        return False
    if _ESCAPE.match(text, start - 1) or _is_placeholder(word) or word in KEYWORDS:
        return True
    if _is_clear(text, line) and (_ACRONYM.fullmatch(word) or word.lower() in KEYWORDS):
        return True
    if _CAPITALISED.fullmatch(word):
        return _GLUED_NAME.match(text, end) is not None or left in ("::", "->")
    if _is_user_name(text, line, start, end):
        return False
    return _is_camel(word) or _is_glued(text, start, end)


def _is_user_name(text: str, line: CodeLine, start: int, end: int) -> bool:
    """Whether a word may be a user name or a part of one of a file: ``"owner": "hodan_k"``."""
    if _DOCUMENT.match(text, end):
        return True
    row = line.weight == 0 and line.texts[0][2] is Place.LITERAL
    keyed = _USER_KEY.search(text, max(0, start - _LONGEST_KEY), start) is not None
    return (row or keyed) and text[start:end].islower()


def _is_clear(text: str, line: CodeLine) -> bool:
    """Whether a line is surely code: not a row of values, nor a list or a heading of a document."""
    return line.weight > 0 or _CODE_COMMENT.match(text, line.start) is not None


def _keywords_in(text: str, line: CodeLine) -> int:
    """Return how many literals of a line are keywords, as in the table of a lexer; at most two."""
    keywords = (1 for start, end, _ in line.texts if text[start + 1 : end - 1] in KEYWORDS)
    return sum(islice(keywords, _SEVERAL))


def _is_glued(text: str, start: int, end: int) -> bool:
    left = text[max(0, start - _LONGEST_LEFT) : start]
    return _GLUED_LEFT.search(left) is not None or _GLUED_RIGHT.match(text, end) is not None


def _is_camel(word: str) -> bool:
    """Whether capitals, digits or underscores join words that are no names: ``GZipDecoder``."""
    if _HUMP.search(word) is None:
        return False
    humps = _HUMPS.findall(word)
    return not (humps and (humps[0] in _PREFIXES or any(map(_is_listed, humps))))


def _is_listed(word: str) -> bool:
    bare = word.strip(".,'’()").replace("’", "'")
    return bare.capitalize() in GIVEN_NAMES or bare.lower() in SURNAMES
