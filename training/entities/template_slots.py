"""Slots of a template: persons, places, dates, and all that is not personal data."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from training.entities.names import Names, Person
from training.entities.places import Places
from training.entities.template_files import pool

_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SLOT = re.compile(r"\{([A-Za-z]+?)(\d?)\}")
_TITLES = {
    "nl": (
        "mevrouw",
        "meneer",
        "de heer",
        "dhr.",
        "mw.",
        "mevr.",
        "dr.",
        "drs.",
        "ir.",
        "mr.",
        "prof.",
        "Mevrouw",
        "De heer",
        "Dhr.",
        "Mw.",
        "dokter",
        "zuster",
        "juf",
        "meester",
        "tante",
        "oom",
        "opa",
        "oma",
    ),
    "en": (
        "Mr",
        "Mrs",
        "Ms",
        "Mr.",
        "Mrs.",
        "Ms.",
        "Miss",
        "Dr",
        "Dr.",
        "Prof.",
        "Professor",
        "Sir",
        "Nurse",
        "Councillor",
        "Rev.",
        "Aunt",
        "Uncle",
    ),
    "de": ("Herr", "Frau", "Dr.", "Prof."),
    "fr": ("M.", "Mme", "Monsieur", "Madame", "Dr"),
    "es": ("Sr.", "Sra.", "don", "doña", "señora"),
    "it": ("Sig.", "Sig.ra", "signora", "Dott."),
    "pl": ("Pan", "Pani", "dr"),
    "sv": ("herr", "fru", "dr"),
}
_PERIOD = {"nl": "uur", "en": "", "de": "Uhr", "fr": "", "es": ""}


@dataclass(slots=True)
class Sample:
    """A text with its labels: spans of (start, end, type)."""

    text: str = ""
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, text: str, kind: str = "") -> None:
        if kind and text:
            self.spans.append((len(self.text), len(self.text) + len(text), kind))
        self.text += text

    def merged(self) -> "Sample":
        """Join labelled pieces of one type that a space separates."""
        spans: list[tuple[int, int, str]] = []
        for start, end, kind in sorted(self.spans):
            if spans and spans[-1][2] == kind != "?" and self.text[spans[-1][1] : start] == " ":
                spans[-1] = (spans[-1][0], end, kind)
            else:
                spans.append((start, end, kind))
        return Sample(self.text, spans)

    def join(self, other: "Sample") -> None:
        shift = len(self.text)
        self.text += other.text
        self.spans += [(a + shift, b + shift, kind) for a, b, kind in other.spans]


@dataclass(frozen=True, slots=True)
class Words:
    """Ordinary words of Dutch and English."""

    plain: list[str]  # not names
    double: list[str]  # names too, with a capital


@dataclass(slots=True)
class Scene:
    """The persons and places of one text; a number means the same one throughout."""

    names: Names
    places: Places
    rng: Random
    language: str
    words: "Words"
    evaluation: bool = False
    people: dict[str, Person] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    def person(self, number: str) -> Person:
        if not number:
            return self.names.person(self.rng, self.language)
        if number not in self.people:
            self.people[number] = self.names.person(self.rng, self.language)
        return self.people[number]

    def fixed_value(self, key: str, make: Callable[[], str]) -> str:
        if not key[-1].isdigit():
            return make()
        if key not in self.fixed:
            self.fixed[key] = make()
        return self.fixed[key]


def fill(template: str, scene: Scene) -> Sample:
    """Choose the alternatives of a template; fill and label its slots.

    Raises:
        KeyError: The template has a slot that does not exist.
    """
    rng = scene.rng
    while _CHOICE.search(template):
        template = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
    sample, at = Sample(), 0
    for match in _SLOT.finditer(template):
        sample.add(template[at : match.start()])
        _fill_slot(sample, scene, match[1], match[2])
        at = match.end()
    sample.add(template[at:])
    return sample


def _fill_slot(sample: Sample, scene: Scene, slot: str, number: str) -> None:
    rng, language = scene.rng, scene.language
    if slot in _PERSON:
        text = _PERSON[slot](scene.person(number), rng)
        sample.add(text, "PERSON")
    elif slot == "T" and number:
        sample.add(rng.choice(_TITLES[language]) + " ")
        person = scene.person(number)
        form = rng.random()
        sample.add(
            person.surname(rng)
            if form < 0.6
            else person.initialled(rng)
            if form < 0.8
            else person.full(rng),
            "PERSON",
        )
    elif slot == "A":
        make = lambda: scene.places.address(rng, language)  # noqa: E731  # one word each
        sample.add(scene.fixed_value(slot + number, make), "STREET_ADDRESS")
    elif slot == "S":
        sample.add(
            scene.fixed_value("S" + number, lambda: scene.places.street(rng, language)),
            "STREET_ADDRESS",
        )
    elif slot == "C":
        sample.add(
            scene.fixed_value("C" + number, lambda: scene.places.town(rng, language)), "CITY"
        )
    elif slot == "E":
        sample.add(_mail(scene.person(number), rng))
    elif slot == "U":
        sample.add(_user(scene.person(number), rng))
    elif slot == "Z":
        # A street as a public place, not as an address.
        sample.add(scene.places.street(rng, language), "?" if scene.people else "")
    elif slot == "K":
        # Near a person a city alone is ambiguous, so it has no label.
        sample.add(scene.places.town(rng, language), "?" if scene.people else "")
    else:
        sample.add(scene.fixed_value(slot + number, lambda: _OTHER[slot](scene)))


_PERSON: dict[str, Callable[[Person, Random], str]] = {
    "P": Person.full,
    "F": Person.given,
    "L": Person.surname,
    "I": Person.initialled,
    "LF": Person.listed,
    "N": Person.any,
    "FL": lambda person, _: f"{person.first} {person.last}",
}


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower()) or "info"


def _mail(person: Person, rng: Random) -> str:
    domain = rng.choice((
        "example.nl",
        "example.com",
        "voorbeeld.nl",
        "gmail.com",
        "zorggroep.example",
        "outlook.com",
    ))
    first, last = _ascii(person.first), _ascii(person.last)
    return (
        rng.choice((f"{first}.{last}", f"{first[0]}.{last}", f"{first}{rng.randint(1, 99)}", last))
        + "@"
        + domain
    )


def _user(person: Person, rng: Random) -> str:
    first, last = _ascii(person.first), _ascii(person.last)
    return rng.choice((
        f"{first[0]}{last}",
        f"{first}_{last}",
        f"{last}{first[0]}",
        f"u{rng.randint(1000, 99999)}",
    ))


def _organisation(scene: Scene) -> str:
    return scene.rng.choice(pool("pool_words", "org"))


def _family_firm(scene: Scene) -> str:
    """Return a firm with a surname, which is not a person."""
    rng, language = scene.rng, scene.language
    if rng.random() < 0.22:
        return rng.choice(pool("pool_words", "surname_brand"))
    last = scene.names.person(rng, language)
    name = last.surname(rng)
    if rng.random() < 0.2:
        other = scene.names.person(rng, language).surname(rng)
        name = f"{name} {rng.choice(('&', 'en', '/')) if language == 'nl' else '&'} {other}"
        if "&" in name and rng.random() < 0.5:
            return name
    if language == "nl" and rng.random() < 0.35:
        return f"{rng.choice(pool('pool_words', 'org_prefix.nl'))} {name}"
    return f"{name} {rng.choice(pool('pool_words', f'org_form.{language}'))}"


def _date(scene: Scene) -> str:
    rng, language = scene.rng, scene.language
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1940, 2026)
    name = pool("pool_words", f"month.{language}")[month - 1]
    return rng.choice((
        f"{day} {name} {year}",
        f"{day} {name}",
        f"{day:02}-{month:02}-{year}",
        f"{day}-{month}-{year}",
        f"{year}-{month:02}-{day:02}",
        f"{day}/{month}/{year}",
        f"{day:02}.{month:02}.{year}",
        f"{name} {day}, {year}" if language == "en" else f"{day} {name[:3]}. {year}",
    ))


def _time(scene: Scene) -> str:
    hour, minute = scene.rng.randint(0, 23), scene.rng.choice((0, 15, 30, 45, 5, 52))
    clock = f"{hour:02}{scene.rng.choice((':', ':', '.'))}{minute:02}"
    return (
        f"{clock} {_PERIOD.get(scene.language, '')}".strip() if scene.rng.random() < 0.4 else clock
    )


def _identifier(scene: Scene) -> str:
    rng = scene.rng
    number = rng.randint(1000, 9_999_999)
    return rng.choice((
        f"{number}",
        f"INC{number:07}",
        f"2024-{number % 100000:05}",
        f"#{number}",
        f"ORD-{number}",
        f"PRJ-{number % 1000}",
        f"srv-db-{number % 100:02}",
        f"KL{number}",
        f"{number % 1000}/24",
    ))


def _money(scene: Scene) -> str:
    amount = scene.rng.randint(3, 9000)
    cents = f"{scene.rng.randint(0, 99):02}"
    if scene.language == "en":
        return f"{scene.rng.choice('£€$')}{amount:,}.{cents}"
    return scene.rng.choice((
        f"€ {amount},{cents}",
        f"€{amount}",
        f"{amount} euro",
        f"EUR {amount},{cents}",
    ))


def _iban(scene: Scene) -> str:
    rng = scene.rng
    check, bank = rng.randint(10, 99), rng.choice(("RABO", "INGB", "ABNA"))
    return f"NL{check} {bank} 0{rng.randint(10**8, 10**9 - 1)}"


def _phone(scene: Scene) -> str:
    digits = "".join(scene.rng.choices("0123456789", k=8))
    forms = (
        f"06-{digits}",
        f"06 {digits[:4]} {digits[4:]}",
        f"+31 6 {digits}",
        f"020-{digits[:7]}",
    )
    english = (
        f"020 7{digits[:3]} {digits[3:7]}",
        f"+44 7{digits[:3]} {digits[3:]}0",
        f"07{digits}1",
    )
    return scene.rng.choice(english if scene.language == "en" else forms)


def _word(section: str, *, by_language: bool = False) -> Callable[[Scene], str]:
    def draw(scene: Scene) -> str:
        return scene.rng.choice(
            pool("pool_words", f"{section}.{scene.language}" if by_language else section)
        )

    return draw


def _country(scene: Scene) -> str:
    return scene.rng.choice(
        pool("pool_words", "country.en" if scene.language == "en" else "country.nl")
    )


def _capitalised(scene: Scene) -> str:
    """Return ordinary words with capitals, which are not names."""
    count = scene.rng.choice((1, 2, 2, 2, 3))
    return " ".join(word.capitalize() for word in scene.rng.choices(scene.words.plain, k=count))


def _word_or_name(scene: Scene) -> str:
    """Return an ordinary word; without a capital, a possible name is an ordinary word too."""
    words = scene.words.double if scene.rng.random() < 0.45 else scene.words.plain
    return scene.rng.choice(words)


def _institution(scene: Scene) -> str:
    section = "institution.en" if scene.language == "en" else "institution"
    return scene.rng.choice(pool("pool_words", section))


_OTHER: dict[str, Callable[[Scene], str]] = {
    "O": _organisation,
    "OS": _family_firm,
    "PC": lambda scene: scene.places.postcode(scene.rng, scene.language),
    "D": _date,
    "M": _word("month", by_language=True),
    "W": _word("weekday", by_language=True),
    "T": _time,
    "n": lambda scene: str(scene.rng.randint(2, scene.rng.choice((60, 9999)))),
    "id": _identifier,
    "EUR": _money,
    "TEL": _phone,
    "IBAN": _iban,
    "BSN": lambda scene: str(scene.rng.randint(10**8, 10**9 - 1)),
    "X": _word("product"),
    "V": lambda scene: (
        f"{scene.rng.randint(0, 25)}.{scene.rng.randint(0, 9)}.{scene.rng.randint(0, 30)}"
    ),
    "J": _word("job", by_language=True),
    "DEP": _word("dep", by_language=True),
    "Y": _country,
    "EP": _word("eponym"),
    "FAM": _word("famous"),
    "IT": _word("item"),
    "TOP": _word("topic"),
    "TL": _word("tool"),
    "NT": _word("named_things"),
    "INS": _institution,
    "TT": _capitalised,
    "ww": _word_or_name,
}
