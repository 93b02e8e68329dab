"""User names that contain the name of a person: ``user=tdewaard``, ``approval by yusuf.karaca``."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.names import STOP_WORDS, SURNAMES
from gateway.privacy.rules.person_names import is_given_name
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength, is_word

_USER = re.compile(
    r"[\"']?[ =:]{1,3}[\"'(]?(?P<user>[a-z][a-z0-9]*(?:[._-][a-z0-9]+){0,3})(?![\w@])"
)
# One or two initials, then a surname that opens with a particle or with Mc.
_GLUED = re.compile(r"[a-z]{1,2}(?:van(?:de[nr]?)?|de|den|ter|ten|el|ma?c)[a-z]{4,}\Z")
_NOUN = re.compile(r"(?:tions?|ments?|ities|ing)\Z")  # user intervention
_MACHINE = re.compile(
    r"svc|service|system|admin|root|bot|app|api|backup|batch|cron|build|deploy|jenkins|test|prod"
    r"|dev|qa|db|sql|web|ci|default|guest|public|monitor|agent|runner|sync|job|worker|scan|print"
    r"|mail|no|noreply|user|demo|model|server"
)


def _user_name(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _USER.match(view.text, end)
    if match is None or is_word(view.at(start - 1)) or not _is_personal(match["user"]):
        return ()
    return (
        RuleMatch(
            "PERSON",
            match.start("user"),
            match.end("user"),
            "rule:person-user",
            Strength.CONTEXT,
            0.75,
        ),
    )


def _is_personal(user: str) -> bool:
    parts = re.split(r"[._-]", user.rstrip("0123456789"))
    if any(_MACHINE.fullmatch(part) or part in STOP_WORDS for part in parts):
        return False
    if len(parts) == 1 and _NOUN.search(user):
        return False
    if len(parts) == 1:
        return _GLUED.match(user) is not None or _initial_and_surname(parts[0])
    first, last = parts[0], parts[-1]
    return (
        last.isalpha()
        and len(last) > 2
        and (is_given_name(first) or (len(first) == 1 and first.isalpha()))
    )


def _initial_and_surname(user: str) -> bool:
    return any(len(user) - at > 4 and user[at:] in SURNAMES for at in (1, 2))


RULES: tuple[Rule, ...] = (
    Rule(
        (
            r"(?:user(?:[ _]?name)?|gebruiker(?:snaam)?|login|account|uid|owner|author|actor"
            r"|approval by|approved by|(?:publickey|password) for|gestart door|started by"
            r"|created by|modified by|submitted by|aangemaakt door|gewijzigd door)\b"
        ),
        True,
        _user_name,
    ),
)
