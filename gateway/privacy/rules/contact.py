"""Ways to reach somebody: telephone numbers, e-mail addresses, network addresses."""

import re
from collections.abc import Iterable

import phonenumbers

from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, Strength
from gateway.privacy.level import IMPERSONAL_SUFFIX
from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.lexicons.names import GIVEN_NAMES, SURNAMES
from gateway.privacy.rules.dutch_identifiers import as_digits, digits_of, nearest, number
from gateway.privacy.rules.rule import Rule

_REGIONS = ("NL", "GB", "BE", "DE", "FR", "IT", "ES", "PL", "US")
_LIKE_A_DATE = re.compile(
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d{2}\b|(?:19|20)\d{2}[-/.]\d{2}[-/.]\d{2}|\d{2}:\d{2}"
)
_SLASHED = re.compile(r"0\d{1,3}/\d{2,3}(?:[. ]?\d\d){2}")
_BRITISH = re.compile(
    r"\(?0\d{4}\)? (?:\d{3} ?\d{3,4}|\d{6})|07\d{3} ?\d{6}|07\d{3}[ .\-]\d{3}[ .\-]\d{3}"
)
_TRUNK = re.compile(r"^(\+\d\d)\) ?0")  # "(+44) 07911": the 0 is of calls within the country
_IN_PAIRS = re.compile(r"0\d(?:[.\-]\d\d){4}")
_CALL = re.compile(
    r"(?<![a-z])(?:tel|telefoon|telnr|mobiel|mobile|phone|gsm|bel|bellen|terugbellen|bereikbaar"
    r"|bereiken|call|ring|reach|whatsapp"
    r"|app|fax|cell|06|nummer|number|handy|téléphone|teléfono|telefono|nr|sms|text|contact|dial"
    r"|landline|thuis|móvil|movil|cellulare|chiamerà|trova al|numero|portable|chiami|chiamare"
    r"|chiamami|anrufen|appeler|appelez|llámenos|llámeme|llame|llamar)\b"
)


# Numbers that only services and companies have: found like any other, and no personal data.
_OF_SERVICE = re.compile(
    r"(?:\+31|0031|0)(?:88|800|900|909)\d*|(?:\+44|0044|0)(?:300|303|330|333|345|800|808|84[345]"
    r"|87[0123])\d*"
)


def _hit(
    type_: str, start: int, end: int, strength: Strength, score: float
) -> tuple[RuleMatch, ...]:
    return (RuleMatch(type_, start, end, f"rule:{type_.lower()}", strength, score),)


_MOBILE = re.compile(r"(?:\+31|0031|0)6|(?:\+44|0044|0)7")
# Where the number rings at a desk, and at nobody's.
_OF_OFFICE = re.compile(
    r"(?:\b(?:the|our|main|head|box|het|ons) office|\boffice|kantoor|balie|receptie|reception"
    r"|redactie|secretariaat|directie|hotline|switchboard"
    r"|klantenservice|customer service|recruitment|loket|centrale)(?: line| number| nummer)?(?: is"
    r"| on| op)?[ ,:(]{0,3}$"
)


def _telephone(
    view: NormalizedText, start: int, end: int, strength: Strength, score: float
) -> tuple[RuleMatch, ...]:
    raw = view.text[start:end]
    digits = ("+" if raw[0] == "+" else "") + digits_of(raw)
    of_nobody = _OF_SERVICE.fullmatch(digits) or (
        not _MOBILE.match(digits) and _OF_OFFICE.search(view.near(start, 40))
    )
    rule = "rule:phone" + (IMPERSONAL_SUFFIX if of_nobody else "")
    return (RuleMatch("PHONE", start, end, rule, strength, score),)


def _phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    raw = view.text[start:end]
    if raw.startswith("(") and ")" not in raw:
        start, raw = start + 1, raw[1:]
    if not raw.startswith(("+", "(")) and not view.stands_alone(start, end):
        return ()
    if view.at(end).isalnum() or view.at(start - 1).isalnum() or raw.count("\n"):
        return ()
    if _in_longer_groups(view, start, end) or (
        _LIKE_A_DATE.search(raw) and not (_IN_PAIRS.fullmatch(raw) or _SLASHED.fullmatch(raw))
    ):
        return ()
    named = nearest(view, start, end)
    grouped = any(sign in raw for sign in "+ -(.")
    if named == "OTHER" and (raw.isdigit() or not grouped or "/" in raw):
        return ()
    if named == "OTHER" and (
        "parket" in view.before(start, 16) or _LABELLED.search(view.before(start, 24))
    ):
        return ()
    called = named == "PHONE" or (named in ("", "OTHER") and _CALL.search(view.near(start)))
    if raw.isdigit() and raw[0] == "6" and not called:
        return ()
    trunk = raw[0] in "0(" and (" " in raw or _SLASHED.fullmatch(raw)) and named != "OTHER"
    for region in _REGIONS if raw[0] != "+" and (called or trunk) else _REGIONS[:1]:
        if _is_valid(raw, region):
            return _telephone(view, start, end, Strength.CONTEXT, 0.9)
    if _BRITISH.fullmatch(raw) and named != "OTHER":  # with those that are kept for fiction
        return _telephone(view, start, end, Strength.PLAIN, 0.7)
    abroad = f"+{raw[2:]}" if raw.startswith("00") and named != "OTHER" else _TRUNK.sub(r"\1", raw)
    if abroad[0] == "+" and grouped and _is_possible(abroad):  # such as numbers kept for fiction
        return _telephone(view, start, end, Strength.CONTEXT if called else Strength.PLAIN, 0.7)
    if called and named == "PHONE" and 9 <= len(digits_of(raw)) <= 13 and raw[0] in "0+(":
        return _telephone(view, start, end, Strength.CONTEXT, 0.7)
    return ()


def _named_phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """A number without a 0, as in Spain and Poland: only where a telephone is named."""
    return _phone(view, start, end) if nearest(view, start, end) == "PHONE" else ()


def _is_valid(raw: str, region: str) -> bool:
    national = _dutch(raw) if region == "NL" else ""
    if national:  # what parsing makes of it, for a seventh of the time
        number = phonenumbers.PhoneNumber(country_code=31, national_number=int(national))
        return bool(phonenumbers.is_valid_number(number))
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(raw, region)))
    except phonenumbers.NumberParseException:
        return False


def _is_possible(raw: str) -> bool:
    """Whether the country has numbers of that length."""
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(raw, None)))
    except phonenumbers.NumberParseException:
        return False


def _dutch(raw: str) -> str:
    """The digits behind 0, +31 or 0031; "" for a number that does not begin so."""
    digits = digits_of(raw)
    if raw[0] == "+":
        national = digits[2:].removeprefix("0") if digits.startswith("31") else ""
    elif digits.startswith("0031"):
        national = digits[4:].removeprefix("0")
    else:
        national = digits[1:] if digits.startswith("0") else ""
    return "" if national.startswith("0") else national


# What is the number of a thing, right before it; also as a key of JSON.
_LABELLED = re.compile(
    r"(?:policy|polis|order|artikel|bestel|factuur|invoice|serie|batch|lot|charge|partij"
    r"|referen\w{1,4}|_ref|kenmerk|ticket|part|item|sku)"
    r"(?:[ _-]?(?:n(?:umm?er|um|r|o)|code|id|ref))?[\"']?[:=]? ?[\"']?$"
)
_IN_FOURS = re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")


def _in_longer_groups(view: NormalizedText, start: int, end: int) -> bool:
    before = view.text[max(0, start - 2) : start]
    after = view.text[end : end + 2]
    return (
        (
            before[-1:] in (" ", ".")
            and before[:1].isdigit()
            and not view.text[start:end].startswith(("0", "+"))
        )
        or (after[:1] in (" ", ".") and after[1:].isdigit())
        or (_IN_FOURS.search(view.text[max(0, start - 5) : end]) is not None)
    )


def _damaged_phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Digits one by one, or with letters in their place: where a telephone is named, or a whole number."""
    raw = view.text[start:end]
    digits = digits_of(as_digits(raw))
    if (
        not 9 <= len(digits) <= 12
        or sum(map(str.isalpha, raw)) > 5
        or _LIKE_A_DATE.match(raw)
        or not view.stands_alone(start, end)
    ):
        return ()
    named = nearest(view, start, end)
    british = len(digits) == 11 and digits.startswith("07") and not raw.isdigit() and raw[1] != "."
    whole = british or (len(digits) == 10 and not raw.isdigit() and _is_valid(digits, "NL"))
    if not digits.startswith("0") or (named != "PHONE" and (named or not whole)):
        return ()
    return _hit("PHONE", start, end, Strength.CONTEXT, 0.8)


def _broken_phone(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """A number that goes on in the next line, or behind a word."""
    digits = digits_of(view.text[start:end])
    if len(digits) != 10 or not view.stands_alone(start, end) or not _is_valid(digits, "NL"):
        return ()
    named = nearest(view, start, end)
    called = digits.startswith("06") or named == "PHONE" or _CALL.search(view.near(start))
    return _hit("PHONE", start, end, Strength.CONTEXT, 0.8) if called and named != "OTHER" else ()


_DIGIT_WORDS = {
    word: str(value)
    for value, words in enumerate((
        "nul zero oh o",
        "een één one",
        "twee two",
        "drie three",
        "vier four",
        "vijf five",
        "zes six",
        "zeven seven zeuven",
        "acht eight",
        "negen nine",
        "tien ten",
        "elf eleven",
        "twaalf twelve",
        "dertien thirteen",
        "veertien fourteen",
        "vijftien fifteen",
        "zestien sixteen",
        "zeventien seventeen",
        "achttien eighteen",
        "negentien nineteen",
    ))
    for word in words.split()
}
_TENS = {
    word: value
    for value, words in enumerate(
        (
            "",
            "twintig twenty",
            "dertig thirty",
            "veertig forty",
            "vijftig fifty",
            "zestig sixty",
            "zeventig seventy",
            "tachtig eighty",
            "negentig ninety",
        ),
        start=1,
    )
    for word in words.split()
}
_TIMES = {"dubbel": 2, "double": 2, "treble": 3, "triple": 3}
_BETWEEN = ("en", "de", "and", "plus", "dan", "then", "eh", "ehm", "uh", "uhm", "euh")
_HUNDRED = ("hundred", "honderd")
_SPLIT = re.compile(r"[ ,.\-\n]+")


def _spelled(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """``nul zes twaalf vierendertig ...``: a number in words, of a telephone or of what is named."""
    stop, digits, times = start, "", 1
    position = start
    for word in _SPLIT.split(view.lower[start : start + 240]):
        size = len(word)
        value = digits_of_word(word)
        if word in _TIMES:
            times = _TIMES[word]
        elif word in ("keer", "maal", "times") and digits:  # "drie keer de zeven"
            times, digits = int(digits[-1]) or 1, digits[:-1]
        elif word in _HUNDRED and digits:
            digits, stop = digits + "00", position + size
        elif not value and word not in _BETWEEN:
            break
        else:
            digits += value * times
            times = 1
            stop = position + size if value else stop
        position += size
        while view.at(position) in (" ", ",", ".", "-", "\n"):
            position += 1
    if view.at(stop).isalnum() or view.at(start - 1).isalnum():
        return ()
    hits = tuple(number(view, start, stop, digits)) if 8 <= len(digits) <= 13 else ()
    if hits:
        return hits
    abroad = view.lower.startswith("plus ", start)
    if 9 <= len(digits) <= 13 and (
        digits[0] == "0" or abroad or nearest(view, start, stop) == "PHONE"
    ):
        return _hit("PHONE", start, stop, Strength.CONTEXT, 0.85)
    return ()


def digits_of_word(word: str) -> str:
    """The digits that a word says, such as 34 for vierendertig; "" for any other word."""
    if word in _DIGIT_WORDS:
        return _DIGIT_WORDS[word]
    if word.isdigit() and len(word) <= 4:
        return word
    hundreds, said, rest = word.partition("honderd")
    if said:
        hundred, tens = _DIGIT_WORDS.get(hundreds, ""), digits_of_word(rest) if rest else "00"
        return (
            f"{hundred}{tens:0>2}" if len(hundred) == 1 and tens and "honderd" not in rest else ""
        )
    for tens, value in _TENS.items():
        if word.endswith(tens):
            unit = word[: -len(tens)].removesuffix("ën").removesuffix("en") or word[: -len(tens)]
            if not unit:
                return f"{value}0" if word in _TENS else ""
            unit = "zeven" if unit == "zev" else "negen" if unit == "neg" else unit
            return f"{value}{_DIGIT_WORDS[unit]}" if unit in _DIGIT_WORDS else ""
    return ""


def _email(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    left, right = start + 1, end - 1
    while left > 0 and start - left < 64 and (is_local(view.text[left - 1])):
        left -= 1
    size = len(view.text)
    while right < size and right - end < 200 and (is_local(view.text[right])):
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
    rule = "rule:email" + (IMPERSONAL_SUFFIX if _is_of_nobody(view.lower[left:right]) else "")
    return (RuleMatch("EMAIL", left, right, rule, Strength.CHECKSUM, 1.0),)


# Mailboxes of a department or a machine: no personal data (recital 14 of the GDPR speaks of contact details of firms).
_ROLE_MAILBOXES = alternation("role_mailboxes.patterns.txt")
_MAILBOX = re.compile(rf"(?:{_ROLE_MAILBOXES})(?:[-._]?(?:{_ROLE_MAILBOXES}))?@")
# How words end that name a task or a place, and few names do.
_ROLE = re.compile(
    r"(?:[a-z]{2,}-)?[a-z]{2,}(?:ingen|ing|heid|iek|ik|atie|aties|ties|plaats|punt|dienst|bureau"
    r"|office|team|zaken|services?|beheer|records|tions?"
    r"|ments?|ance|ity|loket|desk|balie|winkel|keuken|club|works|yard|verkeer|vervoer|librarian"
    r"|incidents?|ung|kauf|trieb|statt)"
)
_MAIL_PROVIDERS = alternation("mail_providers.patterns.txt")
_AT_HOME = re.compile(rf"(?:{_MAIL_PROVIDERS})\.[a-z.]{{2,6}}")


def _is_of_nobody(address: str) -> bool:
    """A mailbox that says what it is for: by its known words, or a word at a firm that is no name."""
    if _MAILBOX.match(address):
        return True
    local, _, domain = address.partition("@")
    if _ROLE.fullmatch(local) is None or _AT_HOME.fullmatch(domain):
        return False
    return not any(map(_is_name, [*local.split("-"), local[1:], local[:-1]]))


def _is_name(word: str) -> bool:
    return word in SURNAMES or any(
        word[:size].capitalize() in GIVEN_NAMES for size in range(4, len(word) + 1)
    )


_MESSAGE = re.compile(r"message(?:-id:?)? ?$|msgid=?$|(?:references|in-reply-to): ?$")


def is_local(character: str) -> bool:
    """Whether it may stand in an e-mail address (both sides, loosely)."""
    return character.isalnum() or character in "._%+-'"


_DOTTED = re.compile(
    r"[a-z0-9\-]{2,40}(?: ?[\[({]?(?:\.|dot|punt)[\])}]? ?[a-z0-9\-]{2,40}){0,3}?"
    r" ?[\[({]?(?:\.|dot|punt)[\])}]? ?(?:nl|com|org|net|eu|be|de|fr|uk|ie|es|it|pl|se|at|ch|lu"
    r"|example|io|info|nu)\b"
)
_LOCAL_LEFT = re.compile(r"[\w%+\-]+(?:(?:\.| ?[\[({]dot[\])}] ?| punt | dot )[\w%+\-]+){0,3}$")


def _hidden_email(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """``jan (at) example (dot) nl``: a local part, a word for @, a domain with a known ending."""
    spoken = view.at(start + 1).isalpha()
    if spoken:
        end = view.text.index(" ", start + 1) + 1
    begin = max(0, start - 60)
    local = _LOCAL_LEFT.search(view.lower[begin:start].rstrip(" "))
    domain = _DOTTED.match(view.lower[end : end + 120])
    if local is None or domain is None:
        return ()
    if spoken and not any(word in domain[0] for word in (" punt ", " dot ")):
        return ()
    return _hit("EMAIL", begin + local.start(), end + domain.end(), Strength.CONTEXT, 0.85)


DIGIT_WORD = (
    "nul|zero|oh|o|een|twee|drie|vier|vijf|zes|zeven|acht|negen|one|two|three|four|five|six|seven"
    "|eight|nine"
)
NUMBER_WORD = (
    "twaalf|elf|tien|twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig"
    "|[a-z]{4,7}tien|[a-zë]{3,8}n(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig"
    "|negentig)"
)
RULES: tuple[Rule, ...] = (
    Rule(r"(?:\+\d|\b00[1-9])(?:[ ./()\-]{0,3}\d){7,13}\b", False, _phone),
    Rule(r"(?:\b0\d|\(0\d?)(?:[ ./)\-]{0,4}\d){7,10}\b", False, _phone),
    Rule(r"\(?\b[2-9]\d{2}\)?[ .\-]{1,2}\d{3}[ .\-]\d{4}\b", False, _phone),
    Rule(
        r"\b(?:[35-9]\d{2}[ \-]\d{2,3}[ \-]\d{2,4}(?:[ \-]\d{2})?|\d{2} \d{3} \d{2} \d{2})\b",
        False,
        _named_phone,
    ),
    Rule(r"\b6[ \-]?\d{8}\b", False, _phone),
    Rule(r"\b6[ \-]{1,3}(?:\d{2}[ \-]?){4}\b", False, _phone),
    Rule(r"\b[0Oo](?:[ .\-]{0,3}[0-9OolIBSZ]){8,10}\b", False, _damaged_phone),
    Rule(r"\b0[1-9] ?\(\d{2}\) ?\d{2}(?: ?\d\d){2}\b", False, _broken_phone),
    Rule(
        r"\b0(?:[ .\-]?\d){1,8}(?:-?\n|,? en dan | dan )(?:[ .\-]?\d){1,8}(?:(?:,? en dan "
        r"| dan )(?:[ .\-]?\d){1,8})?\b",
        False,
        _broken_phone,
    ),
    Rule(rf"\bplus (?:{DIGIT_WORD}) (?:{DIGIT_WORD}) (?:{DIGIT_WORD})[ ,\-]", True, _spelled),
    Rule(
        rf"\b(?:{DIGIT_WORD})(?: |, |-)(?:dan |then |double |dubbel )?(?:{DIGIT_WORD}"
        rf"|{NUMBER_WORD})[ ,\-]",
        True,
        _spelled,
    ),
    Rule(r"[^\s@]@[^\s@]", False, _email),
    Rule(r" ?[\[({] ?(?:at|apenstaartje|@) ?[\])}] ?", True, _hidden_email),
    Rule(r" (?:apenstaartje|at) [a-z0-9\-]{2,30} (?:dot|punt) ", True, _hidden_email),
)
