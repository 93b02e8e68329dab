"""Streets and cities, in the forms of eight languages."""

from random import Random

from training.entities.names import is_heldout
from training.entities.template_files import pool

_COUNTRIES = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "pl": "polish",
    "sv": "swedish",
}


class Places:
    """Draws streets, addresses, postcodes and towns."""

    def __init__(self, dutch_towns: list[str], surnames: list[str], *, evaluation: bool) -> None:
        self._evaluation = evaluation
        self._towns = self._split(dutch_towns)
        self._surnames = self._split(surnames)

    def _split(self, entries: list[str]) -> list[str]:
        return [entry for entry in entries if is_heldout(entry) is self._evaluation] or entries

    def _pool(self, section: str) -> list[str]:
        return self._split(pool("pool_places", section))

    def town(self, rng: Random, language: str) -> str:
        """Return a city as a residence or birthplace."""
        draw = rng.random()
        if draw < 0.14:
            return rng.choice(self._pool("foreign_towns"))
        if language == "nl" or draw > 0.72:
            if draw > 0.94:
                return rng.choice(self._pool("flemish_towns"))
            if rng.random() < 0.4:
                return rng.choice(self._pool("dutch_big"))
            return rng.choice(self._towns)
        return rng.choice(self._pool(f"{_COUNTRIES[language]}_towns"))

    def postcode(self, rng: Random, language: str) -> str:
        if language == "nl":
            letters = "".join(rng.choices("ABCDEGHJKLMNPRSTVWXZ", k=2))
            return f"{rng.randint(1000, 9999)}{rng.choice((' ', ' ', ''))}{letters}"
        if language == "en":
            outward = rng.choice(("M", "LS", "BS", "SW", "EH", "CF", "G", "NE", "B", "OX", "SE"))
            letters = "".join(rng.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
            return f"{outward}{rng.randint(1, 19)} {rng.randint(1, 9)}{letters}"
        return f"{rng.randint(10000, 98999)}"

    def street(self, rng: Random, language: str) -> str:
        if language == "nl" or rng.random() < 0.08:
            return self._dutch(rng)
        if language == "en":
            if rng.random() < 0.25:
                return rng.choice(self._pool("english_full"))
            base = rng.choice(self._pool("english"))
            if rng.random() < 0.1:
                base = rng.choice(self._surnames)
            return f"{base} {rng.choice(pool('pool_places', 'english_suffixes'))}"
        return rng.choice(self._pool(f"{_COUNTRIES[language]}_streets"))

    def _dutch(self, rng: Random) -> str:
        form = rng.random()
        if form < 0.17:
            return rng.choice(self._pool("suffixless"))
        suffix = rng.choice(pool("pool_places", "suffixes"))
        if form < 0.32:
            base = rng.choice(self._surnames)
        elif form < 0.42:
            base = rng.choice(self._towns).removesuffix("en")
        else:
            base = rng.choice(self._pool("bases"))
        if form > 0.95:
            return f"{rng.choice(('Laan van', 'Weg naar', 'Plein van', 'Hof van'))} {base}"
        if form > 0.9:
            return (
                f"{rng.choice(('Oude', 'Nieuwe', 'Korte', 'Lange', '1e', 'Tweede'))} {base}{suffix}"
            )
        return base + (f" {suffix}" if base[-1] in ".'" else suffix)

    def address(self, rng: Random, language: str) -> str:
        """Return street, house number and addition, in the order of the country."""
        street = self.street(rng, language)
        number = str(rng.randint(1, 99) if rng.random() < 0.7 else rng.randint(100, 999))
        if language == "en":
            return _english(rng, street, number)
        if language == "fr":
            return f"{number}{rng.choice((' ', ', ', ' bis ', ' '))}{street}"
        if language == "es":
            return f"{street}{rng.choice((' ', ', ', ', nº '))}{number}" + rng.choice((
                "",
                ", 3º B",
                ", 2º",
                "",
            ))
        return f"{street} {number}{_addition(rng)}"


def _addition(rng: Random) -> str:
    if rng.random() < 0.62:
        return ""
    letter = rng.choice("ABCDEFH")
    return rng.choice((
        letter,
        letter.lower(),
        f" {letter}",
        f"-{rng.randint(1, 4)}",
        f"-{letter}",
        " bis",
        " hs",
        "-hs",
        f" {rng.choice(('I', 'II', 'III', 'IV'))}",
        "-II",
        f" {rng.randint(2, 4)}hoog",
        f"/{rng.randint(1, 12)}",
        f", app. {rng.randint(1, 40)}",
        f" unit {rng.randint(1, 9)}",
        f"-{rng.randint(10, 99)}",
        " zw",
        "-bis",
        f" kamer {rng.randint(1, 30)}",
        f" bus {rng.randint(1, 9)}",
        " rood",
        f"-{rng.randint(1, 4)}{letter}",
        " boven",
    ))


def _english(rng: Random, street: str, number: str) -> str:
    letter = rng.choice("ABC") if rng.random() < 0.12 else ""
    plain = f"{number}{letter} {street}"
    unit = rng.randint(1, 40)
    form = rng.random()
    if form < 0.7:
        return plain
    return rng.choice((
        f"Flat {unit}, {plain}",
        f"{plain}, Flat {unit}",
        f"Apartment {unit}, {plain}",
        f"Unit {unit}, {plain}",
        f"{plain}, Apt {unit}",
        f"{plain} Apt. {unit}{letter}",
        f"{plain}, Suite {unit}00",
        f"Flat {unit}{letter} {plain}",
        f"{plain} #{unit}",
        f"{street} {number}",
    ))
