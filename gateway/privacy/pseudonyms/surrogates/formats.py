"""Surrogates of values with a form: numbers, codes, addresses, dates.

Where a form allows it, no surrogate belongs to a person. Each maker returns a candidate, or None
for a value of an unknown form.
"""

import re
from collections.abc import Callable

from gateway.privacy.pseudonyms.surrogates.deterministic_choice import DeterministicChoice
from gateway.privacy.pseudonyms.surrogates.lists import CITIES, STREETS, SURNAMES

Maker = Callable[[str, str, DeterministicChoice], str | None]  # value, language, choices
_HOSTS = ("example.com", "example.net", "example.org")  # RFC 2606
_LETTERS = "bdghjklmnprtvw"
_DUTCH_POSTCODE = re.compile(r"[1-9]\d{3}( ?)[A-Za-z]{2}")
_BRITISH_POSTCODE = re.compile(r"([A-Za-z]{1,2})\d[A-Za-z\d]?( ?)\d[A-Za-z]{2}")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_MONTHS = tuple(
    tuple(names.split())
    for names in (
        "januari februari maart april mei juni juli augustus september oktober november december",
        "january february march april may june july august september october november december",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "jan feb mar apr may jun jul aug sep oct nov dec",
    )
)


def fill(form: str, signs: str) -> str:
    """Return a form with its letters and digits replaced by ``signs``, the rest kept."""
    left = iter(signs)
    return "".join(next(left) if sign.isalnum() else sign for sign in form)


def email(value: str, language: str, draw: DeterministicChoice) -> str:
    """Return an address at a host that is reserved for documentation."""
    name = draw.one_of(SURNAMES[language]).lower()
    return f"{draw.one_of(_LETTERS)}.{name}{draw.digits(2)}@{draw.one_of(_HOSTS)}"


def phone(value: str, language: str, draw: DeterministicChoice) -> str | None:
    """Return a Dutch number in 060, which is unassigned, or a British one that Ofcom reserves."""
    digits = "".join(filter(str.isdecimal, value))
    if not digits.isascii() or not set(value) <= set("+0123456789 -.()/\u00a0"):
        return None
    for lead, length, fictitious in (
        ("0044", 14, "00447700900"),
        ("0031", 13, "003160"),
        ("44", 12, "447700900"),
        ("31", 11, "3160"),
        ("310", 12, "31060"),
        ("0", 11, "07700900"),
        ("0", 10, "060"),
    ):
        if digits.startswith(lead) and len(digits) == length:
            return fill(value, fictitious + draw.digits(length - len(fictitious)))
    return None


def postcode(value: str, language: str, draw: DeterministicChoice) -> str | None:
    """Return a Dutch code with SA, SD or SS or a British one of area Z or ZZ; none exists."""
    if (dutch := _DUTCH_POSTCODE.fullmatch(value)) is not None:
        letters = draw.one_of(("SA", "SD", "SS"))
        return f"{draw.number(1000, 9999)}{dutch[1]}{letters}"
    if (british := _BRITISH_POSTCODE.fullmatch(value)) is not None:
        size, gap = len(british[1]), british[2]
        inward = f"{draw.number(1, 9)}{draw.one_of('ABDEFGHJ')}{draw.one_of('ABDEFGHJ')}"
        return f"{'Z' * size}{draw.number(1, 99)}{gap}{inward}"
    return None


def iban(value: str, language: str, draw: DeterministicChoice) -> str | None:
    """Return a valid Dutch or British number at a bank TEST, which does not exist."""
    signs = "".join(filter(str.isalnum, value)).upper()
    country, length = signs[:2], len(signs)
    if (country, length) not in (("NL", 18), ("GB", 22)):
        return None
    account = "TEST" + draw.digits(length - 8)
    as_number = "".join(str(int(sign, 36)) for sign in f"{account}{country}00")
    return fill(value, f"{country}{98 - int(as_number) % 97:02d}{account}")


def licence_plate(value: str, language: str, draw: DeterministicChoice) -> str | None:
    """Return a plate of Q and C, first Q: no series has these letters."""
    signs = [sign for sign in value if sign.isalnum()]
    if not all(sign.isascii() for sign in signs) or len(signs) > 8:
        return None
    letters = "Q" + "".join(draw.one_of("CQ") for _ in signs)
    digits = draw.digits(8)
    used = iter(letters)
    numbers = iter(digits)
    return fill(value, "".join(next(used) if s.isalpha() else next(numbers) for s in signs))


def city(value: str, language: str, draw: DeterministicChoice) -> str:
    """Return a city that most likely does not exist."""
    return draw.one_of(CITIES[language])


def street(value: str, language: str, draw: DeterministicChoice) -> str:
    """Return a street without a number."""
    return draw.one_of(STREETS[language])


def house_number(value: str, language: str, draw: DeterministicChoice) -> str:
    """Return a house number without an addition."""
    return str(draw.number(1, 199))


def date(value: str, language: str, draw: DeterministicChoice) -> str | None:
    """Return another date in the same form, at most two years away."""
    words = [word.lower() for word in _PARTS.findall(value) if word.isalpha()]
    months = [_month_list(word) for word in words]
    numbers = [int(part) for part in _PARTS.findall(value) if part.isdecimal()]
    if None in months or len(months) > 1 or len(numbers) + len(months) != 3:
        return None
    years = [part for part in _PARTS.findall(value) if part.isdecimal() and len(part) == 4]
    if len(years) > 1 or not all(len(str(part)) in (1, 2, 4) for part in numbers):
        return None
    year_at = _year_at(value)
    return "".join(
        _date_part(part, draw, is_year=at == year_at, named_month=bool(months))
        for at, part in enumerate(re.split(r"(\d+|[^\W\d_]+)", value))
    )


def _year_at(value: str) -> int:
    """Return the index of the year: the number of four digits, else the last one."""
    parts = re.split(r"(\d+|[^\W\d_]+)", value)
    numbers = [at for at, part in enumerate(parts) if part.isdecimal()]
    return next((at for at in numbers if len(parts[at]) == 4), numbers[-1])


def _date_part(part: str, draw: DeterministicChoice, *, is_year: bool, named_month: bool) -> str:
    if part.isdecimal():
        if is_year:
            year = int(part) + draw.number(-2, 2)
            return f"{year % 10 ** len(part):0{len(part)}d}"
        # Without the name of a month, either number may be the month.
        most = 9 if len(part) == 1 else 28 if named_month else 12
        return f"{draw.number(1, most):0{len(part)}d}"
    names = _month_list(part.lower())
    if names is None:
        return part
    month = draw.one_of(names)
    return month.upper() if part.isupper() else month.capitalize() if part[0].isupper() else month


def _month_list(word: str) -> tuple[str, ...] | None:
    return next((names for names in _MONTHS if word in names), None)


MAKERS: dict[str, Maker] = {
    "EMAIL": email,
    "PHONE": phone,
    "POSTCODE": postcode,
    "CITY": city,
    "DATE_OF_BIRTH": date,
    "IBAN": iban,
    "LICENSE_PLATE": licence_plate,
}
SUPPORTED = frozenset((*MAKERS, "PERSON", "STREET_ADDRESS"))
