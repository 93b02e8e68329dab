"""Secrets: keys with a known prefix, key blocks, credentials in URLs, and assignments."""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from functools import partial

from gateway.core.finding import FindingKind
from gateway.privacy.lexicons.loader import entries
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength, is_word

NOT_SECRET = re.compile(
    r"(?:change-?me|your[-_ ]|example|placeholder|redacted|xxx|\*\*\*|\.\.\.|todo|dummy|<|\$\{"
    r"|\{\{|\{[a-z_][\w.]{0,40}[\[!:}]|%\(|\$\w+$|os\.|env[.:\[(]|process\.|getenv|null|none$|true$|false$|undefined|secret(?:[-_]\d{1,3})?$"
    r"|password$|wachtwoord$|token$|string$|self\.|config\.|settings\.|str$|\[|verander|wijzig"
    r"|vul[-_ ]|invul|voorbeeld|insert|replace|fill[-_ ]|jouw[-_ ]|uw[-_ ]|mijn[-_ ]|my[-_ ]"
    r"|put[-_ ]|enter[-_ ]|hier|test123$|geheim$|default|not[-_ ]?set|niet[-_ ]|optional|required"
    r"|vault:|ssm:|arn:|file:|secret:|ref:|var\.|data\.|module\.|local\.|request\.|req\.|this\."
    r"|input|prompt|hash|encrypt|reset|forgot|vergeten|wijzigen)",
    re.IGNORECASE,
)
_HOUR = r"(?:[01]?\d|2[0-4])(?:[.:][0-5]\d)?"
# Forms that say what they are: a protocol with its version, hours from and to, a field of a format
# string, the mode of a file, a row of a table of characters.
_PUBLIC_FORM = re.compile(
    rf"[A-Za-z]{{2,10}}/\d+(?:\.\d+)*|{_HOUR} ?- ?{_HOUR}(?: ?(?:u|uur|h|am|pm))?"
    r"|f?[\"']?\{[A-Za-z_][\w.]{0,40}(?:\[[^\]\s]{0,20}\])?(?:![rsa])?(?::[^{}\s]{0,12})?\}\S{0,4}"
    r"|[bcdlps-](?:[r-][w-][xsStT-]){3}[+.@]?|[0-9A-Fa-f]{1,4}(?:(?: {2,8}|\t)\S{1,4}){1,8}"
)
# The rest of a path or a link: a word in it names a page.
_PATH = re.compile(r"(?:^|[\s\"'(=])(?:/|[a-z][a-z+]{1,9}://)[\w./~%:@-]{0,80}$", re.IGNORECASE)
_KEY_WORDS = entries("secret_keys.patterns.txt")
_NAMED_VALUE = re.compile(
    r"(?:\s|[\"'*`])*(?:(?:\([^()\n]{1,30}\)|(?!is\b|was\b|luidt\b)[\w'./@-]{1,24})[,?]?\s){0,9}?"
    r"(?:is nu|is now|is weer|it'?s|is|was|wordt|luidt|werd|est|es|lautet|ist|jest|är|:|=|->|to"
    r"|naar|in|blijft|remains|[\w'-]{1,16}:(?!\s*\n))\s*"
    r"[\"'`*]{0,2}(?P<value>[^\s\"'`<>]{6,80})"
)
# Anywhere in the sentence: letters, a digit and a special sign in one word.
_CLEAR = re.compile(
    r"(?<![^\s\"'`(])(?P<value>(?=[^\s\"'`<>]{0,40}[A-Za-z])(?=[^\s\"'`<>]{0,40}\d)"
    r"(?=[^\s\"'`<>]{0,40}[!@#$%^&*?][\w!@#$%^&*?)])[^\s\"'`<>@/:=]{7,40}(?![\w@/:=]))"
)
# Also in a later sentence: a long word of both cases and digits is random.
_RANDOM = re.compile(
    r"(?<![\w/.-])(?P<value>(?=[\w-]{0,60}[a-z])(?=[\w-]{0,60}[A-Z])(?=[\w-]{0,60}\d)[\w-]{18,80})"
    r"(?![\w/-]|\.\w)"
)
# As people invent them: a word with a year and a sign, or words and a number with hyphens.
_INVENTED = re.compile(
    r"(?<![^\s\"'`(])(?P<value>[A-Za-z]{3,}\d{1,4}[!?#$%&*]{1,3}"
    r"|[A-Za-z]{3,}[#$%&*!][A-Za-z]{2,}\d{1,4}|[A-Z][a-z]{3,}\.(?:19|20)\d\d"
    r"|(?=[\w-]{0,30}[A-Z])(?=[\w-]{0,40}\d)(?:[A-Za-z]{4,}-){1,2}"
    r"(?:\d{2,4}-)?[A-Za-z]{0,12}\d{0,4})(?![\w@/-])"
)
_VALUE = re.compile(
    r"""["'*`]{0,3}[ \t]{0,12}(?:\n[ \t]{0,4}(?![^\n]{0,40}[:=]))?["'`]?"""
    r"""(?P<value>[^\s"'`,;)}\]<>]{6,200})(?P<quote>["'`]?)"""
)
# A key alone may be that of a row or a cache: its number or UUID is no secret.
_KEY_ONLY = re.compile(
    r"(?<![a-z_-])key(?:[ _-]?id)?[\"'*`]{0,3}\s{0,12}(?:[:=]|=>|:=|==|\bis\b)\Z"
)
_NUMBERED = re.compile(
    r"[a-z]+[-_]\d{1,6}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE
)
_INNER = re.compile(r"[a-z]+\d{1,4}[a-z]+")  # kies4tand: a password right after its word
_EXAMPLE_PASSWORDS = ("pass", "passwd", "pwd")
_USER_INFO = re.compile(r"(?P<user>[^\s:/@\"']{0,64}):(?P<password>[^\s/\"']{3,90})@(?=[\w.\-\[])")
# A random value of a parameter of one or two letters gives access to its page.
_QUERY = re.compile(
    r"[^\s\"'<>?]{3,120}\?(?:[^\s\"'<>&]{1,60}&){0,4}(?:t|k|h|c|tk"
    r"|ot)=(?P<value>[A-Za-z0-9_\-]{14,120})(?![^\s\"'<>&)\].,;#])"
)
_LOGIN = re.compile(r"[\"'][^\"'\n]{1,60}[\"'], {0,2}[\"'](?P<value>[^\"'\n]{6,80})[\"']")
_ARGUMENT = re.compile(r"[\"'](?P<value>[^\"'\n]{6,80})[\"'][ ]?\)")
_BASIC = re.compile(r" (?:-u|--user)[ =]?[\"']?[^\s:\"']{1,40}:(?P<value>[^\s\"']{4,60})")
_SSHPASS = re.compile(r"-p ?(?P<value>[^\s\"']{4,60})(?=\s|$)")
_OPTION = re.compile(r" -p(?P<value>[^\s\"']{4,60})(?=\s|$)")
_LAST_WORD = re.compile(r"(?<![^\s\"'`(])(?P<value>[^\s\"'`<>]{6,40}) $")
_FEWEST_CHARACTERS = 5  # different characters; a value with fewer is a placeholder
_BLOCK_END = "-----END"
_BLOCK = 16_384


def secret(start: int, end: int, rule: str, *, score: float = 0.95) -> tuple[RuleMatch, ...]:
    """Return a hit for a secret."""
    return (
        RuleMatch(
            "SECRET", start, end, f"secret:{rule}", Strength.SECRET, score, FindingKind.SECRET
        ),
    )


def _key(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a key with the prefix of a provider."""
    match = _WHOLE_KEY.match(view.text, start)
    if match is None or len(set(match[0][-16:])) < _FEWEST_CHARACTERS:
        return ()
    return secret(start, match.end(), "prefix")


def _webhook(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find an address that contains its own key."""
    return (
        secret(start, end, "prefix")
        if len(set(view.text[end - 16 : end])) >= _FEWEST_CHARACTERS
        else ()
    )


def _password_hash(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _PASSWORD_HASH.match(view.text, start, end + 300)
    return secret(start, match.end(), "hash") if match else ()


def _jwt(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    head = view.text[start : start + 1024].partition(".")[0]
    try:
        json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return ()
    return secret(start, end, "jwt", score=1.0)


def _block(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    close = view.text.find(_BLOCK_END, end, end + _BLOCK)
    if close < 0:
        return secret(start, min(len(view.text), end + _BLOCK), "key-block")
    line = view.text.find("-----", close + len(_BLOCK_END), close + 80)
    return secret(start, line + 5 if line >= 0 else close + len(_BLOCK_END), "key-block")


def _in_url(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _QUERY.match(view.text, end, end + 240)
    if match is not None and _is_mixed(match["value"]):
        return secret(match.start("value"), match.end("value"), "url")
    match = _USER_INFO.match(view.text[end : end + 160])
    if match is None or NOT_SECRET.match(match["password"]):
        return ()
    if match["password"] in (*_EXAMPLE_PASSWORDS, match["user"]):
        return ()  # postgres:postgres@db
    return secret(end + match.start("password"), end + match.end("password"), "url")


def _assigned(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the value of a key such as ``password =``."""
    match = _VALUE.match(view.text[end : end + 240])
    if match is None:
        return ()
    value = match["value"].rstrip(".")
    quoted = bool(match["quote"])
    if _KEY_ONLY.search(view.lower, max(0, start - 1), end) and _NUMBERED.fullmatch(value):
        return ()
    password = any(word in view.lower[start:end] for word in ("pass", "wacht", "pwd", "pincode"))
    if NOT_SECRET.match(value) or is_public_form(value):
        return ()
    if not _looks_random(value, password=password, quoted=quoted):
        return ()
    begin = end + match.start("value")
    return secret(begin, begin + len(value), "assignment", score=0.9)


def _in_prose(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a value further on in the sentence: ``het wachtwoord van de server is Zomer2024!``."""
    if is_word(view.at(start - 1)) and view.at(start - 1) != "_":
        return ()
    if view.at(start - 1) in "/-_." and _PATH.search(view.before(start, 90)):
        return ()
    end -= 1
    rest = view.text[end : end + 160].partition("\n\n")[0]
    for match in (
        _NAMED_VALUE.match(rest),
        re.match(r"[\"':=]{0,2}\s[\"'`]?(?P<value>[^\s\"'`<>]{6,80})", rest),
        _CLEAR.search(rest.partition(". ")[0]),
        _INVENTED.search(rest),
        _RANDOM.search(rest),
    ):
        if match is None:
            continue
        value = match["value"].rstrip(".,;:)?")
        begin = end + match.start("value") + value.startswith("(")
        value = value.removeprefix("(")
        direct = match.start("value") < 4 and _INNER.fullmatch(value)
        if (direct or _is_password(value)) and not NOT_SECRET.match(value):
            return secret(begin, begin + len(value), "prose", score=0.85)
    return ()


def _of_a_user(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the password after a user name: ``user maint / bladpunt-Borssele-19``."""
    match = re.match(r"(?P<value>[^\s\"'`<>/]{6,40})", view.text[end : end + 41])
    value = match["value"].rstrip(".,;:)?") if match else ""
    return secret(end, end + len(value), "user", score=0.85) if _is_password(value) else ()


def _in_call(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the second value of a call that signs in: ``login('user', 'Zomer2024!')``."""
    match = _LOGIN.match(view.text, end)
    if match is None or NOT_SECRET.match(match["value"]) or not _is_password(match["value"]):
        return ()
    return secret(match.start("value"), match.end("value"), "call", score=0.9)


def _as_argument(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the only value of a call that takes a password: ``setPassword("Zomer2024!")``."""
    match = _ARGUMENT.match(view.text, end)
    if match is None or NOT_SECRET.match(match["value"]) or not _is_password(match["value"]):
        return ()
    return secret(match.start("value"), match.end("value"), "call", score=0.9)


def _on_command_line(
    option: re.Pattern[str], view: NormalizedText, start: int, end: int
) -> Iterable[RuleMatch]:
    """Find the password of an option: ``mysql -pKx7#molen``, ``curl -u backup:Kx7#molen``."""
    match = option.search(view.text[end : end + 240].partition("\n")[0])
    if match is None or NOT_SECRET.match(match["value"]):
        return ()
    return secret(end + match.start("value"), end + match.end("value"), "option", score=0.9)


def _before_its_word(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a value before its word: ``inloggen met Zomer2024! als wachtwoord``."""
    match = _LAST_WORD.search(view.text[max(0, start - 60) : start])
    if match is None or is_word(view.at(end)):
        return ()
    value = match["value"]
    if not _is_password(value) or NOT_SECRET.match(value):
        return ()
    return secret(start - len(match[0].lstrip()), start - 1, "prose", score=0.85)


# An address, a number with its unit, a version, a field of a log.
_NO_PASSWORD = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|\d[\d.,:/-]*\w{0,3}|v?\d+(\.\d+)+\w*|[A-Za-z_.]{1,40}=[\d.:/]+"
)


def is_public_form(value: str) -> bool:
    """Whether the form of a value shows that it is no secret, whatever stands before it."""
    return _PUBLIC_FORM.fullmatch(value) is not None


def _is_password(value: str) -> bool:
    """Whether a word in a sentence is most likely a password or a key."""
    if is_public_form(value):
        return False
    if len(value) < 6 or value.startswith(("http", "/", "www.", "#", "$", "@")) or "://" in value:
        return False
    digits = any(map(str.isdigit, value))
    upper, lower = (
        any(map(str.isupper, value[1:])) or value[:1].isupper(),
        any(map(str.islower, value)),
    )
    symbols = sum(not character.isalnum() for character in value)
    if not digits or not (upper or lower) or _NO_PASSWORD.fullmatch(value):
        return False
    if re.fullmatch(r"[A-Z]{1,6}-?\d{1,9}|[A-Z][a-z]+\d{1,2}|\d+[a-z]+|\w{1,9}-\d{1,4}", value):
        return any(sign in value for sign in "!@#$%&*?")
    return (upper and lower) or symbols > 0 or len(value) >= 12


def _of_environment(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find owner, environment and a random part: ``mk_prod_7Hq2…``."""
    match = re.match(r"[A-Za-z0-9]{12,80}(?![\w-])", view.text[end : end + 81])
    if match is None or is_word(view.at(start - 1)) or not _is_mixed(match[0]):
        return ()
    return secret(start, end + match.end(), "environment")


def _is_mixed(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def _looks_random(value: str, *, password: bool, quoted: bool) -> bool:
    digits = any(map(str.isdigit, value))
    letters = any(map(str.isalpha, value))
    symbols = any(not c.isalnum() and c not in "-_./:" for c in value)
    mixed = (digits and letters) or (symbols and letters and (digits or password))
    if (
        value.replace("-", "_").replace("_", "").isalpha()
        and value.islower()
        and not value.isalpha()
    ):
        return False
    if password:
        return mixed or (quoted and len(value) >= 8 and "/" not in value)
    if len(value) < 12:
        return quoted and mixed and len(value) >= 8
    return mixed and len(set(value)) >= 8


def _bearer(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = re.match(r"[A-Za-z0-9._~+/=\-]{16,200}", view.text[end : end + 200])
    if match is None or not any(map(str.isdigit, match[0])):
        return ()
    return secret(end, end + match.end(), "authorization")


# The prefix and the rest of a key. The engine searches the prefixes only.
_KEYS_OF_PROVIDERS = (
    ("AKIA|ASIA", r"[0-9A-Z]{16}(?![A-Za-z0-9])"),
    ("gh[pousr]_", r"[A-Za-z0-9]{30,255}"),
    ("github_pat_", r"[A-Za-z0-9_]{30,255}"),
    ("gl(?:pat|ptt|rt|dt|soat|ft|agent)-", r"[A-Za-z0-9_\-]{18,255}"),
    ("xox[abeoprs]-|xapp-1-", r"[A-Za-z0-9\-]{10,255}"),
    (r"https://hooks\.slack\.com/services/", r"[A-Za-z0-9/]{20,255}"),
    ("sk-", r"[A-Za-z0-9_\-]{20,255}"),
    ("AIza", r"[A-Za-z0-9_\-]{30,255}"),
    ("[sr]k_(?:live|test)_", r"[A-Za-z0-9]{16,255}"),
    ("whsec_", r"[A-Za-z0-9]{20,255}"),
    ("npm_|hf_|lin_api_", r"[A-Za-z0-9]{30,255}"),
    ("pypi-", r"[A-Za-z0-9_\-]{30,255}"),
    (r"SG\.", r"[A-Za-z0-9_\-]{16,80}\.[A-Za-z0-9_\-]{16,80}"),
    ("AccountKey=|SharedAccessKey=", r"[A-Za-z0-9+/=]{30,255}"),
    ("dop_v1_", r"[a-f0-9]{32,255}"),
    ("dapi|key-|AC|SK", r"[a-f0-9]{32}(?![A-Za-z0-9])"),
    ("shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}"),
    (r"hvs\.|dckr_pat_|ya29\.|GOCSPX-", r"[A-Za-z0-9_\-]{20,255}"),
    ("AGE-SECRET-KEY-1", r"[A-Z0-9]{50,255}"),
    (r"[0-9]{8,10}:AA", r"[A-Za-z0-9_\-]{30,255}"),
    (
        (
            r"figd_|ATATT3xF|PMAK-|gsk_|r8_|xai-|pplx-|sbp_|tskey-[a-z]{2,10}-|gls[ac]_|glc_|NRAK-"
            r"|sntry[su]_|rubygems_|EAAC|EAAA|tfp_|secret_|ntn_|duffel_(?:live|test)_|nfp_"
            r"|bku[ai]_|pul-|cio_|ddp_|oy2|sq0[ac][a-z]{2}-|shippo_(?:live|test)_"
            r"|pscale_[a-z]{2,10}_|doppler_|dp\.pt\.|fio-u-|lip_"
        ),
        r"[A-Za-z0-9_\-]{24,255}",
    ),
    ("FLWSECK[-_]", r"[A-Za-z0-9_\-]{16,255}"),
    # Of Sluis itself: keys, and codes of the way back.
    ("sluis_[a-z0-9]{8}_", r"[A-Za-z0-9_\-]{43}(?![A-Za-z0-9])"),
)
# Hashes of passwords in the modular crypt format: a word is guessed from one.
_PASSWORD_HASH = re.compile(
    r"\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
    r"|(?:[156y]|argon2(?:id|i|d))\$(?:[\w=,./+-]{1,60}\$){1,3}[./A-Za-z0-9+]{22,100})"
)
_BEGINNINGS = "|".join(beginning for beginning, _ in _KEYS_OF_PROVIDERS)
_WHOLE_KEY = re.compile("|".join(f"(?:{first}){rest}" for first, rest in _KEYS_OF_PROVIDERS))
_WEBHOOKS = (
    r"https://[a-z0-9.\-]{1,60}webhook\.office\.com/[A-Za-z0-9/@\-]{20,}",
    r"https://(?:canary\.|ptb\.)?discord(?:app)?\.com/api/webhooks/[0-9]{8,}/[A-Za-z0-9_\-]{20,}",
)

RULES: tuple[Rule, ...] = (
    Rule(rf"\b(?:{_BEGINNINGS})[A-Za-z0-9_\-]", False, _key),
    Rule(
        r"\b(?:[a-z]{2,10}[_-])?(?:live|prod|production|test|dev|stg|staging|sandbox|acc)[_-]",
        False,
        _of_environment,
    ),
    *(Rule(regex, False, _webhook) for regex in _WEBHOOKS),
    Rule(r"\$(?:2[abxy]|[156y]|argon2(?:id|i|d))\$", False, _password_hash),
    Rule(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*", False, _jwt),
    Rule(r"-----BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----", False, _block),
    Rule(r"[a-z]://", True, _in_url),
    *(
        Rule(
            rf"(?:{key})(?:[ _\-]?id)?[\"'\]*`]{{0,3}}\s{{0,12}}(?:[:=]|=>|:=|==|\bis\b)",
            True,
            _assigned,
        )
        for key in (*_KEY_WORDS, "pincode")
    ),
    *(
        Rule(rf"(?:{key})[\"'*`]?[ :\n?]", True, _in_prose)
        for key in _KEY_WORDS
        if key
        not in ("token", "seed", r"\bkey", r"\bsig")  # in a sentence these words name no secret
    ),
    Rule(
        r"\b(?:user|username|login|gebruiker|creds (?:are )?)[ ]?[a-z0-9._@-]{2,30} ?/ ",
        True,
        _of_a_user,
    ),
    Rule(r"(?:login|auth|authenticate|signin|sign_in|connect)\(", True, _in_call),
    Rule(r"(?:pass(?:word|wd|phrase)|wachtwoord|secret|api_?key|token)\(", True, _as_argument),
    Rule(r"\bcurl", False, partial(_on_command_line, _BASIC)),
    Rule(r"\b(?:login|inlog(?:gegevens)?|temporary one) ", True, _in_prose),
    Rule(r"\b(?:mysql|mariadb)[a-z_-]{0,12} ", False, partial(_on_command_line, _OPTION)),
    Rule(r"\bsshpass ", False, partial(_on_command_line, _SSHPASS)),
    Rule(r"\bal?s (?:the |our |your |my )?(?:wachtwoord|password)", True, _before_its_word),
    Rule(r"\b(?:bearer|basic|token) ", True, _bearer),
)
