"""Values of records in JSON, XML and HTML: the name of a key, element or attribute tells the type.

A pair of a name and a value counts too, as in FHIR: ``{"system": ".../bsn", "value": "..."}``.
"""

import re
from collections.abc import Iterable, Iterator

from gateway.privacy.rules.credentials import NOT_SECRET
from gateway.privacy.rules.field_values import CHECKS, FIELDS, kind_of, named_fields
from gateway.privacy.rules.rule import Check, Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_HEALTH = named_fields("health_fields.txt")
_HEALTH_KINDS = re.compile(
    "|".join(f"(?P<{type_}>{names})" for type_, names in _HEALTH.items()), re.IGNORECASE
)
_HEALTH_SIGNS = ("resourcetype", "hl7.org/fhir", "urn:hl7-org")
_HOLDERS = tuple(
    f'"resourcetype":{space}"{kind}"'
    for kind in ("patient", "relatedperson", "person", "practitioner")
    for space in ("", " ")
)
_LONGEST_KEY, _LONGEST_TAG, _LONGEST_OBJECT, _LONGEST_LIST = 64, 600, 400, 8
_JSON_KEY = re.compile(r"[\"'](?P<name>[\w .-]{1,60})[\"']\s{0,8}:\s{0,8}\Z")
_JSON_VALUE = re.compile(
    r"\"(?P<double>[^\"\\\n]{1,200})\"|'(?P<single>[^'\\\n]{1,200})'|(?P<bare>\d[\d.-]{4,20})"
    r"(?=[\s,}\]]|\Z)"
)
_LINE = re.compile(
    r"[ \t-]{0,12}(?P<name>[\w .-]{2,60}?)[ \t]?[:=][ \t]{0,8}[\"']?(?P<value>\w[\w .-]{6,38}\w)"
    r"\.?[\"']?[ \t]*(?=[\r\n]|\Z)"
)
_NUMBERS = ("BSN", "IBAN", "NATIONAL_ID")
_NEXT = re.compile(r"\s{0,40},\s{0,40}")
_TAG_NAME = re.compile(r"<(?:[\w.-]{1,40}:)?(?P<name>[\w.-]{1,60})")
_VALUE_ATTRIBUTE = re.compile(r"\svalue\s?=\s?[\"'](?P<value>[^\"'<>]{1,200})[\"']")
_CONTENT = re.compile(r"\s{0,40}(?P<value>[^<>&]{1,200}?)\s{0,40}</")
_ATTRIBUTE = re.compile(r"(?P<name>[\w.:-]{1,60})\s?=\s?[\"'](?P<value>[^\"'<>]{1,200})[\"']")
_PAIR_NAME = re.compile(
    r"[\"'](?:system|name|naam|key|field|veld|label|code|type|attribute|column|kolom)[\"']\s?:\s?"
    r"[\"'](?P<name>[^\"'\n]{1,120})[\"']"
)
_PAIRED_TAGS = re.compile(
    r"<system value=\"(?P<name>[^\"<>]{1,120})\"\s?/>\s{0,40}"
    r"<value value=\"(?P<value>[^\"<>]{1,60})\""
    r"|<(?:[\w.-]{1,20}:)?id root=\"(?P<root>[\d.]{1,60})\" extension=\"(?P<id>[^\"<>]{1,60})\""
)
_IDENTIFIERS = re.compile(r"\"identifier\"\s?:\s?\[?[^\]]{0,400}\Z")
_IDENTIFIER = re.compile(r"(?=\D*\d)[\w.-]{4,24}")
_LAST_PART = re.compile(r"[/:#]")
_LEAST_SECRET = 6


def _value(view: NormalizedText, kind: str, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a value by its kind. A person or a company is left to the rules for names."""
    check: Check | None = CHECKS.get(kind)
    if check is None or kind in ("NAME", "INITIALS"):
        return ()
    if kind == "SECRET" and (end - start < _LEAST_SECRET or NOT_SECRET.match(view.text[start:end])):
        return ()
    return check(view, start, end)


def _kind(view: NormalizedText, name: str) -> str:
    kind = kind_of(name)
    if not kind and any(map(view.holds, _HEALTH_SIGNS)):
        match = _HEALTH_KINDS.fullmatch(name)
        kind = (match and match.lastgroup) or ""
    return kind


def _keyed(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the value of a key in JSON, or those of a list."""
    key = _JSON_KEY.search(view.text, max(0, start - _LONGEST_KEY), end)
    kind = _kind(view, key["name"]) if key else ""
    if not kind:
        return
    for first, last in _values_at(view.text, end):
        yield from _value(view, kind, first, last)


def _line(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number that is all of the value of a setting or a line of a form: ``bsn: 1234...``."""
    line = view.text.rfind("\n", 0, start + 1) + 1
    match = _LINE.match(view.text, line, line + _LONGEST_KEY * 2)
    kind = kind_of(match["name"]) if match else ""
    return _value(view, kind, *match.span("value")) if match and kind in _NUMBERS else ()


def _values_at(text: str, at: int) -> Iterator[tuple[int, int]]:
    several = text.startswith("[", at)
    at += several
    for _ in range(_LONGEST_LIST if several else 1):
        while text[at : at + 1].isspace():
            at += 1
        match = _JSON_VALUE.match(text, at)
        if match is None:
            return
        yield match.span(match.lastgroup or 0)
        following = _NEXT.match(text, match.end())
        if following is None:
            return
        at = following.end()


def _paired(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the value beside a name in one object without others within it."""
    text = view.text
    begin = text.rfind("{", max(0, start - _LONGEST_OBJECT), start)
    stop = text.find("}", end, end + _LONGEST_OBJECT)
    if begin < 0 or stop < 0 or "}" in text[begin:start] or "{" in text[end:stop]:
        return
    name = _PAIR_NAME.search(text, begin, stop)
    if name is None:
        return
    kind = kind_of(_LAST_PART.split(name["name"])[-1])
    for first, last in _values_at(text, end):
        if kind:
            yield from _value(view, kind, first, last)
        elif (
            _IDENTIFIERS.search(text, max(0, begin - _LONGEST_OBJECT), begin)
            and _IDENTIFIER.fullmatch(text, first, last)
            and any(map(view.holds, _HOLDERS))
        ):
            yield RuleMatch("NATIONAL_ID", first, last, "rule:person-identifier")


def _element(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the content of an element, or its attribute ``value`` as in FHIR."""
    text = view.text
    name = _TAG_NAME.match(text, start)
    close = text.find(">", end - 1, end + _LONGEST_TAG)
    if name is None or close < 0:
        return ()
    kind = _kind(view, name["name"])
    if not kind:
        return ()
    value = _VALUE_ATTRIBUTE.search(text, name.end(), close)
    if value is None and text[close - 1] != "/":
        value = _CONTENT.match(text, close + 1)
    return _value(view, kind, *value.span("value")) if value else ()


def _attribute(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the value of an attribute within a tag."""
    text = view.text
    tag = text.rfind("<", max(0, start - _LONGEST_TAG), start)
    if tag < 0 or ">" in text[tag:start]:
        return ()
    begin = start + 1
    while begin > tag and (text[begin - 1].isalnum() or text[begin - 1] in "_.:-"):
        begin -= 1
    match = _ATTRIBUTE.match(text, begin)
    kind = _kind(view, match["name"].rpartition(":")[2]) if match else ""
    return _value(view, kind, *match.span("value")) if match and kind else ()


def _paired_tag(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _PAIRED_TAGS.match(view.text, start)
    if match is None:
        return ()
    kind = kind_of(_LAST_PART.split(match["name"] or match["root"])[-1])
    return _value(view, kind, *match.span("value" if match["name"] else "id")) if kind else ()


def _names(fields: dict[str, str]) -> Iterator[str]:
    return (names for type_, names in fields.items() if type_ not in ("NAME", "INITIALS"))


_NAMES = (*_names(FIELDS), *_names(_HEALTH))
RULES: tuple[Rule, ...] = (
    *(Rule(rf"(?:{names})[\"']\s{{0,8}}:\s{{0,8}}", True, _keyed) for names in _NAMES),
    *(Rule(rf"<[\w.:-]{{0,24}}(?:{names})[\s/>]", True, _element) for names in _NAMES),
    *(Rule(rf"[\s\w.:-](?:{names})\s?=\s?[\"']", True, _attribute) for names in _NAMES),
    *(
        Rule(rf"(?:^|\n)[ \t-]{{0,12}}(?:{FIELDS[type_]})[ \t]?[:=]", True, _line)
        for type_ in _NUMBERS
    ),
    Rule(r"[\"']value[\"']\s{0,4}:\s{0,4}", True, _paired),
    Rule(r"<(?:system value|(?:[\w.-]{1,20}:)?id root)=", True, _paired_tag),
)
