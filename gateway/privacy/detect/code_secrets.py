"""Decide which secrets are plain values by their form or, on a line of code, expressions.

A real secret in code is a literal: a value in quotes, in a comment or of a setting. The classifier
takes many identifiers for secrets, so in code it needs a word for a secret before the value, or a
value that looks random.
"""

import base64
import re

from gateway.classifiers.protocol import Entity
from gateway.privacy.lexicons.names import SOFTWARE_NAMES
from gateway.privacy.text.code_lines import CodeLine, Place
from gateway.privacy.text.normalized_text import RuleMatch

# Rules that take a word after a key or in a sentence. The patterns of the others are evidence.
_DOUBTFUL = frozenset(("secret:assignment", "secret:prose"))
_PLAIN_VALUE = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # a UUID
    r"|(?:[\\^\w-]?(?:a-z|A-Z|0-9|a-f|A-F|а-я)){2,}[\\\w-]*"  # a class of a regular expression
    r"|[^\n]*(?:abcdefghij|ABCDEFGHIJ)[^\n]*"
    r"|-?[\w./-]+(?: +[-$][\w.=/$-]+)+"  # options of a program
    r"|[\w./-]+#(?:\d+|[A-Za-z]+)|(?:GHSA|CVE|CWE|RUSTSEC|PEP|RFC)-[\w-]+|\w+![rsa]"
    r"|[\w./@-]+\.(?:[cm]?[jt]sx?|css|map|h|c|cc|py|rs|go|java|sql|sh|json|html|svg|so|png"
    r"|f|f90|pyf|dll|exe|jar|whl|lock|ya?ml|toml|conf|cfg|ini|txt|log|md|gz|zip|crt|pem)"
    r"|0x[0-9A-Fa-f]{1,20}|[a-z_]\w*(?: [*+/%-] [\w.]+)+"
)
_SCHEDULE = re.compile(r"\d{1,2} \d{1,2} (?:[\d,/-]{1,12} )?\*(?: |$)")  # of cron
_ESCAPE = re.compile(r"\\x[0-9a-f]{2}|%[0-9A-F]{2}")
_TYPE = re.compile(r"`(?:[A-Z][a-z]+){2,}`")
_COMMAND = re.compile(r"[a-z-]+ _?(?:[a-z]+_)+[a-z]+|[a-z-]+(?: [a-z]+)*(?: -{1,2}\w+)+")
_DOTTED = re.compile(r"[a-z_]\w*(?:\.[A-Za-z_]\w*){2,}|[A-Za-z][\w.-]{2,}(?:/[A-Za-z][\w.-]+)+")
_NAME = re.compile(r"[a-z]+(?:[-_ ](?:[a-z]+\d?[a-z]?|\d{1,2}))+")
_PARTS = re.compile(r"[-_ ]")
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_MARKUP = re.compile(r"[A-Za-z]{2} [A-Za-z]{2}|</?[a-z]+")
_PATH = re.compile(r"[A-Za-z_@$]\w*(?:(?:\.|::|->|[/#:-])[\w$]+)*[!?]?")
_REFERENCE = re.compile(r"[A-Za-z_@$]\w*(?:(?:\.|::|->)[\w$]+)*[!?]?")
_ARITHMETIC = re.compile(r"(?:[A-Za-z_$][\w$.]*|\d+)(?:[*+/%&|^](?:[A-Za-z_$][\w$.]*|\d+))+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")  # as long as a key; a sum of names is shorter
_SUM = re.compile(r"[/+]")
_EXPRESSION = re.compile(r"[(){}\[\];]|&&|\|\|| [+*/<>=-] |^[*&!]|##")
# A word for a secret before a value.
_CUE = re.compile(
    r"pass(?:w|phrase|code)|(?<![a-z])(?:pass|pwd|pw|psk|pin|ww)(?![a-z])|wachtwoord|kennwort"
    r"|mot de passe|contrase|secret|geheim|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|signing[_-]?key|sleutel|credential|login|log ?in|sign ?in|inlog|auth|bearer|cookie|webhook"
)
_REACH = 80  # characters before a value in which such a word counts
_RUNS = re.compile(r"\d+")
_LEAST_RUNS = 3  # runs of digits in a random value; identifiers have one or two
_SHORTEST_RANDOM, _LONG_RANDOM = 12, 24
_RANDOM = re.compile(r"[A-Za-z0-9+/_=.~-]{16,}")
_PASSWORD = re.compile(
    r"(?=.{0,80}[A-Za-z])(?=.{0,80}\d)(?=.{0,80}[!@#$%^&*?~])[^\s(){}\[\]<>;,\"']{8,}"
)


def is_no_secret(text: str, line: CodeLine | None, place: Place, one: Entity | RuleMatch) -> bool:
    """Whether a secret is a plain value by its form or, on a line of code, an expression."""
    rule = one.rule if isinstance(one, RuleMatch) else ""
    if rule and rule not in _DOUBTFUL:
        return False
    value = text[one.start : one.end]
    if not rule and (_is_plain(value) or _is_part(text, one.start)):
        return True
    if line is None or place is Place.TEXT:
        return not rule and _is_quoted_type(text, one.start, one.end)
    if rule:
        return _is_no_assignment(text, place, one.start, value)
    if place is Place.SETTING:
        assigned = text.find("=", line.start, one.start) >= 0
        return assigned and value.isalpha() and not _is_credential(text, line, one.start, value)
    if place is Place.CODE:
        return _is_expression(value) or " " in value
    return not _is_credential(text, line, one.start, value)


def _is_part(text: str, start: int) -> bool:
    """Whether it begins in an escape, or is the beginning of a schedule of cron."""
    return _ESCAPE.match(text, start - 1) is not None or _SCHEDULE.match(text, start) is not None


def _is_quoted_type(text: str, start: int, end: int) -> bool:
    """Whether it is a type between backticks, and no word for a secret is before it."""
    if _TYPE.fullmatch(text, start - 1, end + 1) is None:
        return False
    left = text[max(0, start - _REACH) : start].rpartition("\n")[2]
    return _CUE.search(left.lower()) is None


def _is_plain(value: str) -> bool:
    """Whether the form of a value says what it is: an id, a pattern, a file, a command, a text."""
    if _PLAIN_VALUE.fullmatch(value) or _is_encoded_text(value):
        return True
    if not any(map(str.isdigit, value)) and ("\n" in value or _COMMAND.fullmatch(value)):
        return True
    if "%" in value and _PERCENT.sub("", value).isalpha():
        return True
    if _NAME.fullmatch(value) and not SOFTWARE_NAMES.isdisjoint(_PARTS.split(value)):
        return True  # haproxy-haproxy-1, nginx install_k3s
    return _DOTTED.fullmatch(value) is not None and not _looks_random(value)


def _is_encoded_text(value: str) -> bool:
    """Whether it is base64 of a text of several words or of markup."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("ascii")
    except ValueError:
        return False
    return plain.isprintable() and _MARKUP.search(plain) is not None


def _is_no_assignment(text: str, place: Place, start: int, value: str) -> bool:
    """Whether a value that a rule found is an expression, or follows ``::`` or ``==``."""
    if place is Place.CODE:
        return _is_expression(value)
    scope = value[0] in ":=" or text[max(0, start - 2) : start] in ("::", "==")
    return place is Place.COMMENT and scope


def _is_expression(value: str) -> bool:
    """Whether it is an identifier, a call, a subscript or a sum; a random value is none."""
    if _ARITHMETIC.fullmatch(value):
        return not _is_base64_key(value)
    if _PASSWORD.fullmatch(value):
        return False
    if _EXPRESSION.search(value):
        return True
    return _REFERENCE.fullmatch(value.strip(":=.,")) is not None and not _looks_random(value)


def _is_base64_key(value: str) -> bool:
    """Whether it is random base64; of names that are divided and added, none has digits inside."""
    if _BASE64.fullmatch(value) is None or not _looks_random(value):
        return False
    return any(len(_RUNS.findall(part)) > 1 for part in _SUM.split(value))


def _is_credential(text: str, line: CodeLine, start: int, value: str) -> bool:
    """Whether a value follows a word for a secret, or looks like a password or a random value."""
    if _CUE.search(text[max(line.start, start - _REACH) : start].lower()):
        return any(map(str.isdigit, value)) or not _PATH.fullmatch(value)
    if _PASSWORD.fullmatch(value):
        return True
    return _RANDOM.fullmatch(value) is not None and _looks_random(value)


def _looks_random(value: str) -> bool:
    """Whether digits are in several places, among letters of both cases or in a long value."""
    runs = len(_RUNS.findall(value))
    if len(value) >= _LONG_RANDOM and runs > 2 * _LEAST_RUNS:
        return True
    mixed = value.lower() != value and value.upper() != value
    return len(value) >= _SHORTEST_RANDOM and runs >= _LEAST_RUNS and mixed
