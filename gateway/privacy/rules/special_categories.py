"""Special categories of the GDPR as words, and whether they are said of a person.

A topic alone is no personal data. It is when somebody is spoken of in its sentence or the next one,
when a letter says it to the person it is for, or when a form or record about one person holds it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, is_word, settle
from gateway.privacy.level import IMPERSONAL_SUFFIX, PERSON_SUFFIX, PERSONS
from gateway.privacy.lexicons.loader import alternation, words
from gateway.privacy.lexicons.topics import SIGNS, TOPICS
from gateway.privacy.rules.person_references import IS_OR_HAS, PRONOUN, SUBJECT, YOU
from gateway.privacy.rules.public_topics import is_institution, is_linked, is_office, is_public
from gateway.privacy.rules.rule import Rule

# Advice and rules speak of nobody: what a patient, an employee or "you" may or must do.
_ANY_PERSON = alternation("impersonal_subjects.patterns.txt")
_CONDITIONAL = re.compile(rf"(?<![\w-])(?:{_ANY_PERSON})(?![\w-])")
_GENERAL = re.compile(
    rf"(?<![\w-])(?:{_ANY_PERSON}|cursus|training|brochure|folder|beleid|policy|protocol|richtlijn"
    rf"|guideline|onderzoek onder"
    r"|artikel|wet|statistiek|percentage|procent|per cent|percent|campagne|campaign|symposium"
    r"|webinar)(?![\w-])"
)
# What is about a topic without being about anybody; what stands in it belongs to no person.
_IMPERSONAL = alternation("impersonal_nouns.patterns.txt")
_IMPERSONAL_BEFORE = re.compile(
    rf"(?<![\w-])(?:{_IMPERSONAL})(?![\w-])(?P<rest>[^.;!?\n]{{0,48}})$"
)
_IMPERSONAL_AFTER = alternation("impersonal_nouns.after.patterns.txt")
_IMPERSONAL_BEHIND = re.compile(
    rf"^[\w-]{{0,10}}[\"'”]?[ -]{{0,2}}(?:{_IMPERSONAL_AFTER})(?![\w-])"
)
_FIGURATIVE = re.compile(
    r"(?:hoofdpijn|koorts) van|gives? \S{2,20} (?:\S{2,20} )?a headache|(?<![\w-])(?:grapte"
    r"|lachend|joked|laughing)(?![\w-])"
)
_PROFESSION = re.compile(
    r"[\w-]*(?:loog|log(?:ist|ue)|arts|iater|iatrician|therap(?:ist|eut)|midwife|verloskundige"
    r"|internist|orthopeed|surgeon)"
)
# ``Praktijk voor Fysiotherapie``, ``bij Podotherapie De Brug``: where somebody works, or sends a bill.
_PRACTICE = re.compile(r"(?:[Pp]raktijk|[Cc]entrum|[Cc]entre)(?: voor| for)? $")
_BY_NAME = re.compile(r"(?: |-)[A-ZÀ-Þ][a-zà-ÿ]")
_POSSESSIVE = re.compile(
    r"(?:(?<![\w-])(?:zijn|haar|mijn|diens|his|her|my|their|uw|jouw)|[\w]'s"
    r"|s') (?:[\w-]{2,14} ){0,2}$"
)
_GENITIVE = re.compile(
    r"^[\w-]{0,12} (?:van|of) (?:de heer |mevrouw |mw\.? |dhr\.? |mr\.? |mrs\.? |ms\.? )?$"
)
# Who sends a text, or can be asked about it, is not who it speaks of.
_CONTACT = re.compile(
    r"(?<![\w-])(?:vragen|vraag het|mail|e-mail|bel|contact|info|informatie|redactie|aanmelden"
    r"|meld je|opgeven|questions?|ask|email|call|information"
    r"|register|sign up|editors?|enquiries|van|from|afzender|auteur|author|door|by)(?![\w-])"
)
_SALUTATION = re.compile(
    r"(?:^|\n)[> ]{0,4}(?:(?:geachte|beste|dear|lieve|hi|hoi|hallo|dag|hello)[ ,]|(?:aan|to"
    r"|t\.a\.v\.):? )",
    re.IGNORECASE,
)
_READERS = ("uw ", "jouw ", "je ", "your ")
_OWNER = 40  # characters between a topic and whose it is
_REACH = 160  # characters that a sentence may go on at either side
_KEYED = re.compile(r"[\s\"'{*|-]{0,8}[\w /().-]{2,32}[\"'*]{0,2}[:=]")
_FULL_STOP = re.compile(r"[^\W\d_]{2}\. ")
_LONGEST_FIELD = 90
_RECORD = 500  # characters over which a form or record is taken to be about the same person
_UNRELATED_BEYOND = (
    240  # further than this, in another paragraph, a name has nothing to do with a topic
)
_SHORTEST_STEM, _LONGEST_WORD = 3, 40  # characters before the end of a medical word
_ENDINGS = alternation("medical_endings.txt")
_NOT_MEDICAL = words("medical_endings.exceptions.txt")
_SIGN, _GAP = ":sign", ":gap"
_MOST_JUDGED = (
    200  # topics of one text that are judged by their sentence; the rest counts as of a person
)
# What only a text about one person holds.
_ONE_PERSON_TYPES = frozenset((
    "BSN",
    "DATE_OF_BIRTH",
    "NATIONAL_ID",
    "V_NUMBER",
    "PASSPORT_ID",
    "DRIVING_LICENCE",
))


def _topic(
    type_: str, mark: str, view: NormalizedText, start: int, end: int
) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) or is_word(view.at(end)):
        return ()
    return (
        RuleMatch(
            type_, start, end, f"topic:{type_.lower()}{mark}", score=0.7, kind=FindingKind.TOPIC
        ),
    )


def _ending(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """A medical word, known by its end."""
    if is_word(view.at(end)):
        return ()
    begin = start
    while is_word(view.at(begin - 1)) and start - begin < _LONGEST_WORD:
        begin -= 1
    if start - begin < _SHORTEST_STEM or view.lower[begin:end] in _NOT_MEDICAL:
        return ()
    return (RuleMatch("HEALTH", begin, end, "topic:health", score=0.7, kind=FindingKind.TOPIC),)


def split(
    hits: list[RuleMatch], entities: Sequence[Entity]
) -> tuple[list[RuleMatch], list[RuleMatch]]:
    """The hits without the signs of some words and any others between them that hold a name.

    They must not cover it. Where all words of a sign are given it is no name, but a drug or a feast.
    """
    signs = [hit for hit in hits if hit.rule.endswith(_GAP + _SIGN)]
    if not signs:
        return hits, signs
    redacted = [(hit.start, hit.end) for hit in hits if _is_redacted(hit)]
    redacted += [(one.start, one.end) for one in entities]
    around = [
        sign
        for sign in signs
        if any(
            sign.start <= start and end <= sign.end and end - start < sign.end - sign.start
            for start, end in redacted
        )
    ]
    return [hit for hit in hits if hit not in around] if around else hits, around


def with_signs(hits: list[RuleMatch], signs: list[RuleMatch]) -> list[RuleMatch]:
    """The settled hits and the signs around names, less those that meet another mark."""
    marks = [hit for hit in hits if not _is_redacted(hit)]
    free = [
        sign
        for sign in settle(signs)
        if not any(mark.start < sign.end and sign.start < mark.end for mark in marks)
    ]
    return sorted([*hits, *free], key=lambda hit: hit.start)


def _is_redacted(hit: RuleMatch) -> bool:
    return hit.kind in (FindingKind.PERSONAL, FindingKind.SECRET)


def bound(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """The settled hits, with each topic marked as said of a person, of nobody, or neither.

    A sign that is not said of a person is no finding, nor is one of a topic that is known already.
    """
    if not any(hit.kind is FindingKind.TOPIC for hit in hits):
        return hits
    persons = [h for h in hits if h.type in PERSONS and not h.rule.endswith(IMPERSONAL_SUFFIX)]
    starts = [hit.start for hit in persons]
    kept: list[RuleMatch] = []
    known: set[str] = set()
    remaining = _MOST_JUDGED
    for hit in hits:
        if hit.kind is not FindingKind.TOPIC:
            kept.append(hit)
            continue
        sign = hit.rule.endswith(_SIGN)
        if hit.type in known:
            reference = "" if sign else PERSON_SUFFIX
        else:
            remaining -= 1
            reference = (
                _TopicContext(view, hit, persons, starts, sign=sign).reference()
                if remaining > 0
                else PERSON_SUFFIX
            )
        if reference == PERSON_SUFFIX:
            known.add(hit.type)
        if reference == PERSON_SUFFIX or not sign:
            kept.append(
                replace(hit, rule=hit.rule.removesuffix(_SIGN).removesuffix(_GAP) + reference)
            )
    return kept


@dataclass(slots=True)
class _TopicContext:
    """One topic in its sentence."""

    view: NormalizedText
    hit: RuleMatch
    persons: list[RuleMatch]
    starts: list[int]
    sign: bool

    def reference(self) -> str:
        """The mark of the rule: of a person, of nobody, or "" where it cannot be told."""
        view, hit = self.view, self.hit
        begin, stop = _sentence(view, hit.start, hit.end)
        sentence = view.lower[begin:stop]
        if self._is_profession() or self._is_practice():
            return IMPERSONAL_SUFFIX
        if self._is_owned(begin):
            return PERSON_SUFFIX
        if self._is_stated(begin):
            return PERSON_SUFFIX
        if self._is_impersonal(begin, stop):
            return IMPERSONAL_SUFFIX
        words = view.lower[hit.start : hit.end]
        public = bool(self.persons) and is_public(words)
        if self._has_person(begin, stop) and not (public and self._is_unrelated(begin, stop)):
            return PERSON_SUFFIX
        addressed = (
            not public
            and _CONDITIONAL.search(sentence) is None
            and self._is_addressed_to_person(sentence)
        )
        if addressed:
            return PERSON_SUFFIX
        if _GENERAL.search(sentence):
            return IMPERSONAL_SUFFIX
        subject = SUBJECT.search(sentence)
        if subject and self._is_of_person(subject[0]):
            return PERSON_SUFFIX
        if public:
            held = not is_institution(words) and (self._is_record() or self._is_of_one())
            return PERSON_SUFFIX if held else IMPERSONAL_SUFFIX
        if not self.persons:
            return ""
        if self._is_addressed_to_person(sentence) or self._is_record():
            return PERSON_SUFFIX
        if (not self.sign or PRONOUN.search(sentence)) and self._has_person(
            *_neighbours(view, begin, stop)
        ):
            return PERSON_SUFFIX
        return self._by_text()

    def _has_person(self, begin: int, stop: int) -> bool:
        place = bisect_left(self.starts, stop)
        return place > 0 and self.persons[place - 1].end > begin

    def _is_unrelated(self, begin: int, stop: int) -> bool:
        """Whether something of public life has nothing to do with the people in its sentence."""
        if is_office(self.hit.type, self.view.lower[begin:stop]):
            return True
        return not is_linked(self.view, self.hit, self.persons, begin, stop)

    def _is_profession(self) -> bool:
        """``cardioloog De Boer``, ``K. de Boer, psycholoog``: what somebody is, not whom they see."""
        start, end = self.hit.start, self.hit.end
        if self.view.at(start - 1) == "-":  # "gz-psycholoog"
            start = self.view.lower.rfind(" ", max(0, start - 12), start) + 1 or start
        beside = self._has_person(end, end + 3) or self._has_person(start - 3, start)
        return beside and _PROFESSION.fullmatch(self.view.lower[start:end]) is not None

    def _is_practice(self) -> bool:
        text, start, end = self.view.text, self.hit.start, self.hit.end
        if not text[start:end].lower().endswith(("therapie", "therapy", "psycholoog", "logopedie")):
            return False
        entities = text[start].isupper() and _BY_NAME.match(text, end) is not None
        return entities or _PRACTICE.search(text, max(0, start - 16), start) is not None

    def _is_owned(self, begin: int) -> bool:
        view, hit = self.view, self.hit
        owner = _POSSESSIVE.search(view.lower[max(begin, hit.start - _OWNER) : hit.start])
        if owner and self._is_of_person(owner[0]):
            return True
        place = bisect_left(self.starts, hit.end)
        if place == len(self.starts) or self.starts[place] > hit.end + _OWNER:
            return False
        return _GENITIVE.match(view.lower[hit.end : self.starts[place]]) is not None

    def _is_stated(self, begin: int) -> bool:
        before = self.view.lower[max(begin, self.hit.start - _OWNER) : self.hit.start]
        one = IS_OR_HAS.search(before)
        return one is not None and _CONDITIONAL.search(before, 0, one.start()) is None

    def _is_of_person(self, words: str) -> bool:
        """Not where a form asks whoever fills it in: ``Heeft uw kind een allergie?``."""
        return bool(self.persons) or not words.startswith(_READERS)

    def _is_impersonal(self, begin: int, stop: int) -> bool:
        view, hit = self.view, self.hit
        impersonal = _IMPERSONAL_BEFORE.search(view.lower[max(begin, hit.start - 70) : hit.start])
        if impersonal is not None and not SUBJECT.search(impersonal["rest"]):
            return True
        after = view.lower[hit.end : min(stop, hit.end + 32)]
        return bool(_IMPERSONAL_BEHIND.search(after) or _FIGURATIVE.search(view.lower[begin:stop]))

    def _is_addressed_to_person(self, sentence: str) -> bool:
        """Whether a letter to somebody by name says it to them."""
        if YOU.search(sentence) is None:
            return False
        return any(
            one.type == "PERSON"
            and one.start < self.hit.start
            and _SALUTATION.search(self.view.text[max(0, one.start - 40) : one.start])
            for one in self.persons
        )

    def _is_record(self) -> bool:
        """Whether it is a value of a form, a row or an object, with somebody in the same one."""
        if not _is_field(_line(self.view, self.hit)):
            return False
        first, last = self.hit.start - _RECORD, self.hit.end + _RECORD
        return any(
            first < one.start < last and _is_field(_line(self.view, one)) for one in self.persons
        )

    def _is_of_one(self, reach: int = _RECORD) -> bool:
        """Whether what only a text about one person holds stands near."""
        begin, stop = self.hit.start - reach, self.hit.end + reach
        return any(
            one.type in _ONE_PERSON_TYPES and begin < one.start < stop for one in self.persons
        )

    def _by_text(self) -> str:
        reach = _RECORD if self.sign else len(self.view.text)
        if self._is_of_one(reach):
            return PERSON_SUFFIX
        if self.sign:
            return ""
        text, hit = self.view.text, self.hit
        first, last = text.rfind("\n\n", 0, hit.start), text.find("\n\n", hit.end)
        first, last = max(0, first), len(text) if last < 0 else last
        if self._has_person(first, last):
            return ""
        near = (
            one
            for one in self.persons
            if hit.start - _UNRELATED_BEYOND < one.end and one.start < hit.end + _UNRELATED_BEYOND
        )
        return IMPERSONAL_SUFFIX if all(map(self._is_contact, near)) else ""

    def _is_contact(self, one: RuleMatch) -> bool:
        if one.type in ("EMAIL", "PHONE") or one.rule.endswith("sign-off"):
            return True
        return _CONTACT.search(_line(self.view, one)) is not None


def _line(view: NormalizedText, hit: RuleMatch) -> str:
    first = view.text.rfind("\n", max(0, hit.start - _RECORD), hit.start) + 1
    last = view.text.find("\n", hit.end, hit.end + _RECORD)
    return view.lower[max(first, hit.start - _RECORD) : last if last >= 0 else hit.end + _RECORD]


def _is_field(line: str) -> bool:
    """A key with a short value, an object or a row; no sentence."""
    if line.count('":') > 0 or max(line.count(sign) for sign in ";|\t") > 1:
        return True
    prose = (
        _FULL_STOP.search(line) is not None
        or len(line) > _LONGEST_FIELD
        or line.rstrip().endswith((".", "!", "?"))
    )
    return not prose and (_KEYED.match(line) is not None or line.count(",") > 1)


def _sentence(view: NormalizedText, start: int, end: int) -> tuple[int, int]:
    """The sentence around a place, as far as it reaches."""
    begin, stop = max(0, start - _REACH), min(len(view.text), end + _REACH)
    for mark in _SENTENCE_ENDS:
        begin = max(begin, view.text.rfind(mark, begin, start) + 1)
        found = view.text.find(mark, end, stop)
        stop = found if found >= 0 else stop
    first = view.text.rfind("\n", begin, start) + 1
    last = view.text.find("\n", end, stop)
    if max(view.text.count(sign, first, last) for sign in ";|\t") > 1:  # a row of a table
        return max(begin, first), last if last >= 0 else stop
    return begin, stop


_SENTENCE_ENDS = (". ", "! ", "? ", "\n\n", ".\n", "; ")


def _neighbours(view: NormalizedText, begin: int, stop: int) -> tuple[int, int]:
    """The sentence with the one before and the one behind it, within the paragraph."""
    first = max(view.text.rfind("\n\n", 0, begin + 1), begin - _REACH, 0)
    last = view.text.find("\n\n", stop)
    last = min(last if last >= 0 else len(view.text), stop + _REACH)
    remaining = max(view.text.rfind(mark, first, max(first, begin - 2)) for mark in _SENTENCE_ENDS)
    rights = [
        place for mark in _SENTENCE_ENDS if (place := view.text.find(mark, stop + 2, last)) >= 0
    ]
    return max(first, remaining), min(rights, default=last)


def _bounded(line: str) -> str:
    """With a border in front, where all phrases of a line begin with a letter: fewer candidates."""
    return rf"(?:{line})" if line.startswith("'") or "|'" in line else rf"\b(?:{line})"


RULES: tuple[Rule, ...] = (
    Rule(rf"(?:{_ENDINGS})\b", True, _ending),
    *(
        Rule(
            _bounded(line),
            True,
            partial(_topic, type_, _GAP * (mark != "" and r"\w{" in line) + mark),
        )
        for table, mark in ((TOPICS, ""), (SIGNS, _SIGN))
        for type_, lines in table.items()
        for line in lines
    ),
)
