"""Decide whether a topic is about a person: by sentence, paragraph, letter or form."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from gateway.privacy.level import IMPERSONAL_SUFFIX, PERSON_SUFFIX
from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.rules.category_keys import is_keyed
from gateway.privacy.rules.person_references import IS_OR_HAS, PRONOUN, SUBJECT, YOU
from gateway.privacy.rules.public_topics import is_institution, is_linked, is_office, is_public
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

# Advice and rules mean no particular person: what a patient, an employee or "you" may do.
_ANY_PERSON = alternation("impersonal_subjects.patterns.txt")
_CONDITIONAL = re.compile(rf"(?<![\w-])(?:{_ANY_PERSON})(?![\w-])")
_GENERAL = re.compile(
    rf"(?<![\w-])(?:{_ANY_PERSON}|cursus|training|brochure|folder|beleid|policy|protocol|richtlijn"
    r"|guideline|onderzoek onder|artikel|wet|statistiek|percentage|procent|per cent|percent"
    r"|campagne|campaign|symposium|webinar)(?![\w-])"
)
# Publications, policies and products about a topic: a topic beside them is of no person.
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
# The name of a practice: ``Praktijk voor Fysiotherapie``, ``bij Podotherapie De Brug``.
_PRACTICE = re.compile(r"(?:[Pp]raktijk|[Cc]entrum|[Cc]entre)(?: voor| for)? $")
_BY_NAME = re.compile(r"(?: |-)[A-ZÀ-Þ][a-zà-ÿ]")
_POSSESSIVE = re.compile(
    r"(?:(?<![\w-])(?:zijn|haar|mijn|diens|his|her|my|their|uw|jouw)|[\w]'s"
    r"|s') (?:[\w-]{2,14} ){0,2}$"
)
_GENITIVE = re.compile(
    r"^[\w-]{0,12} (?:van|of) (?:de heer |mevrouw |mw\.? |dhr\.? |mr\.? |mrs\.? |ms\.? )?$"
)
# Words before the sender of a text or a contact: the text is not about them.
_CONTACT = re.compile(
    r"(?<![\w-])(?:vragen|vraag het|mail|e-mail|bel|contact|info|informatie|redactie|aanmelden"
    r"|meld je|opgeven|questions?|ask|email|call|information"
    r"|register|sign up|editors?|enquiries|van|from|afzender|auteur|author|door|by)(?![\w-])"
)
_SALUTATION = re.compile(
    r"(?:^|\n|[.!?:] )[> ]{0,4}(?:(?:geachte|beste|dear|lieve|hi|hoi|hallo|dag|hello)[ ,]|(?:aan|to"
    r"|t\.a\.v\.):? )",
    re.IGNORECASE,
)
_READERS = ("uw ", "jouw ", "je ", "your ")
_OWNER = 40  # characters between a topic and its owner
_REACH = 160  # characters of a sentence on each side of a topic
_KEYED = re.compile(r"[\s\"'{*|-]{0,8}[\w /().-]{2,32}[\"'*]{0,2}[:=]")
_FULL_STOP = re.compile(r"[^\W\d_]{2}\. ")
_LONGEST_FIELD = 90
_RECORD = 1500  # characters within which a form or record is about one person
_UNRELATED_BEYOND = 1500  # characters; a name further away, in another paragraph, is unrelated
# Types that occur only in a text about one person.
_ONE_PERSON_TYPES = frozenset((
    "BSN",
    "DATE_OF_BIRTH",
    "NATIONAL_ID",
    "V_NUMBER",
    "PASSPORT_ID",
    "DRIVING_LICENCE",
))


@dataclass(slots=True)
class TopicContext:
    """One topic in its sentence."""

    view: NormalizedText
    hit: RuleMatch
    persons: list[RuleMatch]
    starts: list[int]
    sign: bool

    def reference(self) -> str:
        """Return the suffix for the rule: of a person, impersonal, or "" where neither is clear."""
        view, hit = self.view, self.hit
        begin, stop = _sentence(view, hit.start, hit.end)
        sentence = view.lower[begin:stop]
        if self._is_profession() or self._is_practice():
            return IMPERSONAL_SUFFIX
        if self._is_owned(begin) or self._is_stated(begin) or self._is_keyed():
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
        """Whether a topic of public life is unrelated to the persons in its sentence."""
        if is_office(self.hit.type, self.view.lower[begin:stop]):
            return True
        return not is_linked(self.view, self.hit, self.persons, begin, stop)

    def _is_profession(self) -> bool:
        """Whether it is the profession of a person: ``cardioloog De Boer``."""
        start, end = self.hit.start, self.hit.end
        if self.view.at(start - 1) == "-":  # "gz-psycholoog"
            start = self.view.lower.rfind(" ", max(0, start - 12), start) + 1 or start
        adjacent = self._has_person(end, end + 3) or self._has_person(start - 3, start)
        return adjacent and _PROFESSION.fullmatch(self.view.lower[start:end]) is not None

    def _is_practice(self) -> bool:
        text, start, end = self.view.text, self.hit.start, self.hit.end
        if not text[start:end].lower().endswith(("therapie", "therapy", "psycholoog", "logopedie")):
            return False
        with_name = text[start].isupper() and _BY_NAME.match(text, end) is not None
        return with_name or _PRACTICE.search(text, max(0, start - 16), start) is not None

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

    def _is_keyed(self) -> bool:
        """Whether it is the value of a key for its category, in a record and not in prose."""
        return is_keyed(self.view, self.hit) and _is_field(_line(self.view, self.hit))

    def _is_of_person(self, words: str) -> bool:
        """False for a question to the reader of a form: ``Heeft uw kind een allergie?``."""
        return bool(self.persons) or not words.startswith(_READERS)

    def _is_impersonal(self, begin: int, stop: int) -> bool:
        view, hit = self.view, self.hit
        impersonal = _IMPERSONAL_BEFORE.search(view.lower[max(begin, hit.start - 70) : hit.start])
        if impersonal is not None and not SUBJECT.search(impersonal["rest"]):
            return True
        after = view.lower[hit.end : min(stop, hit.end + 32)]
        return bool(_IMPERSONAL_BEHIND.search(after) or _FIGURATIVE.search(view.lower[begin:stop]))

    def _is_addressed_to_person(self, sentence: str) -> bool:
        """Whether it is in a letter to a person by name."""
        if YOU.search(sentence) is None:
            return False
        return any(
            one.type == "PERSON"
            and one.start < self.hit.start
            and _SALUTATION.search(self.view.text[max(0, one.start - 40) : one.start])
            for one in self.persons
        )

    def _is_record(self) -> bool:
        """Whether it is a value of a form, a row or an object that also holds a person."""
        if not _is_field(_line(self.view, self.hit)):
            return False
        first, last = self.hit.start - _RECORD, self.hit.end + _RECORD
        return any(
            first < one.start < last and _is_field(_line(self.view, one)) for one in self.persons
        )

    def _is_of_one(self, reach: int = _RECORD) -> bool:
        """Whether a value that only a text about one person holds is near."""
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
    """Whether a line is a key with a short value, an object or a row, and not a sentence."""
    if line.count('":') > 0 or max(line.count(sign) for sign in ";|\t") > 1:
        return True
    prose = (
        _FULL_STOP.search(line) is not None
        or len(line) > _LONGEST_FIELD
        or line.rstrip().endswith((".", "!", "?"))
    )
    return not prose and (_KEYED.match(line) is not None or line.count(",") > 1)


def _sentence(view: NormalizedText, start: int, end: int) -> tuple[int, int]:
    """Return start and end of the sentence around a place, at most ``_REACH`` on each side."""
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
    """Return a sentence with its neighbours, within the paragraph."""
    first = max(view.text.rfind("\n\n", 0, begin + 1), begin - _REACH, 0)
    last = view.text.find("\n\n", stop)
    last = min(last if last >= 0 else len(view.text), stop + _REACH)
    left = max(view.text.rfind(mark, first, max(first, begin - 2)) for mark in _SENTENCE_ENDS)
    rights = [
        place for mark in _SENTENCE_ENDS if (place := view.text.find(mark, stop + 2, last)) >= 0
    ]
    return max(first, left), min(rights, default=last)
