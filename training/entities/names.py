"""Persons: names of the backgrounds in Dutch and English business texts, in all forms."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from training.entities.template_files import sections

_PARTICLES = (
    "van",
    "de",
    "den",
    "der",
    "het",
    "'t",
    "ter",
    "ten",
    "te",
    "in",
    "op",
    "aan",
    "uit",
    "von",
    "zu",
    "la",
    "le",
    "da",
    "di",
    "do",
    "dos",
    "du",
    "el",
    "al",
    "bin",
    "ben",
    "van't",
)
_SHORT = (
    ("van der", ("v.d.", "v/d", "vd", "v. d.")),
    ("van de", ("v.d.", "v/d", "vd")),
    ("van den", ("v.d.", "v/d", "vd")),
    ("van", ("v.", "v")),
)
# Share of each source for a text in that language; all other pools share the rest.
_DUTCH = (
    ("gazetteer", 0.42),
    ("nl_NL", 0.05),
    ("dutch", 0.11),
    ("frisian", 0.03),
    ("particles", 0.08),
)
_SHARES = {
    "nl": _DUTCH,
    "en": (("en_GB", 0.3), ("en_US", 0.2), ("gazetteer", 0.12), ("dutch", 0.03)),
    "de": (("de_DE", 0.65), ("gazetteer", 0.1)),
    "fr": (("fr_FR", 0.65), ("gazetteer", 0.1)),
    "es": (("es_ES", 0.65), ("gazetteer", 0.1)),
    "it": (("it_IT", 0.75),),
    "pl": (("pl_PL", 0.5), ("polish", 0.3)),
    "sv": (("sv_SE", 0.75),),
}
FAKER_LOCALES = (
    "nl_NL",
    "nl_BE",
    "en_GB",
    "en_US",
    "en_IE",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pt_PT",
    "sv_SE",
    "da_DK",
    "no_NO",
    "fi_FI",
    "pl_PL",
    "tr_TR",
    "hu_HU",
    "cs_CZ",
    "ro_RO",
    "hr_HR",
    "en_IN",
    "id_ID",
    "vi_VN",
    "tw_GH",
    "en_NG",
    "en_KE",
    "en_PK",
    "et_EE",
    "lt_LT",
    "sk_SK",
)


def is_heldout(name: str) -> bool:
    """Return whether a name part is held out: about one in ten, by checksum."""
    return zlib.crc32(name.casefold().encode()) % 10 == 0


@dataclass(frozen=True, slots=True)
class NameSource:
    """First and last names of one background, with cumulative weights for the draw."""

    first: Sequence[str]
    first_weights: Sequence[float]
    last: Sequence[str]
    last_weights: Sequence[float]


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person; ``last`` begins with its particles."""

    first: str
    last: str
    second: str
    middle: str

    def initials(self, rng: Random) -> str:
        letters = [self.first[0].upper()]
        if rng.random() < 0.4:
            letters.append(self.middle[0].upper())
        if rng.random() < 0.1:
            letters.append(rng.choice("ABCDEGHJKLMPRSTW"))
        mark = rng.choices((".", ". ", "", " "), (0.8, 0.08, 0.08, 0.04))[0]
        return mark.join(letters) + (mark.strip() or "")

    def full(self, rng: Random) -> str:
        form = rng.random()
        if form < 0.68:
            return f"{self.first} {self.last}"
        if form < 0.80:
            return self.initialled(rng)
        if form < 0.86:
            return f"{self.first} {self.last}-{self.second}"
        if form < 0.92:
            return f"{self.first} {self.middle} {self.last}"
        if form < 0.95:
            return f"{self.first} {self.middle[0]}. {self.last}"
        if form < 0.965:
            return f"{self.first}-{self.middle} {self.last}"
        if form < 0.98:
            return self.shortened(rng)
        return f"{self.first} {self.last} {self.second}"

    def given(self, rng: Random) -> str:
        """Return the first name, sometimes with the first letter of the last."""
        return self.first if rng.random() < 0.96 else self.shortened(rng)

    def shortened(self, rng: Random) -> str:
        core = self.last.rsplit(" ", maxsplit=1)[-1]
        particles = self.last.removesuffix(core) if rng.random() < 0.5 else ""
        return f"{self.first} {particles}{core[0]}{rng.choice(('', '.'))}"

    def initialled(self, rng: Random) -> str:
        return f"{self.initials(rng)} {self.last}"

    def surname(self, rng: Random) -> str:
        """Return the last name as after a title: often with a capital on the particle."""
        last = self.last
        if rng.random() < 0.08:
            last = f"{last}-{self.second}"
        return last[0].upper() + last[1:] if rng.random() < 0.6 else last

    def listed(self, rng: Random) -> str:
        """Return `Last, First` as in registers, with the particles last or first."""
        words = self.last.split(" ")
        count = next((i for i, w in enumerate(words) if w.casefold() not in _PARTICLES), 0)
        given = self.first if rng.random() < 0.7 else self.initials(rng)
        if count and rng.random() < 0.6:
            core, particles = " ".join(words[count:]), " ".join(words[:count])
            return rng.choice((f"{core}, {given} {particles}", f"{core}, {particles}, {given}"))
        return f"{self.last}, {given}"

    def any(self, rng: Random) -> str:
        return rng.choice((self.full, lambda _: self.first, self.surname, self.initialled))(rng)


class Names:
    """Draws persons; held-out texts use name parts that training never uses."""

    def __init__(self, sources: dict[str, NameSource], *, evaluation: bool) -> None:
        self._sources = {
            name: source
            for name, whole in (sources | _pool_sources() | _particle_sources(sources)).items()
            if (source := _split(whole, evaluation=evaluation)).first and source.last
        }
        self._world = [
            n for n in self._sources if n not in {"gazetteer", "dutch", "nl_NL", "particles"}
        ]

    def person(self, rng: Random, language: str) -> Person:
        first = self._sources[self._background(rng, language)]
        # A surname of another background, as after marriage, in one of twelve.
        last = first if rng.random() < 0.92 else self._sources[self._background(rng, language)]
        given = _draw(rng, first.first, first.first_weights)
        middle = _draw(rng, first.first, first.first_weights)
        return Person(given, self._last(rng, last), self._last(rng, last), middle)

    def _background(self, rng: Random, language: str) -> str:
        point = rng.random()
        for name, share in _SHARES[language]:
            if (point := point - share) < 0 and name in self._sources:
                return name
        return rng.choice(self._world)

    def _last(self, rng: Random, source: NameSource) -> str:
        last = _draw(rng, source.last, source.last_weights)
        form = rng.random()
        if last.startswith(("El ", "Al ", "Ben ", "Aït ", "Al-")) and form < 0.3:
            joint = rng.choice(("-", " ", ""))
            last = last.replace(" ", joint).replace("-", joint)
        elif form < 0.1:
            for whole, short in _SHORT:
                if last.casefold().startswith(f"{whole} "):
                    return rng.choice(short) + last[len(whole) :]
        elif form > 0.97 and last.isascii() is False:
            last = last.replace("ı", "i").replace("ö", "o").replace("ü", "u").replace("ş", "s")
        return last


def _pool_sources() -> dict[str, NameSource]:
    found = {}
    for origin, lines in sections("pool_names").items():
        first, last = lines[0].split(), lines[1].split("|")
        found[origin] = NameSource(first, [1.0] * len(first), last, [1.0] * len(last))
    return found


def _particle_sources(sources: dict[str, NameSource]) -> dict[str, NameSource]:
    """Return Dutch surnames of several words, to be drawn more often than they occur."""
    whole = sources["gazetteer"]
    pairs = [(n, w) for n, w in zip(whole.last, whole.last_weights, strict=True) if " " in n]
    last, weights = [n for n, _ in pairs], [w**0.6 for _, w in pairs]
    return {"particles": NameSource(whole.first, whole.first_weights, last, weights)}


def _split(source: NameSource, *, evaluation: bool) -> NameSource:
    def cut(names: Sequence[str], weights: Sequence[float]) -> tuple[list[str], list[float]]:
        pairs = [(n, w) for n, w in zip(names, weights, strict=True) if is_heldout(n) is evaluation]
        total, sums = 0.0, []
        for _, weight in pairs:
            total += weight
            sums.append(total)
        return [n for n, _ in pairs], sums

    return NameSource(
        *cut(source.first, source.first_weights), *cut(source.last, source.last_weights)
    )


def _draw(rng: Random, names: Sequence[str], sums: Sequence[float]) -> str:
    return rng.choices(names, cum_weights=sums)[0]
