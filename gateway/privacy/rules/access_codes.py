"""Codes and words that open doors, networks, accounts and wallets."""

import re
from collections.abc import Iterable
from functools import partial

from gateway.privacy.rules.credentials import NOT_SECRET, secret
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, is_word

_PIN = re.compile(
    r"(?:[^.\n\d]{0,40}(?:, \d{1,4} [^.\n\d]{0,32})?, code\b| door"
    r"| mee)?[\"' ]{0,2}(?:(?: [\w-]{1,16}){0,5}?\s{0,2}(?:\bis|:|=|luidt|wordt|changed to|to"
    r"|op)\s{0,2}(?:now |nu |toch |weer |vanaf \w{1,12} |still )?"
    r"|\s)[\"' ]{0,2}(?P<value>[A-Z]?\d{4,8}[A-Z#*]?|\d{3} \d{3}|\d(?:-\d){3,5})(?![.\-/:]?\w)"
)
_WORDS = re.compile(
    r"\s{0,2}(?:is|:|=|luidt)?\s{0,3}[\"']?(?P<value>(?:[a-z]{3,8}[ ,]+){11}(?:"
    r"(?:[a-z]{3,8}[ ,]+){12})?[a-z]{3,8})"
)


# ``Alarm achterdeur 4471#``, ``kluisje: 83-14-22``
_LOCK = re.compile(
    r"[^\n\d]{0,24}(?:\d{1,2} ?(?:sec|x)\b[^\n\d]{0,12})?[: ](?P<value>\d{4,6}#|\d\d-(?:1[3-9]"
    r"|[2-9]\d)-\d\d)(?![\w-])"
)


# ``the code for the back entrance of the depot is now 4815#``
_OF_A_DOOR = re.compile(
    r"(?:the|de|het|our|onze|ons) [^.\n\d]{0,40}?(?:entrance|door|gate|barrier|alarm|safe|shed"
    r"|building|office|deur|poort|hek|ingang|kluis|berging|garage|pand|kantoor"
    r"|slagboom)\b[^.\n\d]{0,30} (?:is|wordt|:)(?: now| nu)? (?P<value>\d{4,8}[#*]?)(?![.\-/:]?\w)"
)


def _behind(
    code: re.Pattern[str], view: NormalizedText, start: int, end: int
) -> Iterable[RuleMatch]:
    """Find the code after the word for what it opens."""
    match = code.match(view.lower, end, end + 120)
    return () if match is None else secret(match.start("value"), match.end("value"), "lock")


_VALUE = r" (?P<value>(?=[^\s]{0,40}\d)[A-Za-z][\w!@#$%&*-]{7,40})(?![\w@/])"
_NETWORK_WORD = re.compile(_VALUE)
_NETWORK = re.compile(rf"[^.\n]{{0,60}}?(?: /|\b(?:its|it's|is|ww|pw)|:){_VALUE}")


def _of_a_network(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a word of several parts with a digit: ``the wifi is Bramley / orchard-Tuba-83``."""
    if _NETWORK_WORD.search(view.text, end, end + 120) is None:
        return ()
    for match in _NETWORK.finditer(view.text, end, end + 120):
        value = match["value"]
        parts = re.split(r"[-_!@#$%&*]", value)
        if len(parts) > 2 and value.lower() != value and not NOT_SECRET.match(value):
            return secret(match.start("value"), match.end("value"), "network", score=0.7)
    return ()


_ON_A_NOTE = re.compile(r"(?: [\w'-]{2,16}){0,4}: (?P<value>[^\s:/]{8,40})(?=\s*(?:\n|\Z))")
_QUOTED = re.compile(r'[^"\n]{0,24}"(?P<value>[^"\s][^"\n]{6,58}[^"\s])"')
_ACCESS_BEFORE = re.compile(
    r"(?:toegang|binnen|inlog|meldkamer|alarm|portier|beveiliging|code)\w*\W[^.\n]{0,50}$"
)


def _on_a_note(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a value at the end of a line: ``wifi docenten: Kr1jtbord.Groen``."""
    match = _ON_A_NOTE.match(view.text, end, end + 120)
    if match is None or (
        match["value"].islower() and match["value"].isalpha() and len(match["value"]) < 14
    ):
        return ()
    return secret(match.start("value"), match.end("value"), "network", score=0.8)


def _quoted(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find several words in quotes: ``the passphrase was "three blind badgers 04"``."""
    match = _QUOTED.match(view.text, end, end + 100)
    if match is None or NOT_SECRET.match(match["value"]):
        return ()
    words = match["value"].split()
    if not any(map(str.isdigit, match["value"])) or len(words) < 2 or match["value"][0].isupper():
        return ()
    return secret(match.start("value"), match.end("value"), "phrase", score=0.8)


def _spoken(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a spoken password: ``u kunt naar binnen met het woord karnemelk``."""
    if _ACCESS_BEFORE.search(view.lower, max(0, start - 70), start) is None:
        return ()
    begin = view.text.rindex(" ", start, end) + 1
    return secret(begin, end, "word", score=0.7) if view.stands_alone(begin, end) else ()


def _pin(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _PIN.match(view.text[end : end + 70])
    if match is None or is_word(view.at(start - 1)):
        return ()
    return secret(end + match.start("value"), end + match.end("value"), "pin", score=0.8)


# ``cvv: 123``, ``"card_security_code": "0417"``
_OF_A_CARD = re.compile(r"[\"' ]{0,2}(?: is)?[:= ]{1,3}[\"']?(?P<value>\d{3,4})(?![\w.:/-])")


def _card_code(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _OF_A_CARD.match(view.text, end, end + 16)
    if match is None or view.at(start - 1).isalnum():
        return ()
    return secret(match.start("value"), match.end("value"), "card-code", score=0.8)


_CODES = re.compile(
    r"(?: (?:is|are|zijn))?[: \n]{1,3}(?P<value>\w{4,5}-\w{4,5}"
    r"(?:[ ,;\n]{1,2}\w{4,5}-\w{4,5}){0,11})(?![\w-])"
)


def _codes(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find one-time codes: ``backup codes: 4471-0928 8810-3376``."""
    match = _CODES.match(view.text[end : end + 160])
    if match is None or not any(map(str.isdigit, match["value"])):
        return ()
    return secret(end + match.start("value"), end + match.end("value"), "codes")


def _mnemonic(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _WORDS.match(view.text[end : end + 260])
    if match is None:
        return ()
    return secret(end + match.start("value"), end + match.end("value"), "mnemonic", score=0.9)


# ``key safe behind blue pot, 1946, then pull down hard``
_KEY_SAFE = re.compile(r"[^.\n\d]{0,40}?[ ,:](?P<value>\d{4,6})(?![\d.:/-]|\w)")


RULES: tuple[Rule, ...] = (
    Rule(
        r"\b(?:key ?safe|key ?box|lock ?box|sleutelkastje|sleutelkluis(?:je)?)\b",
        True,
        partial(_behind, _KEY_SAFE),
    ),
    Rule(
        (
            r"\b(?:pincode|pin ?code|pin-code|toegangscode|inlogcode|locker ?code|kastcode"
            r"|verificatiecode|bevestigingscode|login code|verification code|one-time code"
            r"|installateurs?code|mastercode|slotcode|sleutelkast(?:je)?|sleutelkluis(?:je)?"
            r"|key ?safe|lock ?box|cupboard code|alarmcode|kluiscode|deurcode|door code"
            r"|access code|alarm code|gate code|safe code|entry code|pin)\b"
        ),
        True,
        _pin,
    ),
    Rule(r"(?:cvv2?|cvc2?|(?:card[ _-]?)?security[ _-]?code|kaart[ _-]?code)\b", True, _card_code),
    Rule(r"\bcode (?:for|of|van|voor) ", True, partial(_behind, _OF_A_DOOR)),
    Rule(r"wi-?fi\b", True, _of_a_network),
    Rule(r"wi-?fi\b", True, _on_a_note),
    Rule(
        r"\b(?:passphrase|pass phrase|wachtzin|wachtwoordzin|password|wachtwoord)\b", True, _quoted
    ),
    Rule(r"\b(?:met|is|luidt) het woord [a-zà-ÿ]{5,24}", True, _spoken),
    Rule(r"\b(?:alarm|kluis(?:je)?|safe)\b", True, partial(_behind, _LOCK)),
    Rule(r"\b(?:backup|back-up|recovery|herstel|reserve)[ -]?codes?\b", True, _codes),
    Rule(r"(?:seed phrase|recovery phrase|herstelzin|mnemonic|backup phrase)", True, _mnemonic),
)
