"""Ordinary passages for training: business texts, manuals and code, none from an evaluation set."""

import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from random import Random

from faker import Faker

from training.content.sources import NONE, Row
from training.entities.template_files import documents, sections

_SLOT = re.compile(r"\{([A-Za-z]+)\d*\}")
_MARK = re.compile(r"\[\[(?:~|[A-Z_]+):(.+?)\]\]", re.DOTALL)
_CHOICE = re.compile(r"\[([^\[\]\n]*\|[^\[\]\n]*)\]")
_LABEL = re.compile(r"^(?:[A-Z]{4,}|none|doubt): ")
_OTHERS = ("de", "fr", "es", "it", "pl", "sv")
_CODE_FILES, _CODE_LINES = 400, 14


class Ordinary:
    """Draws passages; the same seed gives the same ones."""

    def __init__(self, prose: dict[str, list[str]], rows: list[Row], marked: list[str]) -> None:
        self._templates = {one: list(_templates(one)) for one in ("nl", "en", *_OTHERS)}
        self._prose, self._marked = prose, marked
        self._rows = [one.text for one in rows if one.category == NONE]
        self._code = list(_code())
        Faker.seed(7)
        self._faker = {"nl": Faker("nl_NL"), "en": Faker("en_GB")}
        self._names = {
            one: [
                (faker.first_name(), faker.last_name(), faker.city(), faker.street_name())
                for _ in range(3000)
            ]
            for one, faker in self._faker.items()
        }

    def __call__(self, rng: Random, language: str) -> str:
        """Return one passage in the language, sometimes code or another language."""
        kind = rng.random()
        if kind > 0.65:
            return rng.choice(self._marked)
        if kind < 0.04:
            language = rng.choice(_OTHERS)
        elif kind < 0.08:
            return rng.choice(self._code)
        elif kind < 0.2 and self._prose.get(language):
            return rng.choice(self._prose[language])
        elif kind < 0.4 and language == "en" and self._rows:
            return rng.choice(self._rows)
        return self._filled(rng.choice(self._templates[language]), rng, language)

    def _filled(self, template: str, rng: Random, language: str) -> str:
        names = self._names["nl" if language == "nl" else "en"]
        text = _MARK.sub(r"\1", template)
        text = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), text)
        return _SLOT.sub(lambda found: _value(found[1], rng, rng.choice(names)), text)


def _value(slot: str, rng: Random, name: tuple[str, str, str, str]) -> str:
    """Return a value for a slot of the templates of names; unknown slots become a number."""
    first, last, town, street = name
    values = {
        "A": f"{street} {rng.randint(1, 200)}",
        "C": town,
        "D": f"{rng.randint(1, 28)}-{rng.randint(1, 12)}-{rng.randint(1950, 2027)}",
        "E": f"{first.lower()}@example.org",
        "EP": last,
        "EUR": f"€ {rng.randint(5, 90000)}",
        "F": first,
        "I": f"{first[0]}. {last}",
        "K": town,
        "L": last,
        "LF": f"{last}, {first}",
        "O": f"{last} BV",
        "OS": f"{last} Groep",
        "P": f"{first} {last}",
        "T": f"{rng.randint(0, 23):02}.{rng.randint(0, 59):02}",
        "X": last,
    }
    return values.get(slot, str(rng.randint(1, 99999)))


def _templates(language: str) -> Iterator[str]:
    for kind in ("sentences", "negative", "topics"):
        for name, lines in sections(f"{language}_{kind}").items():
            if not name.endswith("!"):
                yield from (_LABEL.sub("", line) for line in lines)
    if language in {"nl", "en"}:
        for kind in ("docs", "secrets"):
            for name, texts in documents(f"{language}_{kind}").items():
                if not name.endswith("!"):
                    yield from texts


def _code() -> Iterator[str]:
    """Yield pieces of the standard library of Python."""
    rng = Random(3)  # noqa: S311  # texts, no secrets
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    for _ in range(_CODE_FILES * 4):
        lines = rng.choice(files).read_text(encoding="utf-8", errors="replace").splitlines()
        at = rng.randrange(max(1, len(lines) - _CODE_LINES))
        if piece := "\n".join(lines[at : at + rng.randint(3, _CODE_LINES)]).strip():
            yield piece
