"""Dates of birth: a date in any form beside a word for being born."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.loader import alternation, entries
from gateway.privacy.lexicons.names import MONTHS
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

TENTATIVE = "date"  # the rule of a date that counts only right after a name
_BORN = re.compile(
    r"(?<![a-z])(?:(?P<yes>gd\b|geb(?:oorte)?\.? ?[-_]?datum|geb\b|geb\.|geboren|geboorte|born\b"
    r"|dob\b|d\.o\.b|date[ _-]?of[ _-]?birth|birth ?d|birthday|jarig|verjaart|verj\b|né[e]?\b"
    r"|geburt|geb\.? am|nacid|fecha de nac|nato\b|nata\b|nascita|urodz|född|birth_?date"
    r"|(?:wordt (?:[a-z]{3,12} )?|turn(?:s|ed|ing) )\d{2} (?:jaar )?(?:\(|op |on )$|geboortedag"
    r"|naissance|ur\.|bday|b-day|verjaardag|gb-?datum|geborene?r?\b|(?:is|ben) van $|\(b\. ?$)"
    r"|(?P<no>overleden|getrouwd|gehuwd|in dienst|datum|vanaf|op \d|afspraak|died|married|hired"
    r"|joined|since|due|verval|geldig|valid|expir|issued|afgegeven|opgenomen|admitted|start|opname"
    r"|overlijden|dated|d\.d\.|ingang|gestorven|†))|°|\*(?=\s?$)|, b\. ?$"
)
_NEAR_BIRTH = re.compile(r"geb|born\b|birth|jarig|verjaar|dob|nacid|né|nat[oa]")
_CONFUSED = str.maketrans("OoQDlIi|SBZzg", "0000111158229")
_YEAR = re.compile(r"\d{4}")


_PARTS = re.compile(r" ?[-/.] ?| ")


def _date(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    raw = view.text[start:end]
    if not raw[0].isalnum() or not is_birth_year(raw):
        return ()
    if not _is_of_birth(view, start, end):
        return (RuleMatch("DATE_OF_BIRTH", start, end, TENTATIVE, Strength.PLAIN, 0.1),)
    return (RuleMatch("DATE_OF_BIRTH", start, end, "rule:date_of_birth", Strength.CONTEXT, 0.95),)


# Every word for being born contains one of these.
_TRACES = (
    "geb",
    "gd ",
    "born",
    "dob",
    "d.o.b",
    "birth",
    "jarig",
    "verj",
    "né",
    "nac",
    "nat",
    "nas",
    "nais",
    "urod",
    "föd",
    "ur.",
    "day",
    "gb",
    "°",
    "*",
    "wordt ",
    "turn",
    "is van ",
    "ben van ",
    "(b.",
    ", b.",
)


def _is_of_birth(view: NormalizedText, start: int, end: int, *, reach: int = 40) -> bool:
    """``reach`` is how far left a question may be, in characters, over line breaks."""
    around = view.lower[max(0, start - max(reach, 48)) : end + 20]
    if not any(trace in around for trace in _TRACES):
        return False
    found = None
    for match in _BORN.finditer(view.before(start, 48)):
        if not (found and match[0] == "d.d."):  # "geboren d.d."
            found = match
    if found is None:
        for match in _BORN.finditer(view.near(start, reach)):
            found = match
    if found is not None and not found.group("no"):
        return True
    following = _BORN.search(view.after(end, 20))
    return following is not None and not following.group("no") and following.start() < 14


def is_birth_year(raw: str) -> bool:
    """Whether a date has a year in which a living person may be born; two digits always do."""
    years = [int(year) for year in _YEAR.findall(raw)]
    if len(raw) == 8 and raw.isdigit():
        years = [int(raw[:4]), int(raw[4:])]
        return any(1890 <= year <= 2030 for year in years)
    return not years or any(1890 <= year <= 2030 for year in years)


def _damaged(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a date with letters for digits, or with spaces around its signs."""
    raw = view.text[start:end]
    parts = _PARTS.split(raw.replace(" | ", "-").translate(_CONFUSED))
    if raw.isdigit():
        parts = [raw[6:], raw[4:6], raw[:4]]
    if (
        len(parts) != 3
        or not all(part.isdigit() for part in parts)
        or not view.stands_alone(start, end)
    ):
        return ()
    day, month, year = map(int, parts)
    fits = 1 <= day <= 31 and 1 <= month <= 12 and (year < 100 or 1890 <= year <= 2030)
    if not fits or not _is_of_birth(view, start, end):
        return ()
    return (
        RuleMatch("DATE_OF_BIRTH", start, end, "rule:date_of_birth-damaged", Strength.CONTEXT, 0.8),
    )


def _scanned(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a date in words in which a scanner confused letters and digits: ``l2 apri1 1970``."""
    if not view.stands_alone(start, end) or not _is_of_birth(view, start, end):
        return ()
    return (
        RuleMatch("DATE_OF_BIRTH", start, end, "rule:date_of_birth-damaged", Strength.CONTEXT, 0.8),
    )


_SIX_NAMED = re.compile(
    r"(?<![a-z])(?:geb(?:oorte)?\.? ?[-_]?dat(?:um)?\.?|geboren|dob|date[ _-]?of[ _-]?birth)(?: op"
    r"| is)?[ :=\"']{1,4}$"
)


def _six_digits(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find day, month and two digits of the year right after their name: ``Geb.dat.: 070390``."""
    raw = view.text[start:end]
    fits = 1 <= int(raw[:2]) <= 31 and 1 <= int(raw[2:4]) <= 12 and view.stands_alone(start, end)
    if not fits or not _SIX_NAMED.search(view.near(start, 24)):
        return ()
    return (RuleMatch("DATE_OF_BIRTH", start, end, "rule:date_of_birth", Strength.CONTEXT, 0.9),)


_NUMBERS = entries("number_words.txt")
# Possessive for digits: with several ways to match, time would double with each sign.
_NUMBER_WORD = re.compile(
    rf"(?:(?:{alternation('number_words.txt')}|en|ën|and|the|de|of|-|\d++(?:e|ste|de|th|st|nd"
    rf"|rd)?)[ \n]?)+"
)


_COUNT = re.compile(r"two thousand|twenty|[a-zë]{2,14}tig|[a-z]{3,7}ty")
_ANSWER_REACH = 90  # characters between a question on the telephone and its answer
_OPENING = "\"';|("


def _end_without_joiner(view: NormalizedText, stop: int) -> int:
    """Return the end of the last number word, without ``en`` and the ``acht`` of a longer word."""
    kept = view.lower[:stop]
    if view.at(stop).isalpha() and kept[-1:].isalpha():
        kept = kept[: kept.rfind(" ")]
    kept = kept.rstrip(" -\n")
    for word in (" the", " de", " and", " en"):
        kept = kept.removesuffix(word)
    return len(kept.rstrip(" -\n"))


def _is_count(view: NormalizedText, start: int, stop: int) -> bool:
    """Whether what follows a comma is no year but a number of something: ``, twenty years``."""
    _, comma, year = view.lower[start:stop].partition(",")
    return bool(comma) and _COUNT.fullmatch(year.strip()) is not None


def _spelled(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a month between number words: ``de zevende juni negentiennegentig``."""
    month = _TO_YEAR.match(view.text, start)
    around = view.lower[max(0, start - 90) : start + 60]
    if month is None or not any(trace in around for trace in _TRACES):
        return ()
    end = month.end()
    left = view.lower[max(0, start - 40) : start + 1]
    begin = start + 2
    words = re.split("[ \n]", left.rstrip())
    taken = 0
    while words and taken < 5 and (word := words.pop().lstrip(_OPENING)):
        if _NUMBER_WORD.fullmatch(word) is None:
            break
        begin -= len(word) + 1
        taken += 1
        if view.text[begin - 1] in _OPENING:
            break
    match = _NUMBER_WORD.match(view.lower[end : end + 60])
    if (
        match is None
        or not (taken or match[0].count(" ") > 1)
        or not _is_of_birth(view, max(0, begin), end, reach=_ANSWER_REACH)
    ):
        return ()
    stop = end + match.end()
    stop = _end_without_joiner(view, stop)
    begin = max(0, begin) if taken else start + 2
    while view.lower.startswith(("of ", "and ", "en "), begin):
        begin = view.lower.index(" ", begin) + 1
    if stop <= end or not any(len(word) > 3 for word in view.text[end:stop].split()):
        return ()
    if _is_count(view, begin, stop):
        return ()
    return (
        RuleMatch(
            "DATE_OF_BIRTH", begin, stop, "rule:date_of_birth-spelled", Strength.CONTEXT, 0.85
        ),
    )


def _partial(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a day without a year, or a month with one, beside a word for being born."""
    if not _NEAR_BIRTH.search(view.lower, max(0, start - 40), start) or not _is_of_birth(
        view, start, end
    ):
        return ()
    if not view.stands_alone(start, end):
        return ()
    return (
        RuleMatch("DATE_OF_BIRTH", start, end, "rule:date_of_birth-partial", Strength.PLAIN, 0.7),
    )


def _all_spelled(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``twaalf elf negentien zesenzeventig`` beside a word for being born."""
    match = _NUMBER_WORD.match(view.lower[start : start + 90])
    if match is None or not _is_of_birth(view, start, end, reach=_ANSWER_REACH):
        return ()
    stop = start + match.end()
    stop = _end_without_joiner(view, stop)
    return (
        RuleMatch(
            "DATE_OF_BIRTH", start, stop, "rule:date_of_birth-spelled", Strength.CONTEXT, 0.85
        ),
    )


def _month_first(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``november the ninth nineteen thirty six`` beside a word for being born."""
    day = view.lower.index(" ", start) + 1
    match = _NUMBER_WORD.match(view.lower, day, start + 90)
    if match is not None and view.at(match.end()) == ",":
        match = _NUMBER_WORD.match(view.lower, match.end() + 2, start + 90) or match
    if match is None or not _is_of_birth(view, start, end, reach=_ANSWER_REACH):
        return ()
    stop = _end_without_joiner(view, match.end())
    if _is_count(view, start, stop):
        return ()
    return (
        RuleMatch(
            "DATE_OF_BIRTH", start, stop, "rule:date_of_birth-spelled", Strength.CONTEXT, 0.85
        ),
    )


_ONE_TO_31 = "|".join(
    word
    for word in _NUMBERS
    if len(word) > 2 and word not in ("honderd", "duizend", "hundred", "thousand")
)
_MONTH = "|".join(sorted(MONTHS, key=lambda name: (-len(name), name)))
_NL_MONTHS = "|".join(name for name in MONTHS if len(name) > 2 and MONTHS[name] and name.isascii())
_TO_YEAR = re.compile(rf"\S[ \n](?:of )?(?:{_NL_MONTHS}),?[ \n]", re.IGNORECASE)
# Names of months with the digits that scanners put in.
_SCANNED = "|".join(
    sorted(
        {n.replace("l", "1") for n in MONTHS if "l" in n}
        | {n.replace("o", "0") for n in MONTHS if "o" in n}
    )
)
RULES: tuple[Rule, ...] = (
    Rule(r"\b\d{1,2}[\-/.]\d{1,2}[\-/.](?:\d{4}|'?\d{2})\b", False, _date),
    Rule(r"\b\d{1,2}[\-/. ](?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})[\-/. ]\d{4}\b", True, _date),
    Rule(r"\b\d{1,2} [\-/.|] \d{1,2} [\-/.|] \d{2,4}\b", False, _damaged),
    Rule(
        r"\b[0-9OolIB]{1,2} ?[\-/.] ?[0-9OolIB]{1,2} ?[\-/.] ?[0-9OolISB]{2,4}\b", False, _damaged
    ),
    Rule(r"\b\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}\b", False, _date),
    Rule(r"\b\d{6}\b", False, _six_digits),
    Rule(r"\b(?:\d{1,2} \d{1,2} \d{4}|(?:19\d\d|200\d|201\d)[01]\d[0-3]\d)\b", False, _damaged),
    Rule(
        (
            rf"\b\d{{1,2}}(?:e|de|ste|th|st|nd|rd|er|\.)?(?: of"
            rf"| de)?[ \-/](?:{_MONTH})\.?,?(?:[ \-/]| de | del )(?:\d{{4}}"
            r"|'\d{2})\b"
        ),
        True,
        _date,
    ),
    Rule(rf"\b[0-9lIO]{{1,2}} (?:{_MONTH}|{_SCANNED}) (?:[0-9lIO]{{4}}|[2-9]\d)\b", True, _scanned),
    Rule(rf"\b(?:{_MONTH})\.? \d{{1,2}}(?:th|st|nd|rd)?,? (?:\d{{4}}|'\d\d)\b", True, _date),
    Rule(
        rf"\b\d{{1,2}}(?:e|de|ste|th|st|nd|rd)?(?: of)? (?:{_MONTH})\b|\b(?:{_MONTH}) \d{{4}}\b",
        True,
        _partial,
    ),
    Rule(
        rf"\b(?:(?:twenty|thirty) )?(?:{_ONE_TO_31}) (?:of the |of |van de "
        rf"|de )?(?:{_ONE_TO_31}) (?:negentien|nineteen|tweeduizend|two thousand|twenty"
        rf"|[a-z]{{3,8}}ty\b|[a-zë]{{3,14}}tig\b)",
        True,
        _all_spelled,
    ),
    Rule(
        rf"\b(?:{_NL_MONTHS}) (?:the )?"
        rf"(?:(?:(?:twenty|thirty)[ -])?(?:{_ONE_TO_31})|\d{{1,2}}(?:st|nd|rd|th)),?[ \n]"
        rf"(?:nineteen|two thousand|twenty)\b",
        True,
        _month_first,
    ),
    Rule(
        rf"[a-z0-9][ \n](?:of )?(?:{_NL_MONTHS}),?[ \n](?:negentien|tweeduizend|nineteen"
        rf"|two thousand|twenty|[a-zë]{{2,14}}tig\b|[a-z]{{3,7}}ty\b|\d{{4}}\b)",
        True,
        _spelled,
    ),
)
