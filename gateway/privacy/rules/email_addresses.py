"""E-mail addresses, also with words for their signs; mailboxes of departments are not personal."""

import re
from collections.abc import Iterable

from gateway.privacy.level import IMPERSONAL_SUFFIX
from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.lexicons.names import GIVEN_NAMES, SURNAMES
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength


def _email(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    left, right = start + 1, end - 1
    while left > 0 and start - left < 64 and (_is_local(view.text[left - 1])):
        left -= 1
    size = len(view.text)
    while right < size and right - end < 200 and (_is_local(view.text[right])):
        right += 1
    while right > end and not view.text[right - 1].isalnum():
        right -= 1
    while left < start and not view.text[left].isalnum():
        left += 1
    domain = view.text[start + 2 : right]
    top = domain.rpartition(".")[2]
    if top.lower() in ("invalid", "local", "localdomain", "internal") or (
        view.at(left - 1) == "<" and _MESSAGE.search(view.before(left - 1, 24))
    ):
        return ()
    if "." not in domain or ".." in domain or len(top) < 2 or top.isdigit() or "%" in domain:
        return ()
    if view.text.startswith("//", left - 2) and _LOGIN.fullmatch(view.text, left, start + 1):
        return ()
    rule = "rule:email"
    if _RESERVED_DOMAIN.fullmatch(domain.lower()):
        rule = RESERVED_RULE
    elif _is_impersonal_mailbox(view.lower[left:right]):
        rule += IMPERSONAL_SUFFIX
    return (RuleMatch("EMAIL", left, right, rule, Strength.CHECKSUM, 1.0),)


# Domains that belong to no one (RFC 2606, RFC 6761). Domains below them, and those that end in
# ``.example``, stand for organisations in test data, so they count as real.
_RESERVED_DOMAIN = re.compile(r"example\.(?:com|net|org|edu)|(?:[\w-]+\.)*(?:test|localhost)")
RESERVED_RULE = "rule:email-reserved" + IMPERSONAL_SUFFIX
_LOGIN = re.compile(r"[0-9a-f]{16,}|o?\d+")  # of a URL, such as a DSN of Sentry
# Mailboxes of a department or a machine: no personal data (recital 14 of the GDPR speaks of contact
# details of firms).
_ROLE_MAILBOXES = alternation("role_mailboxes.patterns.txt")
_MAILBOX = re.compile(rf"(?:{_ROLE_MAILBOXES})(?:[-._]?(?:{_ROLE_MAILBOXES}))?@")
# Endings of words for a task or a place that few names have.
_ROLE = re.compile(
    r"(?:[a-z]{2,}-)?[a-z]{2,}(?:ingen|ing|heid|iek|ik|atie|aties|ties|plaats|punt|dienst|bureau"
    r"|office|team|zaken|services?|beheer|records|tions?|ments?|ance|ity|loket|desk|balie|winkel"
    r"|keuken|club|works|yard|verkeer|vervoer|librarian|incidents?|ung|kauf|trieb|statt)"
)
_MAIL_PROVIDERS = alternation("mail_providers.patterns.txt")
_PRIVATE_PROVIDER = re.compile(rf"(?:{_MAIL_PROVIDERS})\.[a-z.]{{2,6}}")


def _is_impersonal_mailbox(address: str) -> bool:
    """Whether a mailbox belongs to a department: by known words, or by one that is no name."""
    if _MAILBOX.match(address):
        return True
    local, _, domain = address.partition("@")
    if _ROLE.fullmatch(local) is None or _PRIVATE_PROVIDER.fullmatch(domain):
        return False
    return not any(map(_is_name, [*local.split("-"), local[1:], local[:-1]]))


def _is_name(word: str) -> bool:
    return word in SURNAMES or any(
        word[:size].capitalize() in GIVEN_NAMES for size in range(4, len(word) + 1)
    )


_MESSAGE = re.compile(r"message(?:-id:?)? ?$|msgid=?$|(?:references|in-reply-to): ?$")


def _is_local(character: str) -> bool:
    """Whether a character may be part of an e-mail address, on either side."""
    return character.isalnum() or character in "._%+-'"


_DOTTED = re.compile(
    r"[a-z0-9\-]{2,40}(?: ?[\[({]?(?:\.|dot|punt)[\])}]? ?[a-z0-9\-]{2,40}){0,3}?"
    r" ?[\[({]?(?:\.|dot|punt)[\])}]? ?(?:nl|com|org|net|eu|be|de|fr|uk|ie|es|it|pl|se|at|ch|lu"
    r"|example|io|info|nu)\b"
)
_LOCAL_LEFT = re.compile(r"[\w%+\-]+(?:(?:\.| ?[\[({]dot[\])}] ?| punt | dot )[\w%+\-]+){0,3}$")


def _hidden_email(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``jan (at) example (dot) nl``: a word for @, and a domain with a known ending."""
    spoken = view.text[start:end].lstrip(" ")[:1].isalpha()  # no bracket around the word for @
    if spoken:
        end = view.text.index(" ", start + 1) + 1
    begin = max(0, start - 60)
    local = _LOCAL_LEFT.search(view.lower[begin:start].rstrip(" "))
    domain = _DOTTED.match(view.lower[end : end + 120])
    if local is None or domain is None:
        return ()
    if spoken and not any(word in domain[0] for word in (" punt ", " dot ")):
        return ()
    begin, end = begin + local.start(), end + domain.end()
    return (RuleMatch("EMAIL", begin, end, "rule:email", Strength.CONTEXT, 0.85),)


def _spaced_email(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``jan.devries @ hotmail . nl``: spaces around both signs, or a provider of mail."""
    return _hidden_email(view, start, start + 3)


RULES: tuple[Rule, ...] = (
    Rule(r"[^\s@]@[^\s@]", False, _email),
    Rule(r" ?[\[({] ?(?:at|apenstaartje|@) ?[\])}] ?", True, _hidden_email),
    Rule(
        rf" @ (?:[a-z0-9\-]{{2,30}} \. (?:nl|com|be|de|eu|org|net|fr)|(?:{_MAIL_PROVIDERS}) ?\. ?"
        r"[a-z]{2,3})\b",
        True,
        _spaced_email,
    ),
    Rule(r" (?:apenstaartje|at) [a-z0-9\-]{2,30} (?:dot|punt) ", True, _hidden_email),
)
